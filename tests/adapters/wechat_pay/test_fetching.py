"""How WeChat Pay is asked for its bills: signed, held to their hash, and patient."""

import base64
import gzip
import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
import responses
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from adapters.kit.http import Transport
from adapters.kit.registry import make
from adapters.kit.settings import outward
from adapters.kit.testing.keys import key_pair
from adapters.ports import Cursor
from adapters.wechat_pay import Settings
from adapters.wechat_pay.conformance import CONFORMS
from hub.model.errors import NotAuthorised, Rejected, TryLater
from mappings.kit import Context, code_lists

API = "https://api.mch.weixin.qq.com"
PLACE, FILE = f"{API}/v3/bill/tradebill", f"{API}/v3/billdownload/file"
BILL = CONFORMS.samples[0].raw
SHA1 = hashlib.sha1(BILL, usedforsecurity=False).hexdigest()
PRIVATE, PUBLIC = key_pair("merchant")
WECHAT, WECHAT_PUBLIC = key_pair("wechat")
MORNING = datetime(2026, 11, 24, 3, tzinfo=UTC)  # 11:00 in China


def merchant(now=MORNING, private_key=PRIVATE, **settings):
    at = Context("wx", codes=code_lists("wechat_pay"))
    given = {"merchant_number": "1600", "certificate_serial": "3775B6A4", **settings}
    secrets = {"webhook_secret": "s", **({"private_key": private_key} if private_key else {})}
    return make("wechat_pay", given, secrets, at, Transport(), lambda: now)


def listed(parts, since=None):
    return [change for page in parts.list("report", Cursor(since)) for change in page.changes]


@pytest.fixture
def wechat():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as partner:
        yield partner


def place(wechat, sha1=SHA1, **answer):
    url = f"{FILE}?token=secret"
    told = {"hash_type": "SHA1", "hash_value": sha1, "download_url": url}
    return wechat.get(PLACE, json={**told, **answer})


def refusal(wechat, code, status=400):
    return wechat.get(PLACE, json={"code": code, "message": "words"}, status=status)


def test_a_bill_that_comes_compressed_is_read_and_both_requests_are_signed(wechat):
    place(wechat)
    wechat.get(FILE, body=gzip.compress(BILL))
    parts = merchant()
    (change,) = listed(parts)
    (report,) = parts.decode(change.delivery.topic, change.raw)
    assert report.report_id == "1600-20261120-CNY"
    assert [call.request.path_url for call in wechat.calls] == [
        "/v3/bill/tradebill?bill_date=2026-11-23&bill_type=ALL&tar_type=GZIP",
        "/v3/billdownload/file?token=secret",
    ]
    for call in wechat.calls:
        _check_signature(call.request)


def _check_signature(request):
    scheme, _, said = request.headers["Authorization"].partition(" ")
    told = dict(re.findall(r'(\w+)="([^"]*)"', said))
    assert scheme == "WECHATPAY2-SHA256-RSA2048"
    assert (told["mchid"], told["serial_no"]) == ("1600", "3775B6A4")
    assert told["timestamp"] == str(int(MORNING.timestamp()))
    signed = f"GET\n{request.path_url}\n{told['timestamp']}\n{told['nonce_str']}\n\n"
    key = load_pem_public_key(PUBLIC.encode())
    key.verify(base64.b64decode(told["signature"]), signed.encode(), PKCS1v15(), SHA256())


def test_a_bill_that_is_told_twice_is_one_however_it_is_compressed(wechat):
    place(wechat)
    wechat.get(FILE, body=gzip.compress(BILL, mtime=1))
    wechat.get(FILE, body=gzip.compress(BILL, 1, mtime=2))
    parts = merchant()
    (first,), (again,) = listed(parts), listed(parts)
    assert first.raw != again.raw
    assert first.delivery == again.delivery


def test_each_day_is_asked_for_from_the_cursor_to_the_last_that_is_ready(wechat):
    refusal(wechat, "NO_STATEMENT_EXIST")
    pages = list(merchant().list("report", Cursor(datetime(2026, 11, 21, 12, tzinfo=UTC))))
    asked = [call.request.params["bill_date"] for call in wechat.calls]
    assert asked == ["2026-11-21", "2026-11-22", "2026-11-23"]
    assert [page.changes for page in pages] == [[], [], []]
    assert pages[-1].after == Cursor(datetime(2026, 11, 22, 16, tzinfo=UTC), "2026-11-23")


def test_before_ten_in_china_the_day_before_is_not_asked_for(wechat):
    refusal(wechat, "NO_STATEMENT_EXIST")
    list(merchant(MORNING - timedelta(hours=2)).list("report", Cursor()))
    assert [call.request.params["bill_date"] for call in wechat.calls] == ["2026-11-22"]


def test_what_is_older_than_three_months_is_not_asked_for(wechat):
    refusal(wechat, "NO_STATEMENT_EXIST")
    list(merchant().list("report", Cursor(MORNING - timedelta(days=400))))
    assert wechat.calls[0].request.params["bill_date"] == "2026-08-27"


