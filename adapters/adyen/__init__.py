"""Adyen reports: posted by whoever fetches them, or fetched as Adyen says that there is one.

A webhook is signed by Adyen over some of its fields, not over the place of the report: it is
fetched from the address in the settings alone, below the account that is signed.
"""

import base64
import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from pydantic import Field, SecretStr

from adapters.kit.auth import Basic
from adapters.kit.files.posted import TOPIC, Posted, verifier
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OptOutwardSecret, revealed
from adapters.kit.signature import digest
from adapters.ports import Adapter, Call, Clock, Delivery, Parts
from hub.model.errors import BadData, Ignored, NeedsPerson, NotAuthentic
from mappings.adyen import DECODE
from mappings.adyen.notifications import REPORT, Notification, notifications
from mappings.kit import Context, decode

_PLACE = re.compile(
    r"https://[^/]+(/reports/download/(?:MerchantAccount|Company)/([\w.-]+)/([\w.-]+))", re.ASCII
)


class Settings(Posted):
    """Settings and secrets of an Adyen account."""

    reports_url: str = Field("https://ca-live.adyen.com", description="where reports are fetched")
    report_user: str | None = Field(None, description="report@Company.…, who may fetch reports")
    reports: tuple[str, ...] = Field(
        ("settlement_detail_report",), description="how the names begin of those that are fetched"
    )
    report_password: OptOutwardSecret = Field(None, description="the report user's password")
    hmac_key: SecretStr | None = Field(
        None, description="signs standard webhooks, in hexadecimal as Adyen shows it; one a line"
    )


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One account."""
    session = None
    if settings.report_user and settings.report_password:
        password = settings.report_password.get_secret_value()
        auth = Basic(settings.report_user, [password])
        session = Session(settings.reports_url, transport, auth=auth, secrets=[password])
    keys = settings.hmac_key.get_secret_value().split() if settings.hmac_key else []
    return Parts(
        check=lambda: None,
        verify=partial(_verified, revealed(settings.webhook_secret), keys),
        decode=partial(decode, DECODE, at=at),
        whole=partial(_whole, settings, session),
    )


def _verified(secrets: tuple[str, ...], keys: Sequence[str], call: Call, now: datetime) -> Delivery:
    """A report that is posted, else a webhook of which each part is signed. No time is signed: a
    repeat is known by what it says.
    """
    told = [] if "webhook-signature" in call.headers else notifications(call.body)
    if not told:
        return verifier(secrets)(call, now)
    if not all(any(_is_signed(it, key) for key in keys) for it in told):
        raise NotAuthentic
    said = "|".join(f"{it.signed} {it.where}" for it in told)
    return Delivery(told[0].event, digest(said.encode()))


def _is_signed(told: Notification, key: str) -> bool:
    try:
        secret = bytes.fromhex(key)
    except ValueError:
        return False
    right = base64.b64encode(hmac.digest(secret, told.signed.encode(), "sha256"))
    return hmac.compare_digest(right, told.signature.encode())


def _whole(
    settings: Settings, session: Session | None, topic: str, raw: bytes
) -> tuple[str, bytes]:
    """In place of a webhook the report that it names."""
    if topic != REPORT:
        return topic, raw
    told = notifications(raw)
    if len(told) != 1:
        raise BadData(f"one report is expected, not {len(told)}", path="notificationItems")
    place = _PLACE.fullmatch(told[0].where)
    if not told[0].is_success:
        raise Ignored("no_consequence", f"the report failed: {told[0].where[:200]}")
    if place is None or place[2] != told[0].account:
        message = f"the place of a report of {told[0].account} is expected"
        raise BadData(message, path="notificationItems.0.reason")
    if not place[3].startswith(settings.reports):
        raise Ignored("no_consequence", f"{place[3][:100]} is not fetched")
    if session is None:
        raise NeedsPerson("a report user and its password are expected", code="missing_field")
    return TOPIC, session.call("GET", place[1], read="bytes")


ADAPTER = Adapter(Settings, connect)
