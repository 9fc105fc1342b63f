"""How Adyen says that there is a report, and how it is fetched."""

import base64
import hmac
import json
from datetime import UTC, datetime

import pytest

from adapters.adyen import ADAPTER, Settings
from adapters.adyen.conformance import CONFORMS
from adapters.kit.http import Transport
from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.ports import Call, documents_of, now_utc
from hub.model.errors import BadData, Ignored, NeedsPerson, NotAuthentic
from mappings.kit import Context

KEY = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
SAMPLE = CONFORMS.samples[0]
NAME = "settlement_detail_report_batch_7.csv"
PLACE = f"https://ca-live.adyen.com/reports/download/MerchantAccount/AcmeEU/{NAME}"


def webhook(key: str = KEY, **changes: object) -> bytes:
    item = {
        "amount": {"currency": "EUR", "value": 0},
        "eventCode": "REPORT_AVAILABLE",
        "eventDate": "2026-11-24T01:00:00+01:00",
        "merchantAccountCode": "AcmeEU",
        "merchantReference": "",
        "pspReference": "QFQTPCQ8HXSKGK82",
        "reason": PLACE,
        "success": "true",
        **changes,
    }
    signed = f"{item['pspReference']}::{item['merchantAccountCode']}::0:EUR:{item['eventCode']}:"
    made = hmac.digest(bytes.fromhex(key), f"{signed}{item['success']}".encode(), "sha256")
    item["additionalData"] = {"hmacSignature": base64.b64encode(made).decode()}
    tree = {"live": "true", "notificationItems": [{"NotificationRequestItem": item}]}
    return json.dumps(tree).encode()


def account(url="http://127.0.0.1:9", **how):
    told = {
        "webhook_secret": ("whsec_bmV3LXJlcG9ydHMtc2VjcmV0",),
        "reports_url": url,
        "report_user": "report@Company.Acme",
        "report_password": "a-password",
        "hmac_key": f"{'00' * 32}\n{KEY}",
        **how,
    }
    return ADAPTER.connect(
        Settings.model_validate(told), Context("adyen"), Transport.local(5), now_utc
    )


def verified(raw, **how):
    return account(**how).verify(Call("POST", "", {}, raw), NOW)


def test_what_adyen_signed_is_authentic_and_a_repeat_has_the_same_id():
    first, again = verified(webhook()), verified(webhook(eventDate="2026-11-24T02:00:00+01:00"))
    assert (first.topic, first.id) == ("REPORT_AVAILABLE", again.id)
    assert verified(webhook(pspReference="Q2")).id != first.id


@pytest.mark.parametrize(
    "raw",
    [
        webhook("11" * 32),
        webhook().replace(b"AcmeEU", b"Else"),
        webhook().replace(b'"success": "true"', b'"success": "false"'),
        webhook().replace(b"hmacSignature", b"signature"),
        json.dumps({"notificationItems": []}).encode(),
        json.dumps(
            {"notificationItems": [*json.loads(webhook())["notificationItems"],
                                   *json.loads(webhook("11" * 32))["notificationItems"]]}
        ).encode(),
    ],
)  # fmt: skip
def test_what_it_did_not_sign_is_refused(raw):
    with pytest.raises(NotAuthentic):
        verified(raw)


def test_without_a_key_no_webhook_is_authentic():
    with pytest.raises(NotAuthentic):
        verified(webhook(), hmac_key=None)


def test_the_report_that_it_names_is_fetched_from_the_address_in_the_settings():
    with Loopback(lambda _: Told(body=SAMPLE.raw, headers={"content-type": "text/csv"})) as adyen:
        parts = account(adyen.url)
        found = documents_of(parts, "REPORT_AVAILABLE", webhook())
    assert found == parts.decode("report", SAMPLE.raw)
    (asked,) = adyen.asked
    assert (asked.method, asked.path) == ("GET", f"/reports/download/MerchantAccount/AcmeEU/{NAME}")
    named = base64.b64encode(b"report@Company.Acme:a-password").decode()
    assert asked.headers["authorization"] == f"Basic {named}"


@pytest.mark.parametrize(
    ("changes", "fate"),
    [
        ({"success": "false"}, Ignored),
        ({"reason": PLACE.replace("settlement", "invoice")}, Ignored),
        ({"reason": PLACE.replace("AcmeEU", "Else")}, BadData),
        ({"reason": PLACE.replace("AcmeEU", "..")}, BadData),
        ({"reason": f"{PLACE}/../../x"}, BadData),
        ({"reason": f"{PLACE}?x=1"}, BadData),
        ({"reason": "the report is there"}, BadData),
    ],
)
def test_what_is_no_report_of_ours_is_not_fetched(changes, fate):
    with Loopback(lambda _: Told(body=SAMPLE.raw)) as adyen:
        with pytest.raises(fate):
            documents_of(account(adyen.url), "REPORT_AVAILABLE", webhook(**changes))
        assert adyen.asked == []


def test_without_a_report_user_a_person_is_asked():
    with pytest.raises(NeedsPerson):
        documents_of(account(report_user=None), "REPORT_AVAILABLE", webhook())


def test_other_webhooks_have_no_consequence():
    parts = account()
    raw = webhook(eventCode="AUTHORISATION")
    told = verified(raw)
    with pytest.raises(Ignored):
        documents_of(parts, told.topic, raw)
