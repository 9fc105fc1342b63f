"""Who may call, by published known answers and by the tricks of real callers."""

import itertools
import json
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def enter(one, method="md5"):
    return authentic(one, ["new", "secret"], "c1", NOW, method)


def refused(one, method="md5"):
    with pytest.raises(NotAuthentic) as error:
        enter(one, method)
    return error.value.code


def recut(params, body):
    """A call under the signature of PARAMS with `session` and BODY, its text cut elsewhere."""
    sign = top_sign("secret", SESSION, BODY)
    return Call("POST", urlencode({**params, "sign": sign}), {}, body)


SESSION = {**PARAMS, "session": "abc", "wave": "7"}
LAST = {name: value for name, value in SESSION.items() if name != "wave"}
FORMATLESS = {name: value for name, value in SESSION.items() if name != "format"}
FIRST = {name: value for name, value in SESSION.items() if name != "app_key"}
RECUT = {
    "a parameter swallows the body's beginning": ({**SESSION, "wave": "7<req"}, b"uest/>"),
    "the version swallows it": ({**LAST, "v": "2.0wave7<"}, b"request/>"),
    "the body begins with a parameter": (LAST, b"wave7<request/>"),
    "a value takes the next name in": ({**LAST, "v": "2.0wave7"}, BODY),
    "a name and its value run together": ({**LAST, "wave7<": "request/>"}, b""),
    "a name that is cut": ({**FORMATLESS, "form": "atxml"}, BODY),
    "an unknown short name": ({**FIRST, "a": "pp_key1"}, BODY),
    "two names run together": (
        {**FORMATLESS, "formatxml": ""},
        BODY,
    ),
    "a value joined to a name": (
        {**{n: v for n, v in SESSION.items() if n != "v"}, "v2.": "0"},
        BODY,
    ),
    "an empty name": ({**SESSION, "": "x"}, BODY),
    "a method with the next one behind it": (
        {
            **{n: v for n, v in SESSION.items() if n != "session"},
            "method": f"{PARAMS['method']}sessionabc",
        },
        BODY,
    ),
}


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
    assert enter(call(sign_method=method), method)["customerId"] == "c1"
    assert enter(call(sign_method=method, sign=str.lower), method)["customerId"] == "c1"


@pytest.mark.parametrize("set_", ["md5", "hmac", "hmac-sha256"])
def test_no_other_method_of_signing_is_taken_than_the_one_that_is_set(set_):
    for named in {"md5", "hmac", "hmac-sha256"} - {set_}:
        assert refused(call(sign_method=named), set_) in {"bad_signature", "other_sign_method"}
    params = {**PARAMS, "sign_method": "none"}
    query = urlencode({**params, "sign": top_sign("secret", params, BODY, set_)})
    assert refused(Call("POST", query, {}, BODY), set_) == "other_sign_method"


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


@pytest.mark.parametrize("case", RECUT)
def test_a_signed_text_that_is_cut_in_other_places_is_refused(case):
    assert enter(recut(SESSION, BODY))["wave"] == "7"
    assert refused(recut(*RECUT[case])) in {"odd_parameters", "bad_signature"}


READ = ("method", "timestamp", "customerId", "format", "v", "sign_method")
"""What anything depends on. A further parameter may be cut as one likes: nobody reads it."""


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(st.data())
def test_however_a_signed_text_is_cut_nothing_else_is_read_in_it(data):
    """One or two borders between names, values and body are moved, dropped or made."""
    text = "".join(f"{name}{SESSION[name]}" for name in sorted(SESSION)) + BODY.decode()
    lengths = [len(part) for name in sorted(SESSION) for part in (name, SESSION[name])]
    borders = set(itertools.accumulate(lengths))
    dropped = data.draw(st.sets(st.sampled_from(sorted(borders)), max_size=2))
    made = data.draw(st.sets(st.integers(1, len(text)), max_size=2))
    cuts = sorted((borders - dropped) | made)
    parts = [text[one:other] for one, other in itertools.pairwise([0, *cuts, len(text)])]
    body = "" if len(parts) % 2 == 0 else parts.pop()
    params = dict(zip(parts[::2], parts[1::2], strict=True))
    if top_sign("secret", params, body.encode()) != top_sign("secret", SESSION, BODY):
        return
    try:
        found = enter(recut(params, body.encode()))
    except NotAuthentic:
        return
    assert body.encode() == BODY
    assert [found[name] for name in READ] == [SESSION[name] for name in READ]


def test_more_parameters_than_any_caller_sends_are_refused():
    many = urlencode({f"name{at}": "1" for at in range(101)})
    assert refused(Call("POST", many, {}, BODY)) == "too_many_parameters"


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
