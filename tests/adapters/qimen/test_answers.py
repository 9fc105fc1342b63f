"""What a warehouse's answer means, in the dialects that are met."""

import pytest

from adapters.qimen.answers import read_answer
from hub.model.errors import BadData, NotAuthorised, OutcomeUnknown, Rejected, TryLater
from tests.kit.fixtures import SHARED


def failure(code, message=""):
    inside = f"<flag>failure</flag><code>{code}</code><message>{message}</message>"
    return read_answer(f"<response>{inside}</response>".encode())


@pytest.mark.parametrize(
    ("code", "message", "meaning", "fate"),
    [
        ("7", "App Call Limited", "busy", TryLater),
        ("isp.remote-service-error", "", "busy", TryLater),
        ("isp.remote-service-timeout", "", "unanswered", OutcomeUnknown),
        ("S01", "系统繁忙", "busy", TryLater),
        ("sign-check-failure", "Illegal request", "unauthorised", NotAuthorised),
        ("25", "Invalid signature", "unauthorised", NotAuthorised),
        ("isv.order-not-exist", "F-1 is not known", "unknown", Rejected),
        ("isv.item-not-exist", "", "unknown", Rejected),
        ("E1", "单据不存在", "unknown", Rejected),
        ("isv.invalid-parameter", "", "invalid", Rejected),
        ("E2", "order already exists", "exists", Rejected),
        ("E3", "单据已存在", "exists", Rejected),
        ("0001", "订单已出库", "refused", Rejected),
        ("isv.order-cannot-cancel", "F-1 is PICK", "refused", Rejected),
    ],
)
def test_a_failure_has_one_meaning_and_one_fate(code, message, meaning, fate):
    answer = failure(code, message)
    assert (answer.ok, answer.meaning) == (False, meaning)
    assert type(answer.fate("deliveryorder.create", write=True)) is fate


def test_an_unanswered_read_may_be_repeated():
    answer = failure("isp.remote-service-timeout")
    assert type(answer.fate("deliveryorder.query", write=False)) is TryLater


@pytest.mark.parametrize(
    "raw",
    [
        b"<response><flag>success</flag><code/><message>null</message></response>",
        b"\n<response><flag>SUCCESS</flag></response>",
        b'{"response": {"flag": "success", "code": "0"}}',
        b'{"flag": "success"}',
        b'{"code": 200, "msg": "<response><flag>success</flag></response>"}',
    ],
)
def test_success_is_said_in_several_ways(raw):
    assert read_answer(raw).ok


@pytest.mark.parametrize(
    "raw",
    [
        b"<error_response><code>7</code><msg>limited</msg></error_response>",
        b'{"error_response": {"code": 15, "sub_code": "isp.top-remote-connection-error"}}',
    ],
)
def test_the_gateways_own_errors_are_failures(raw):
    answer = read_answer(raw)
    assert (answer.ok, answer.meaning) == (False, "busy")


@pytest.mark.parametrize(
    "raw", [b"", b"<html/>", b"<response/>", b"ok", b"[]", b"<response><flag>x</flag></response>"]
)
def test_what_says_neither_is_no_answer(raw):
    with pytest.raises(BadData):
        read_answer(raw)


def test_a_real_refusal_of_the_gateway_is_a_lack_of_authority():
    path = SHARED / "warehouses" / "qimen" / "error.resp.qimen_TOP60_no_authorisation.xml"
    answer = read_answer(path.read_bytes()) if path.exists() else failure("TOP60", "no 授权关系")
    assert answer.code == "TOP60"
    assert answer.meaning == "unauthorised"
