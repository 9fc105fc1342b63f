"""What Kingdee says: recorded bodies, the oddities of its WebAPI, and the fate of each."""

import json

import pytest

from adapters.kingdee.api import AlreadySo, Kingdee, meaning
from adapters.kit.http import Transport
from adapters.kit.testing.scripted_partner import Loopback, Told
from hub.model.errors import NotAuthorised, OutcomeUnknown, Rejected, TryLater
from tests.kit.fixtures import SHARED

RECORDED = SHARED / "backoffice" / "kingdee"
BODIES = [it for it in sorted(RECORDED.glob("*.json")) if "request" not in it.stem]
REFUSED = {1: NotAuthorised, 6: TryLater, 13: TryLater, 14: TryLater}


def status_of(tree):
    while isinstance(tree, list):
        tree = tree[0]
    return tree["Result"]["ResponseStatus"]


@pytest.mark.parametrize("file", BODIES, ids=lambda file: file.stem)
def test_a_recorded_body_means_what_its_status_says(file):
    status = status_of(json.loads(file.read_bytes()))
    if str(status["IsSuccess"]).lower() == "true":
        result = meaning(file.read_bytes(), write=True)
        made = result["ResponseStatus"]["SuccessEntitys"]
        assert result.get("Number", made[0]["Number"]) == made[0]["Number"]
        return
    with pytest.raises((REFUSED.get(status.get("MsgCode"), Rejected), AlreadySo)) as raised:
        meaning(file.read_bytes(), write=True)
    assert status["Errors"][0]["Message"][:40] in str(raised.value)


def failed(code, words="不行", *, ok=False):
    errors = [{"FieldName": "FCustId", "Message": words, "DIndex": 0}]
    return {"Result": {"ResponseStatus": {"IsSuccess": ok, "Errors": errors, "MsgCode": code}}}


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (0, Rejected, "rejected"),
        (1, NotAuthorised, "not_authorised"),
        (2, Rejected, "rejected"),
        (4, Rejected, "partner_error"),
        (6, TryLater, ""),
        (9, Rejected, "rejected"),
        (11, Rejected, "rejected"),
        (13, TryLater, ""),
        (14, TryLater, ""),
        ("14", TryLater, ""),
        ("odd", Rejected, "rejected"),
        (None, Rejected, "rejected"),
    ],
)
@pytest.mark.parametrize("wrapped", [lambda it: it, lambda it: [it], lambda it: [[it]]])
@pytest.mark.parametrize("ok", [False, "false", "False"])
def test_a_failure_is_one_however_it_is_wrapped(code, kind, reason, wrapped, ok):
    with pytest.raises(kind, match="不行") as raised:
        meaning(json.dumps(wrapped(failed(code, ok=ok))).encode(), write=True)
    assert getattr(raised.value, "code", "") == reason
    if kind is Rejected:
        assert raised.value.path == "FCustId"


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        ("response_error:{未将对象引用设置到对象的实例}", Rejected, "partner_error"),
        ("response_error: 会话信息已丢失 请重新登录", NotAuthorised, "not_authorised"),
        (json.dumps("response_error:odd"), Rejected, "partner_error"),
        (json.dumps([{"actionname": "showConfirm", "params": []}]), Rejected, "warning"),
        ("response_error: 會話信息已丟失 請重新登錄", NotAuthorised, "not_authorised"),
        ("response_error: The session is lost. Please log in.", NotAuthorised, "not_authorised"),
        (json.dumps({"Result": {}}), OutcomeUnknown, ""),
        (json.dumps({"Result": {"ResponseStatus": None}}), OutcomeUnknown, ""),
        (json.dumps({"Result": {"ResponseStatus": {"Errors": []}}}), OutcomeUnknown, ""),
        ("<html/>", OutcomeUnknown, ""),
        ("", OutcomeUnknown, ""),
        ("7", OutcomeUnknown, ""),
        (json.dumps({"Message": "odd"}), OutcomeUnknown, ""),
    ],
)
def test_an_oddity_is_no_success(raw, kind, code):
    with pytest.raises(kind) as raised:
        meaning(raw.encode(), write=True)
    assert getattr(raised.value, "code", "") == code


def test_what_was_audited_before_is_so_and_rows_are_rows():
    with pytest.raises(AlreadySo):
        meaning(json.dumps(failed(11, "单据“1”已审核")).encode(), write=True)
    assert meaning(b"[]", write=False) == []
    assert meaning(b'[[1, "a"], [2, "b"]]', write=False) == [[1, "a"], [2, "b"]]
    result = failed(0, ok="true")["Result"]
    assert meaning(json.dumps({"Result": result}).encode(), write=True) == result


def test_a_lost_session_is_opened_once_more_and_no_further():
    def partner(asked):
        if "ValidateUser" in asked.path:
            number = f"s-{sum('ValidateUser' in it.path for it in server.asked)}"
            return Told.json({"LoginResultType": 1, "KDSVCSessionId": number})
        sound = asked.headers["kdservice-sessionid"] == "s-2"
        return Told.json([[7]] if sound else [[failed(1)]])

    with Loopback(partner) as server:
        api = Kingdee(server.url, Transport.local(), ("acct", "hub", "hush-hush", 2052))
        assert api.rows("BD_MATERIAL", ["FMATERIALID"], "") == [[7]]
        assert api.rows("BD_MATERIAL", ["FMATERIALID"], "") == [[7]]
    assert sum("ValidateUser" in it.path for it in server.asked) == 2
    login = json.loads(json.loads(server.asked[0].body)["parameters"])
    assert login == ["acct", "hub", "hush-hush", 2052]


def test_who_is_not_let_in_is_said():
    refusing = Loopback(lambda _: Told.json({"LoginResultType": 0, "Message": "密码错误"}))
    with refusing as server, pytest.raises(NotAuthorised, match="密码错误"):
        Kingdee(server.url, Transport.local(), ("a", "b", "hush-hush", 2052)).rows("X", ["Y"], "")
