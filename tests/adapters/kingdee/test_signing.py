"""The signed headers of an application at Kingdee, checked by another reading of the SDKs."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from adapters.kingdee import Settings
from adapters.kingdee.conformance import CONFORMS
from adapters.kingdee.signing import client_secret
from adapters.kit.http import Transport
from adapters.kit.registry import make
from adapters.kit.settings import outward
from adapters.kit.testing.scripted_partner import Loopback, Told
from hub.model.errors import BadData, NotAuthorised
from mappings.kit import Context

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
MASK = b"0054f397c6234378b09ca7d3e5debce7"  # what the seed of the SDKs is in the clear
HIDDEN = base64.b64encode(bytes(a ^ b for a, b in zip(b"k" * 24, MASK, strict=False))).decode()
CLIENT_SECRET = base64.b64encode(b"k" * 24).decode()
APP = {"app_id": f"204399_{HIDDEN}", "app_secret": "top-secret-of-the-app"}
FAILED = {"IsSuccess": False, "MsgCode": 1, "Errors": [{"Message": "会话信息已丢失"}]}


def connected(url, secrets=None, **settings):
    given = {**CONFORMS.settings, "api_url": url, "user": "hub", **settings}
    at = Context("books")
    return make("kingdee", given, secrets or APP, at, Transport.local(), lambda: NOW)


def signed(secret, text):
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def test_a_request_bears_both_signatures_and_nobody_logs_in():
    with Loopback(lambda _: Told.json([])) as server:
        connected(server.url, app_organisation="100").check()
    (asked,) = server.asked
    told = asked.headers
    path = asked.target.replace("/", "%2F")
    nonce, stamp = told["x-api-nonce"], told["x-api-timestamp"]
    assert stamp == str(int(NOW.timestamp()))
    text = f"POST\n{path}\n\nx-api-nonce:{nonce}\nx-api-timestamp:{stamp}\n"
    assert told["x-api-signature"] == signed(CLIENT_SECRET, text)
    assert told["x-api-clientid"] == "204399"
    assert told["x-api-signheaders"] == "x-api-timestamp,x-api-nonce"
    assert base64.b64decode(told["x-kd-appdata"]) == b"5f0a,hub,2052,100"
    assert told["x-kd-appkey"] == APP["app_id"]
    assert told["x-kd-signature"] == signed(APP["app_secret"], APP["app_id"] + "5f0a,hub,2052,100")


def test_the_time_is_in_milliseconds_where_that_is_said():
    with Loopback(lambda _: Told.json([])) as server:
        connected(server.url, app_time="milliseconds").check()
    assert server.asked[0].headers["x-api-timestamp"] == str(int(NOW.timestamp()) * 1000)


def test_the_secret_in_an_id_is_unhidden_by_another_seed_too():
    assert client_secret(HIDDEN) == CLIENT_SECRET
    assert client_secret(base64.b64encode(b"q" * 24).decode(), "d" * 32) == client_secret(
        base64.b64encode(b"q" * 24).decode(), "d" * 32 + "more"
    )
    assert base64.b64decode(client_secret(base64.b64encode(b"\x00" * 24).decode(), "d" * 32)) == (
        b"q" * 24
    )


@pytest.mark.parametrize("number", ["204399", "204399_short", "204399_" + "*" * 32, "_", "x"])
def test_an_id_that_is_none_asks_nobody(number):
    with Loopback(lambda _: Told.json([])) as server, pytest.raises(NotAuthorised) as refused:
        connected(server.url, {**APP, "app_id": number}).check()
    assert server.asked == []
    assert APP["app_secret"] not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        Told.json([[{"Result": {"ResponseStatus": FAILED}}]]),
        Told.json({"errcode": 4006, "description": "X-Api-TimeStamp is invalid"}, 519),
    ],
)
def test_a_signature_that_is_refused_is_not_tried_again(answer):
    with Loopback(lambda _: answer) as server, pytest.raises(NotAuthorised):
        connected(server.url).check()
    assert len(server.asked) == 1


def test_an_order_is_told_under_signatures_as_under_a_log_in():
    order, told = CONFORMS.documents["sales_order"], []

    def partner(asked):
        told.append(asked)
        if "ExecuteBillQuery" not in asked.path:
            made = {"IsSuccess": True, "Errors": [], "SuccessEntitys": [{"Id": 51, "Number": "X"}]}
            return Told.json({"Result": {"ResponseStatus": made, "Id": 51, "Number": "X"}})
        saved = any(".Save." in it.path for it in told)
        return Told.json([[51, "X", "A", 10]] if saved else [])

    with Loopback(partner) as server:
        receipt = connected(server.url).send(order, "key-1")
    assert receipt.reference == "X"
    services = [it.path.removesuffix(".common.kdsvc").rpartition(".")[2] for it in told]
    assert services == [*("ExecuteBillQuery",) * 2, "Save", "ExecuteBillQuery", "Submit", "Audit"]
    assert json.loads(told[2].body)["formid"] == "SAL_SaleOrder"


def test_without_a_password_and_an_application_nobody_gets_in():
    with pytest.raises(BadData, match="password, or app_id and app_secret"):
        connected("http://127.0.0.1:9", {"app_id": APP["app_id"]})


def test_what_only_calls_need_is_marked():
    assert outward(Settings) == {"password", "app_id", "app_secret"}
