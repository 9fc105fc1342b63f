"""How Alipay is asked for its bills: signed with RSA2, fetched from one address, and patient."""

import base64
import io
import json
import zipfile
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
import responses
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from adapters.alipay import DOWNLOADS, GATEWAY, Settings
from adapters.alipay.conformance import CONFORMS
from adapters.kit.http import Transport
from adapters.kit.http.wire_tap import recording
from adapters.kit.registry import make
from adapters.kit.settings import outward
from adapters.kit.testing.keys import key_pair
from adapters.ports import Cursor
from hub.model.errors import NotAuthorised, Rejected, TryLater
from mappings.kit import Context, code_lists

NODE = "alipay_data_dataservice_bill_downloadurl_query_response"
FILE = f"{DOWNLOADS}/downloadBillFile.resource"
BILL = CONFORMS.samples[0].raw
PRIVATE, PUBLIC = key_pair("app")
ALIPAY, ALIPAY_PUBLIC = key_pair("alipay")
MORNING = datetime(2026, 11, 24, 3, tzinfo=UTC)  # 11:00 in China


def merchant(private_key=PRIVATE, app_auth_token=None, **settings):
    at = Context("ali", codes=code_lists("alipay"))
    secrets = {"webhook_secret": "s", "private_key": private_key, "app_auth_token": app_auth_token}
    given = {"app_id": "2021", **settings}
    held = {name: value for name, value in secrets.items() if value}
    return make("alipay", given, held, at, Transport(), lambda: MORNING)


def listed(parts, since=None):
    return [change for page in parts.list("report", Cursor(since)) for change in page.changes]


