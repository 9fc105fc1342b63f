"""What Odoo says and how it is asked: recorded bodies, and ones of our own after them."""

import json
import xmlrpc.client

import pytest

from adapters.kit.http import Transport
from adapters.kit.samples import sample
from adapters.kit.session import Session
from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.odoo import ADAPTER
from adapters.odoo.rpc import Executed, Json2, Odoo, fate, fate_of_fault, fate_of_rpc, parsed, said
from adapters.odoo.settings import Settings
from hub.model.errors import (
    AlreadyDone,
    NotAuthorised,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from mappings.kit import Context
from tests.kit.fixtures import SHARED

RECORDED = SHARED / "backoffice" / "odoo"
ERRORS = sorted(RECORDED.glob("*error*.json"))
_ASKED = ("create_multi", "create_one", "read", "search_read", "unlink", "write")
CALLS = [it for it in sorted(RECORDED.glob("*_orm_*.json")) if it.stem.endswith(_ASKED)]
RESULTS = sorted(RECORDED.glob("jsonrpc_response_*.json"))
POSITIONAL = {"create": ["vals_list"], "write": ["vals"]}


FRAMES = 'Traceback (most recent call last):\n  File "a.py", line 1, in run\n    KeyError: x\n'


@pytest.mark.parametrize("file", ERRORS, ids=lambda file: file.stem)
def test_a_recorded_error_has_its_fate(file):
    told = json.loads(file.read_bytes())
    meant = fate_of_rpc(told["error"], True) if "error" in told else said(told)
    name = told["error"]["data"]["name"] if "error" in told else told["name"]
    refused = name.endswith(("Unauthorized", "AccessDenied", "SessionExpiredException"))
    assert isinstance(meant, NotAuthorised if refused else Rejected | TryLater)
    assert len(str(meant)) > 5


@pytest.mark.parametrize("file", RESULTS, ids=lambda file: file.stem)
def test_a_recorded_result_is_the_answer_and_false_is_one(file):
    told = json.loads(file.read_bytes())
    with Loopback(lambda asked: Told.json({**told, "id": json.loads(asked.body)["id"]})) as odoo:
        caller = executed(odoo.url, "jsonrpc")
        caller._user = 2
        assert caller("account.move", "action_post", [65], {}) == told["result"]


@pytest.mark.parametrize("file", CALLS, ids=lambda file: file.stem)
def test_a_call_is_asked_as_it_was_recorded(file):
    told = json.loads(file.read_bytes())["params"]
    _, _, _, model, method, args, named = told["args"]
    own = dict(zip(POSITIONAL.get(method, []), args[-1:], strict=False))
    ids = args[0] if len(args) > len(own) else None
    with Loopback(lambda asked: Told.json({"id": 1, "result": True})) as odoo:
        caller = executed(odoo.url, "jsonrpc")
        caller._user = 2
        caller(model, method, ids, {**own, **named})
        asked = json.loads(odoo.asked[0].body)["params"]
    assert asked["args"][3:] == [model, method, args, named]
    assert (asked["service"], asked["method"]) == (told["service"], told["method"])


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded payloads here")
def test_json2_is_asked_and_read_as_it_was_recorded():
    body = json.loads((RECORDED / "json2_request_search_read.json").read_bytes())
    rows = json.loads((RECORDED / "json2_response_search_read.json").read_bytes())
    with Loopback(lambda _: Told.json(rows)) as odoo:
        caller = Json2(Session(odoo.url, Transport.local()))
        assert Odoo(caller, {"lang": "en_US"}).call(
            "res.partner", "search_read", domain=body["domain"], fields=body["fields"]
        ) == [{"id": 25, "name": "Deco Addict"}]
        assert (odoo.asked[0].path, json.loads(odoo.asked[0].body)) == (
            "/json/2/res.partner/search_read",
            body,
        )


@pytest.mark.parametrize(
    ("status", "name", "kind", "code"),
    [
        (401, "odoo.exceptions.AccessDenied", NotAuthorised, "not_authorised"),
        (403, "odoo.exceptions.AccessError", Rejected, "rejected"),
        (422, "odoo.exceptions.UserError", Rejected, "rejected"),
        (404, "odoo.exceptions.MissingError", Rejected, "rejected"),
        (500, "psycopg2.errors.SerializationFailure", TryLater, ""),
        (409, "odoo.exceptions.LockError", TryLater, ""),
        (500, "builtins.KeyError", Rejected, "partner_error"),
        (404, "werkzeug.exceptions.NotFound", Rejected, "partner_error"),
        (422, "odoo.exceptions.ValidationError", Rejected, "rejected"),
        (403, "odoo.http.session.SessionExpiredException", NotAuthorised, "not_authorised"),
        (403, "werkzeug.exceptions.Forbidden", NotAuthorised, "not_authorised"),
        (500, "psycopg2.errors.AdminShutdown", TryLater, ""),
        (400, "openerp.exceptions.Warning", Rejected, "rejected"),
    ],
)
def test_the_name_of_an_exception_decides_whatever_the_status(status, name, kind, code):
    body = {"name": name, "message": "words of\nthe key hush-hush", "arguments": [], "debug": "…"}
    with Loopback(lambda _: Told.json(body, status)) as odoo:
        caller = Json2(Session(odoo.url, Transport.local(), secrets=["hush-hush"]))
        with pytest.raises(kind, match="words of the key") as raised:
            caller("sale.order", "create", None, {"vals_list": [{}]})
    assert getattr(raised.value, "code", "") == code
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (2, "You cannot do that.", Rejected),
        (3, "Access Denied", NotAuthorised),
        (4, "No right on sale.order", Rejected),
        (1, "Traceback …\npsycopg2.errors.SerializationFailure: could not\n", TryLater),
        (1, "Traceback …\nodoo.exceptions.AccessDenied: Access Denied\n", NotAuthorised),
        (1, "Traceback …\nValueError: Invalid field 'x' on model 'y'\n", Rejected),
        (1, "nothing to tell it by", Rejected),
        ("3", "Zugriff verweigert", NotAuthorised),
        (1, f"{FRAMES}odoo.exceptions.AccessDenied: Nein.\nGrund.Nummer: 7\n", NotAuthorised),
        (1, f"{FRAMES}psycopg2.errors.QueryCanceled: zu lang\nLINE 1: select\n", TryLater),
    ],
)
def test_a_fault_of_xml_rpc_has_its_fate(code, text, kind):
    assert isinstance(fate_of_fault(code, text), kind)


