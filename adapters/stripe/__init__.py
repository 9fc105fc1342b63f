"""Stripe: payouts with all that is in them, told by webhook, found by poll, or as reports in CSV.

A webhook is signed by Stripe and names a payout; what is in it is fetched. A report is posted by
whoever fetched it, signed after Standard Webhooks.
"""

import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import Field

from adapters.kit.auth import Bearer
from adapters.kit.files.posted import Posted, verifier
from adapters.kit.http import Transport
from adapters.kit.paging import by_cursor
from adapters.kit.session import Session
from adapters.kit.settings import OutwardSecret, revealed
from adapters.kit.signature import TOLERANCE, digest, hmac_sha256
from adapters.kit.tellings import listed
from adapters.ports import Adapter, Call, Clock, Cursor, Delivery, Page, Parts
from hub.model.errors import NotAuthentic, TryLater
from mappings.kit import Context, decode
from mappings.stripe import ORDER_METADATA, PAID, decoders, event

_VERSION = "2024-06-20"
_MOST = 100
_NUMBER = re.compile(r"po_[0-9A-Za-z_]{1,100}", re.ASCII)
Query = Sequence[tuple[str, str]]


class Settings(Posted):
    """Settings and secrets of a Stripe connection."""

    api_url: str = Field("https://api.stripe.com", description="where the API is, without /v1")
    account: str | None = Field(None, description="acct_…, for an account connected to yours")
    order_metadata: tuple[str, ...] = Field(
        ORDER_METADATA, description="metadata of a payment in which the channel names its order"
    )
    api_key: OutwardSecret = Field(description="restricted key that may read balance and payouts")


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One account."""
    secrets = revealed(settings.webhook_secret)
    headers = {"Stripe-Version": _VERSION}
    if settings.account:
        headers["Stripe-Account"] = settings.account
    auth = Bearer([settings.api_key.get_secret_value()])
    session = Session(settings.api_url, transport, auth=auth, headers=headers, secrets=secrets)
    return Parts(
        check=partial(session.call, "GET", "/v1/balance"),
        verify=partial(_verified, secrets),
        decode=partial(decode, decoders(settings.order_metadata), at=at),
        whole=partial(_whole, session),
        list=partial(_listing, session),
    )


def _verified(secrets: tuple[str, ...], call: Call, now: datetime) -> Delivery:
    """`t=…,v1=…`: HMAC-SHA256 over time and raw body, within five minutes of now. What has no such
    header is a report.
    """
    if "stripe-signature" not in call.headers:
        return verifier(secrets)(call, now)
    pairs = [part.partition("=") for part in call.headers["stripe-signature"].split(",")[:20]]
    stamps = [value for name, _, value in pairs if name.strip() == "t"]
    if len(stamps) != 1 or not (stamps[0].isdigit() and len(stamps[0]) <= 12):
        raise NotAuthentic
    given = [value.encode() for name, _, value in pairs if name.strip() == "v1"]
    signed = f"{stamps[0]}.".encode() + call.body
    right = [hmac_sha256(secret, signed).hex().encode() for secret in secrets]
    matches = [hmac.compare_digest(one, other) for one in right for other in given]
    if not any(matches):
        raise NotAuthentic
    if abs(now.timestamp() - int(stamps[0])) > TOLERANCE.total_seconds():
        raise NotAuthentic("stale_signature")
    told = event(call.body)
    return Delivery(told.topic, told.id or digest(call.body), told.about)


def _whole(session: Session, topic: str, raw: bytes) -> tuple[str, bytes]:
    """A webhook names a payout, and all that is in it comes in its place."""
    number = event(raw).about or ""
    if topic not in PAID or not _NUMBER.fullmatch(number):
        return topic, raw
    return "payout", _accounted(session, session.call("GET", f"/v1/payouts/{number}"))


def _listing(session: Session, _: str, since: Cursor) -> Iterator[Page]:
    """Payouts that are paid, by the day on which they arrive: Stripe lists the newest first."""
    query = [("status", "paid"), ("limit", str(_MOST))]
    if since.at is not None:
        query.append(("arrival_date[gte]", str(int(since.at.timestamp()))))
    payouts = sorted(_all(session, "/v1/payouts", query), key=lambda it: int(it["arrival_date"]))
    for payout in payouts:
        number, raw = str(payout["id"]), _accounted(session, payout)
        arrived = datetime.fromtimestamp(int(payout["arrival_date"]), UTC)
        yield Page([listed("payout", raw, number)], Cursor(arrived, number))


def _accounted(session: Session, payout: Mapping[str, Any]) -> bytes:
    """A payout with its transactions. Those of one that was asked for by hand nobody knows."""
    query = [("payout", str(payout["id"])), ("limit", str(_MOST)), ("expand[]", "data.source")]
    there = payout.get("status") == "paid" and payout.get("automatic") is not False
    rows = list(_all(session, "/v1/balance_transactions", query)) if there else []
    return json.dumps({"payout": payout, "transactions": rows}, ensure_ascii=False).encode()


def _all(session: Session, path: str, query: Query) -> Iterator[Mapping[str, Any]]:
    """All objects of a list, page by page."""

    def fetch(after: str | None) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        further = [("starting_after", after)] if after else []
        answer = session.call("GET", path, query=[*query, *further])
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise TryLater("Stripe answered no list")
        more = answer.get("has_more") is True and bool(rows)
        return rows, str(rows[-1]["id"]) if more else None

    for rows, _following in by_cursor(fetch):
        yield from rows


ADAPTER = Adapter(Settings, connect)
