"""GraphQL and JSON-RPC: a fate for what is said inside a 200, over session and pool alike."""

import pytest

from adapters.kit.graphql import GraphQL
from adapters.kit.http import Http, Transport
from adapters.kit.jsonrpc import JsonRpc
from adapters.kit.session import Session
from adapters.kit.testing.scripted_partner import Loopback, Told
from hub.model.errors import AlreadyDone, NotAuthorised, OutcomeUnknown, Rejected, TryLater

LOCAL = Transport.local()


@pytest.fixture(params=["session", "pool"])
def caller(request):
    def made(partner):
        if request.param == "pool":
            return Http(partner.url, {}, LOCAL, secrets=["pass-1"])
        return Session(partner.url, LOCAL, secrets=["pass-1"])

    return made


def error(code, **more):
    return Told.json({"errors": [{"message": "no pass-1", "extensions": {"code": code}}], **more})


def test_graphql_asks_and_tells(caller):
    with Loopback(
        lambda _: Told.json({"data": {"ship": {"id": "1", "userErrors": []}}})
    ) as partner:
        graph = GraphQL(caller(partner), "/graphql")
        assert graph.ask("{ ship { id } }") == {"ship": {"id": "1", "userErrors": []}}
        payload = graph.tell("ship", "mutation M($n: Int) { ship(n: $n) { id } }", {"n": 2})
        assert payload["id"] == "1"
        asked, told = partner.asked
    assert asked.body == b'{"query":"{ ship { id } }","variables":{}}'
    assert told.body.endswith(b'"variables":{"n":2}}')
    assert (told.path, told.headers["content-type"]) == ("/graphql", "application/json")


@pytest.mark.parametrize(
    ("answer", "written", "read"),
    [
        (error("THROTTLED"), TryLater, TryLater),
        (error("UNAUTHENTICATED"), NotAuthorised, NotAuthorised),
        (error("INTERNAL_SERVER_ERROR"), OutcomeUnknown, TryLater),
        (error("SHOP_CLOSED"), NotAuthorised, NotAuthorised),
        (error("BAD_USER_INPUT"), Rejected, Rejected),
        (Told.json({"errors": ["odd"]}), Rejected, Rejected),
        (Told.json({"errors": {"message": "odd"}}), Rejected, Rejected),
        (Told.json([]), OutcomeUnknown, TryLater),
        (Told.json({"data": None}), OutcomeUnknown, TryLater),
        (Told(430), TryLater, TryLater),
    ],
)
def test_graphql_errors_have_one_fate(caller, answer, written, read):
    tables = {"errors": {"SHOP_CLOSED": NotAuthorised}, "statuses": {430: TryLater}}
    with Loopback(lambda _: answer) as partner:
        graph = GraphQL(caller(partner), **tables)
        with pytest.raises((written,)) as fate:
            graph.tell("ship", "mutation", {})
        assert type(fate.value) is written
        assert "pass-1" not in str(fate.value)
        with pytest.raises((read,)) as fate:
            graph.ask("query")
        assert type(fate.value) is read


def test_graphql_that_is_throttled_says_when_the_bucket_is_full_enough(caller):
    status = {"currentlyAvailable": 20, "restoreRate": 50}
    cost = {"requestedQueryCost": 520, "throttleStatus": status}
    with Loopback(lambda _: error("THROTTLED", extensions={"cost": cost})) as partner:
        with pytest.raises(TryLater) as fate:
            GraphQL(caller(partner)).ask("query")
        assert fate.value.retry_after == 10
        assert len(partner.asked) == 1


@pytest.mark.parametrize(
    ("payload", "fate", "words"),
    [
        (
            {"userErrors": [{"field": ["input", "sku"], "message": "no pass-1", "code": "X"}]},
            Rejected,
            "ship: input.sku: no ***",
        ),
        (
            {
                "userErrors": [{"message": "a"}],
                "shipUserErrors": [{"message": "b", "code": "DONE"}],
            },
            AlreadyDone,
            "ship: b",
        ),
        (
            {"errors": [{"field": "sku", "message": "no", "code": "BUSY"}]},
            TryLater,
            "ship: sku: no",
        ),
        ({"errorCode": "DONE", "message": "twice"}, AlreadyDone, "ship: twice"),
        ({"userErrors": [{"message": "a"}, {"message": "b"}]}, Rejected, "ship: a; b"),
    ],
)
def test_graphql_errors_inside_a_payload_have_one_fate(caller, payload, fate, words):
    table = {"DONE": AlreadyDone, "BUSY": TryLater}
    with (
        Loopback(lambda _: Told.json({"data": {"ship": payload}})) as partner,
        pytest.raises((fate,)) as raised,
    ):
        GraphQL(caller(partner), refusals=table).tell("ship", "mutation", {})
    assert (type(raised.value), str(raised.value)) == (fate, words)


def test_jsonrpc_numbers_its_calls_and_answers_the_result(caller):
    with Loopback(lambda _: Told.json({"jsonrpc": "2.0", "id": 1, "result": [1]})) as partner:
        rpc = JsonRpc(caller(partner), "/jsonrpc")
        assert rpc.call("list", {"a": "é"}, write=False) == ["1"]
        rpc.call("list", {}, write=False, headers={"X-Session": "s"})
        JsonRpc(caller(partner), version=None).call("list", [], write=True)
        first, second, old = partner.asked
    assert first.body == '{"jsonrpc":"2.0","id":1,"method":"list","params":{"a":"é"}}'.encode()
    assert second.body == b'{"jsonrpc":"2.0","id":2,"method":"list","params":{}}'
    assert second.headers["x-session"] == "s"
    assert old.body == b'{"id":1,"method":"list","params":[]}'


def failed(code, message="no pass-1"):
    return Told.json({"id": 1, "error": {"code": code, "message": message}})


@pytest.mark.parametrize(
    ("answer", "written", "read"),
    [
        (failed(-32601), Rejected, Rejected),
        (failed(200), Rejected, Rejected),
        (failed(-32603), OutcomeUnknown, TryLater),
        (failed(-32000), OutcomeUnknown, TryLater),
        (failed("odd"), Rejected, Rejected),
        (Told.json({"error": "odd pass-1"}), Rejected, Rejected),
        (Told.json({}), OutcomeUnknown, TryLater),
        (Told.json([]), OutcomeUnknown, TryLater),
        (Told(200, b"<html/>", {"content-type": "text/html"}), OutcomeUnknown, TryLater),
    ],
)
def test_jsonrpc_errors_have_one_fate(caller, answer, written, read):
    with Loopback(lambda _: answer) as partner:
        rpc = JsonRpc(caller(partner))
        with pytest.raises((written,)) as fate:
            rpc.call("ship", {}, write=True)
        assert type(fate.value) is written
        assert "pass-1" not in str(fate.value)
        with pytest.raises((read,)) as fate:
            rpc.call("ship", {}, write=False)
        assert type(fate.value) is read


def test_jsonrpc_of_a_partner_with_a_table_of_its_own(caller):
    def fate(told, write):
        return AlreadyDone(f"{told['data']} {write}")

    answer = Told.json({"error": {"data": "s3cret twice"}})
    told = pytest.raises(AlreadyDone, match=r"^\*\*\* twice True$")
    with Loopback(lambda _: answer) as partner, told:
        JsonRpc(caller(partner), fate=fate).call("ship", {}, write=True, secrets=("s3cret",))