def test_a_session_that_expired_and_an_error_without_a_name():
    assert isinstance(fate_of_rpc({"code": 100, "message": "Session expired"}, True), NotAuthorised)
    assert isinstance(fate_of_rpc({"code": 404, "message": "404: Not Found"}, True), Rejected)
    assert isinstance(fate_of_rpc("odd", True), Rejected)
    assert said({"message": "no name"}) is None
    configured = fate("odoo.exceptions.UserError", "Object account.move doesn't exist")
    assert configured.code == "partner_error"


@pytest.mark.parametrize(
    "raw",
    [b"", b"<html/>", b"<methodResponse>", b'<!DOCTYPE a [<!ENTITY b "c">]><methodResponse/>'],
)
def test_what_is_no_xml_rpc_leaves_the_outcome_unknown(raw):
    with pytest.raises(OutcomeUnknown):
        parsed(raw, str, write=True)
    with pytest.raises(TryLater):
        parsed(raw, str, write=False)


def test_a_method_that_returned_nothing_was_done():
    fault = xmlrpc.client.Fault(1, "TypeError: cannot marshal None unless allow_none is enabled")
    assert parsed(xmlrpc.client.dumps(fault).encode(), str, write=True) is None


@pytest.mark.parametrize("how", ["xmlrpc", "jsonrpc"])
def test_an_order_is_known_by_the_older_protocols_too(how):
    row = {
        "id": 51,
        "name": "S00051",
        "state": "sale",
        "amount_total": 10.0,
        "currency_id": [1, ""],
    }
    seen = []

    def partner(asked):
        if how == "jsonrpc":
            told = json.loads(asked.body)
            seen.append(told["params"]["args"][-4:])
            first = told["params"]["service"] == "common"
            return Told.json({"id": told["id"], "result": 7 if first else [row]})
        args, method = xmlrpc.client.loads(asked.body)
        seen.append(list(args[-4:]))
        result = 7 if method == "authenticate" else [row]
        raw = xmlrpc.client.dumps((result,), methodresponse=True).encode()
        return Told(200, raw, {"content-type": "text/xml"})

    with Loopback(partner) as odoo:
        settings = Settings(
            api_url=odoo.url, protocol=how, database="acme", user="hub", api_key="k3y", release=17
        )
        parts = ADAPTER.connect(settings, Context("erp"), Transport.local(), lambda: None)
        with pytest.raises(AlreadyDone):
            parts.send(sample("sales_order"), "k")
    assert seen[0] == ["acme", "hub", "k3y", {}]
    assert seen[1][:3] == ["sale.order", "search_read", []]
    assert seen[1][3]["domain"] == [["client_order_ref", "=", "conformance/5001"]]


def test_who_is_not_let_in_is_said():
    refusing = Loopback(lambda _: Told.json({"id": 1, "result": False}))
    with refusing as odoo, pytest.raises(NotAuthorised):
        executed(odoo.url, "jsonrpc")("res.partner", "read", [1], {})


def executed(url, how):
    return Executed(Session(url, Transport.local()), how, ("db", "hub", "key"))
