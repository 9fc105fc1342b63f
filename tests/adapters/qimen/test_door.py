"""Who may call, by published known answers and by the tricks of real callers."""

import json
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest

from adapters.kit.signature import top_sign
from adapters.ports import Call
from adapters.qimen.door import answered, authentic
from hub.model.errors import NotAuthentic
from tests.kit.fixtures import SHARED

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
BODY = b"<request/>"
PARAMS = {
    "method": "taobao.qimen.orderprocess.report",
    "timestamp": "2026-11-24 18:00:00",
    "format": "xml",
    "app_key": "1",
    "v": "2.0",
    "sign_method": "md5",
    "customerId": "c1",
}


def call(body=BODY, encode=urlencode, sign=str, **changed):
    params = {name: value for name, value in {**PARAMS, **changed}.items() if value is not None}
    made = top_sign("secret", params, body, params.get("sign_method", "md5"))
    return Call("POST", encode({**params, "sign": sign(made)}), {}, body)


def enter(one):
    return authentic(one, ["new", "secret"], "c1", NOW)


def test_published_signatures_are_reproduced():
    folder = SHARED / "warehouses" / "qimen"
    if not folder.exists():  # the published example alone
        params = {"method": "taobao.qimen.entryorder.query", "v": "1.0", "sign_method": "md5"}
        params |= {"timestamp": "2015-04-26 00:00:07", "format": "xml", "app_key": "testerp_appkey"}
        params |= {"customerId": "stub-cust-code"}
        assert top_sign("test", params) == "D06D88CB34B2EC0E5C9BAB396C9542B6"
        return
    known = json.loads((folder / "signature_known_answers.json").read_text("utf-8"))
    for case in known["cases"]:
        if "params" in case:
            body = case["body"].encode()
            assert top_sign(case["secret"], case["params"], body) == case["sign"], case["id"]
        else:
            method = {"rfc2202": "hmac", "rfc4231": "hmac-sha256"}[case["id"][:7]]
            key = bytes.fromhex(case["secret_hex"]).decode("latin-1")
            data = case["data"].encode()
            assert top_sign(key, {}, data, method) == case["sign"], case["id"]
    for case in known["derived_cases"]:
        body = (folder / case["body_file"]).read_bytes()
        assert top_sign(case["secret"], case["params"], body) == case["sign"], case["id"]


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
def test_every_method_of_signing_is_known_and_letter_case_does_not_matter(method):
    assert enter(call(sign_method=method))["customerId"] == "c1"
    assert enter(call(sign_method=method, sign=str.lower))["customerId"] == "c1"


def test_every_parameter_is_signed_and_empty_ones_are_left_out():
    assert enter(call(t="17", session="a&b=c d"))["t"] == "17"
    good = call(t="")
    assert enter(good)
    with pytest.raises(NotAuthentic):
        enter(Call("POST", good.query + "&u=1", {}, BODY))


def test_blanks_may_be_written_either_way_and_parameters_stand_in_any_order():
    assert enter(call(encode=lambda params: urlencode(params, quote_via=quote)))
    assert enter(call(encode=lambda params: urlencode(list(reversed(params.items())))))


def test_a_caller_is_understood_that_loses_what_follows_an_ampersand_before_it_signs():
    signed = {**PARAMS, "session": "a"}
    query = urlencode({**PARAMS, "session": "a&b", "sign": top_sign("secret", signed, BODY)})
    assert enter(Call("POST", query, {}, BODY))["session"] == "a"


@pytest.mark.parametrize(
    "changed",
    [
        {"customerId": "c2"},
        {"customerId": None},
        {"timestamp": "2026-11-24 17:49:59"},
        {"timestamp": "2026-11-24 18:10:01"},
        {"timestamp": "2026-11-24 10:00:00"},
        {"timestamp": "now"},
        {"timestamp": None},
    ],
)
def test_another_customer_and_another_time_are_refused(changed):
    with pytest.raises(NotAuthentic):
        enter(call(**changed))


def test_ten_minutes_either_way_are_allowed():
    assert enter(call(timestamp="2026-11-24 17:50:00"))
    assert enter(call(timestamp="2026-11-24 18:10:00"))


@pytest.mark.parametrize(
    "query", ["", "sign=", "sign=ABC", "sign_method=none&sign=ABC", "a" * 9000]
)
def test_a_query_without_a_true_signature_is_refused(query):
    with pytest.raises(NotAuthentic):
        enter(Call("POST", query, {}, BODY))


def test_a_parameter_that_stands_twice_is_refused():
    good = call()
    with pytest.raises(NotAuthentic):
        enter(Call("POST", good.query + "&v=2.0", {}, BODY))


def test_the_answer_is_in_qimens_own_form():
    good = answered(None, "stored")
    assert (good.status, good.content_type) == (200, "text/xml; charset=utf-8")
    assert b"<flag>success</flag><code>0</code><message>stored</message>" in good.body
    bad = answered("bad_signature", "a < b & \x00")
    assert bad.status == 200
    assert b"<flag>failure</flag><code>sign-check-failure</code>" in bad.body
    assert b"<message>a &lt; b &amp;  </message>" in bad.body