def test_a_bill_that_is_being_made_is_waited_for(wechat):
    refusal(wechat, "STATEMENT_CREATING")
    with pytest.raises(TryLater, match="2026-11-23 is being made") as later:
        listed(merchant())
    assert later.value.retry_after == 1800


def test_a_day_without_trades_that_is_being_made_for_ever_is_passed_over(wechat):
    refusal(wechat, "STATEMENT_CREATING")
    pages = merchant().list("report", Cursor(MORNING - timedelta(days=5)))
    assert [next(pages).after.id, next(pages).after.id] == ["2026-11-19", "2026-11-20"]
    with pytest.raises(TryLater, match="2026-11-21"):
        next(pages)


def test_a_bill_with_another_hash_is_not_taken(wechat):
    place(wechat, sha1="0" * 40)
    wechat.get(FILE, body=gzip.compress(BILL))
    with pytest.raises(TryLater, match="SHA1 differs"):
        listed(merchant())


@pytest.mark.parametrize("cut", [10, 200, -1])
def test_a_bill_that_was_cut_is_not_taken(wechat, cut):
    place(wechat)
    wechat.get(FILE, body=gzip.compress(BILL)[:cut])
    with pytest.raises(TryLater):
        listed(merchant())


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ({"hash_type": "MD5"}, Rejected),
        ({"hash_value": None}, TryLater),
        ({"download_url": ["x"]}, TryLater),
        ({"download_url": "https://evil.example/v3/billdownload/file?token=1"}, Rejected),
    ],
)
def test_an_answer_that_promises_no_bill_of_theirs_fetches_none(wechat, answer, fate):
    place(wechat, **answer)
    with pytest.raises(fate):
        listed(merchant())
    assert len(wechat.calls) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"[" * 100_000])
def test_what_is_no_answer_is_asked_for_again(wechat, body):
    wechat.get(PLACE, body=body)
    with pytest.raises(TryLater):
        listed(merchant())


@pytest.mark.parametrize(
    ("status", "code", "fate"),
    [
        (401, "SIGN_ERROR", NotAuthorised),
        (403, "NO_AUTH", NotAuthorised),
        (400, "PARAM_ERROR", Rejected),
        (429, "FREQUENCY_LIMITED", TryLater),
        (500, "SYSTEM_ERROR", TryLater),
    ],
)
def test_each_refusal_has_its_fate(wechat, status, code, fate):
    refusal(wechat, code, status)
    with pytest.raises(fate, match=code):
        listed(merchant())


def answer_signed(wechat, key, body=None):
    raw = b'{"hash_type":"SHA1","hash_value":"%s","download_url":"%s?token=1"}' % (
        SHA1.encode(),
        FILE.encode(),
    )
    signed = b"1764000000\nword\n" + raw + b"\n"
    own = load_pem_private_key(key.encode(), None).sign(signed, PKCS1v15(), SHA256())
    headers = {
        "Wechatpay-Timestamp": "1764000000",
        "Wechatpay-Nonce": "word",
        "Wechatpay-Signature": base64.b64encode(own).decode(),
    }
    wechat.get(PLACE, body=body or raw, headers=headers)
    wechat.get(FILE, body=BILL)


def test_an_answer_that_wechat_signed_is_taken(wechat):
    answer_signed(wechat, WECHAT)
    assert len(listed(merchant(wechat_public_key=WECHAT_PUBLIC))) == 1


def test_an_answer_that_another_signed_is_not(wechat):
    answer_signed(wechat, PRIVATE)
    with pytest.raises(NotAuthorised, match="wechat_public_key"):
        listed(merchant(wechat_public_key=WECHAT_PUBLIC))
    assert len(wechat.calls) == 1


@pytest.mark.parametrize("key", ["not-here", "AAAA", PUBLIC, PRIVATE[:200]])
def test_a_key_that_is_none_pauses_the_connection_and_is_not_repeated(wechat, key):
    place(wechat)
    with pytest.raises(NotAuthorised) as refused:
        listed(merchant(private_key=key))
    assert key not in str(refused.value)
    assert len(wechat.calls) == 0


def test_without_its_key_bills_are_posted_as_before(wechat):
    parts = merchant(private_key=None)
    assert parts.list is None
    assert parts.check() is None
    assert parts.decode("report", BILL)[0].report_id == "1600-20261120-CNY"


def test_the_key_is_for_calls_alone():
    assert outward(Settings) == {"private_key"}


def test_a_fund_flow_bill_is_asked_for_where_that_is_chosen(wechat):
    url = f"{API}/v3/bill/fundflowbill"
    wechat.get(url, json={"code": "NO_STATEMENT_EXIST"}, status=400)
    assert listed(merchant(bill="fund_flow")) == []
    assert wechat.calls[0].request.params["account_type"] == "BASIC"