def archive(stamp=(2026, 11, 24, 6, 0, 0)):
    """As Alipay archives a bill: names in GBK, which the archive does not say."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bills:
        name = "20881234_20261123_业务明细.csv".encode("gb18030").decode("cp437")
        bills.writestr(zipfile.ZipInfo(name, stamp), BILL)
    return file.getvalue()


@pytest.fixture
def alipay():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as partner:
        yield partner


def answers(alipay, *, sign_with=None, **node):
    told = json.dumps({"code": "10000", "msg": "Success", **node}, ensure_ascii=False)
    key = load_pem_private_key((sign_with or ALIPAY).encode(), None)
    sign = base64.b64encode(key.sign(told.encode(), PKCS1v15(), SHA256())).decode()
    alipay.post(GATEWAY, body=f'{{"{NODE}": {told} ,"sign":"{sign}"}}')


def refuses(alipay, code, sub_code="", node=NODE):
    told = {"code": code, "msg": "words", "sub_code": sub_code, "sub_msg": "more words"}
    alipay.post(GATEWAY, json={node: told, "sign": "x"})


def asked(alipay, number=0):
    form = parse_qs(alipay.calls[number].request.body.decode())
    return {name: value for name, (value,) in form.items()}


def test_the_archive_of_a_day_is_fetched_and_read(alipay):
    answers(alipay, bill_download_url=f"{FILE}?fileId=1&bizType=trade")
    alipay.get(FILE, body=archive())
    parts = merchant(alipay_public_key=ALIPAY_PUBLIC)
    (change,) = listed(parts)
    (report,) = parts.decode(change.delivery.topic, change.raw)
    assert (report.report_id, len(report.lines)) == ("20881234-20261120", 3)
    assert alipay.calls[1].request.path_url == "/downloadBillFile.resource?fileId=1&bizType=trade"


def test_what_is_asked_is_signed_over_all_its_parameters_in_order(alipay):
    answers(alipay, bill_download_url=f"{FILE}?fileId=1")
    alipay.get(FILE, body=archive())
    listed(merchant(app_auth_token="201509BB"))
    form = asked(alipay)
    sign = base64.b64decode(form.pop("sign"))
    assert json.loads(form["biz_content"]) == {"bill_type": "trade", "bill_date": "2026-11-23"}
    assert form["timestamp"] == "2026-11-24 11:00:00"
    assert (form["method"], form["app_auth_token"], form["sign_type"], form["version"]) == (
        *("alipay.data.dataservice.bill.downloadurl.query", "201509BB", "RSA2", "1.0"),
    )
    text = "&".join(f"{name}={form[name]}" for name in sorted(form))
    load_pem_public_key(PUBLIC.encode()).verify(sign, text.encode(), PKCS1v15(), SHA256())


def test_the_key_is_read_as_alipays_own_tool_writes_it(alipay):
    answers(alipay, bill_download_url=f"{FILE}?fileId=1")
    alipay.get(FILE, body=archive())
    bare = "".join(PRIVATE.splitlines()[1:-1])
    assert len(listed(merchant(private_key=bare))) == 1


def test_no_secret_is_in_what_is_recorded_and_none_in_an_address(alipay):
    answers(alipay, bill_download_url=f"{FILE}?fileId=1")
    alipay.get(FILE, body=archive())
    with recording() as exchanges:
        listed(merchant(app_auth_token="201509BB"))
    assert [it.method for it in exchanges] == ["POST", "GET"]
    assert not any(b"201509BB" in it.request_body or "201509BB" in it.url for it in exchanges)
    assert alipay.calls[0].request.url == GATEWAY


def test_a_bill_that_comes_twice_is_one_however_it_is_archived(alipay):
    answers(alipay, bill_download_url=f"{FILE}?fileId=1")
    alipay.get(FILE, body=archive())
    alipay.get(FILE, body=archive((2026, 11, 24, 9, 30, 0)))
    parts = merchant()
    (first,), (again,) = listed(parts), listed(parts)
    assert first.raw != again.raw
    assert first.delivery == again.delivery


def test_a_day_without_a_bill_is_passed_over(alipay):
    refuses(alipay, "40004", "isp.bill_not_exist")
    pages = list(merchant().list("report", Cursor(datetime(2026, 11, 21, 17, tzinfo=UTC))))
    assert [page.changes for page in pages] == [[], []]
    assert [page.after.id for page in pages] == ["2026-11-22", "2026-11-23"]


@pytest.mark.parametrize(
    ("code", "sub_code", "fate"),
    [
        ("40002", "isv.invalid-signature", NotAuthorised),
        ("40002", "isv.invalid-app-id", NotAuthorised),
        ("20001", "aop.app-auth-token-time-out", NotAuthorised),
        ("40006", "isv.insufficient-user-permissions", NotAuthorised),
        ("20000", "isp.unknow-error", TryLater),
        ("40005", "", TryLater),
        ("40004", "isp.unknow-error", TryLater),
        ("40004", "isv.invalid-arguments", Rejected),
    ],
)
@pytest.mark.parametrize("node", [NODE, "error_response"])
def test_each_refusal_has_its_fate(alipay, code, sub_code, fate, node):
    refuses(alipay, code, sub_code, node)
    with pytest.raises(fate, match=code):
        listed(merchant())


def test_an_answer_that_another_signed_is_not_taken(alipay):
    answers(alipay, sign_with=PRIVATE, bill_download_url=f"{FILE}?fileId=1")
    with pytest.raises(NotAuthorised, match="alipay_public_key"):
        listed(merchant(alipay_public_key=ALIPAY_PUBLIC))
    assert len(alipay.calls) == 1


def test_a_bill_lies_where_bills_are_fetched_and_nowhere_else(alipay):
    answers(alipay, bill_download_url="https://evil.example/bill?fileId=1")
    with pytest.raises(Rejected, match=r"evil\.example"):
        listed(merchant())
    assert len(alipay.calls) == 1


@pytest.mark.parametrize("url", [None, "", 7, "no address"])
def test_an_answer_without_an_address_is_asked_for_again(alipay, url):
    answers(alipay, bill_download_url=url)
    with pytest.raises(TryLater):
        listed(merchant())


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"{}", b'{"%s": []}' % NODE.encode()])
def test_what_is_no_answer_is_asked_for_again(alipay, body):
    alipay.post(GATEWAY, body=body)
    with pytest.raises(TryLater):
        listed(merchant())


@pytest.mark.parametrize("file", [archive()[:300], b"PK\x03\x04", b"<html>expired</html>"])
def test_a_file_that_is_no_bill_or_half_of_one_is_fetched_again(alipay, file):
    answers(alipay, bill_download_url=f"{FILE}?fileId=1")
    alipay.get(FILE, body=file)
    with pytest.raises(TryLater):
        listed(merchant())


@pytest.mark.parametrize("key", ["not-here", "AAAA", PUBLIC])
def test_a_key_that_is_none_pauses_the_connection(alipay, key):
    with pytest.raises(NotAuthorised):
        listed(merchant(private_key=key))
    assert len(alipay.calls) == 0


def test_without_its_key_bills_are_posted_as_before():
    parts = merchant(private_key=None)
    assert parts.list is None
    assert parts.decode("report", BILL)[0].report_id == "20881234-20261120"


def test_what_only_calls_need_is_marked():
    assert outward(Settings) == {"private_key", "app_auth_token"}
