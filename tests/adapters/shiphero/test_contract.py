"""What ShipHero posts and what it is asked: tokens, credits, what is asked for beside a webhook,
lists and refusals. Every request is held to its published schema, where that lies beside the
checkout.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.kit.conformance import Sample, conformance_of
from adapters.kit.samples import sample
from adapters.kit.testing.scripted_partner import Told
from adapters.ports import Cursor, documents_of
from adapters.shiphero import answer
from adapters.shiphero.conformance import CONFORMS
from hub.model.errors import BadData, NotAuthentic, NotAuthorised, Rejected, TryLater
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

case = PARTNERS["shiphero"].case
BLANKS = conformance_of("shiphero", SHARED / "schemas")
SINCE = Cursor(datetime(2026, 1, 15, 20, 30, tzinfo=UTC))
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
ORDER = "T3JkZXI6OTAwMQ=="
TOKENS = {
    "/auth/token": {"access_token": "token-1", "refresh_token": "again", "expires_in": 2419200},
    "/auth/refresh": {"access_token": "token-2", "expires_in": 2419200},
}


def scripted(*answers, auth=TOKENS):
    """An account that lets us in, and gives these answers, one after the other."""
    left = [it if isinstance(it, Told) else Told.json(it) for it in answers]

    def script(asked):
        if asked.path in auth:
            told = auth[asked.path]
            return told if isinstance(told, Told) else Told.json(told)
        return left.pop(0)

    return BLANKS.partner(script)


def operations(account):
    bodies = (json.loads(it.body) for it in account.asked if it.path == "/graphql")
    return [(it["query"].split("(")[0].split()[1], it["variables"]) for it in bodies]


def found(status="pending", quantity=2):
    lines = {"edges": [{"node": {"sku": "CUP", "quantity": quantity}}]}
    node = {"id": ORDER, "partner_order_id": "F-1", "fulfillment_status": status}
    edges = [
        {"node": {"id": "x", "partner_order_id": "F-11"}},
        {"node": {**node, "line_items": lines}},
    ]
    return {"data": {"orders": {"data": {"edges": edges}}}}


def refused(message, code, **more):
    return {"errors": [{"message": message, "code": code, **more}], "data": None}


NONE = {"data": {"orders": {"data": {"edges": []}}}}
CREATED = {"data": {"order_create": {"order": {"id": ORDER}}}}


def test_a_delivery_is_known_by_its_content_and_a_count_by_its_own_id():
    parts = CONFORMS.connected()
    for topic, key, is_content in (
        ("Shipment Update", "F-1", True),
        ("Order Allocated", "F-1", True),
        ("PO Update", "I-1", True),
        ("Inventory Change", "CUP", True),
        ("Inventory Update", None, False),
    ):
        raw = next(it.raw for it in CONFORMS.samples if it.topic == topic)
        call = CONFORMS.signed(Sample(topic, raw))
        told = parts.verify(call, NOW)
        assert (told.topic, told.key, told.content is not None) == (topic, key, is_content)
        assert told.id.startswith("msg_")
        with pytest.raises(NotAuthentic):
            parts.verify(replace(call, body=raw + b"\n"), NOW)
        bare = {"x-shiphero-hmac-sha256": call.headers["x-shiphero-hmac-sha256"]}
        assert parts.verify(replace(call, headers=bare), NOW).id


def test_a_kind_that_is_not_said_is_seen_by_what_stands_in_the_body():
    raw = json.dumps({"test": "0", "purchase_order": {"po_number": "I-1"}}).encode()
    told = CONFORMS.connected().verify(CONFORMS.signed(Sample("PO Update", raw)), NOW)
    assert (told.topic, told.key) == ("PO Update", "I-1")


def test_it_is_answered_in_its_own_words():
    assert json.loads(answer(None, "").body) == {"code": "200", "Status": "Success"}
    assert [answer(code, "no").status for code in ("bad_signature", "away")] == [401, 503]


@pytest.mark.parametrize(
    ("name", "status", "complete"),
    [
        ("Shipment Update.one_package", "pending", False),
        ("Shipment Update.not_completed", "fulfilled", True),
    ],
)
def test_whether_more_will_come_is_asked_of_the_order(name, status, complete):
    order = {"id": ORDER, "partner_order_id": "F-1", "fulfillment_status": status}
    raw = json.dumps(case(name)).encode()
    with scripted({"data": {"order": {"data": order}}}) as (account, parts):
        (shipment,) = documents_of(parts, "Shipment Update", raw)
        assert operations(account) == [("standing", {"id": ORDER})]
    assert (shipment.complete, shipment.fulfilment_order_id) == (complete, "F-1")


def test_an_order_that_was_packed_out_is_asked_for_since_the_word_does_not_name_it():
    raw = json.dumps(case("Order Packed Out.order_not_fetched")).encode()
    order = {"id": ORDER, "partner_order_id": "F-1", "fulfillment_status": "pending"}
    with scripted({"data": {"order": {"data": order}}}) as (_, parts):
        (status,) = documents_of(parts, "Order Packed Out", raw)
    assert (status.fulfilment_order_id, status.status) == ("F-1", "packed")


def bearers(account):
    return [it.headers.get("authorization") for it in account.asked if it.path == "/graphql"]


def test_a_token_that_ended_is_renewed_and_the_call_made_once_more():
    with scripted(Told(401), CREATED) as (account, parts):
        parts.send(sample("fulfilment_order"), "k")
        paths = [it.path for it in account.asked]
        assert bearers(account) == ["Bearer token-1", "Bearer token-2"]
    assert paths == ["/auth/token", "/graphql", "/auth/refresh", "/graphql"]


def test_where_the_refresh_token_ended_as_well_the_password_opens_anew():
    ended = {**TOKENS, "/auth/refresh": Told(401)}
    with scripted(Told(401), CREATED, auth=ended) as (account, parts):
        parts.send(sample("fulfilment_order"), "k")
        paths = [it.path for it in account.asked]
    assert paths == ["/auth/token", "/graphql", "/auth/refresh", "/auth/token", "/graphql"]


def test_a_password_that_is_refused_is_said():
    closed = {**TOKENS, "/auth/token": Told(403)}
    with scripted(auth=closed) as (_, parts), pytest.raises(NotAuthorised):
        parts.check()


WORDS = "There are not enough credits: 2002 are needed, 1999 left. In 5 seconds you will have them"


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        ({"message": WORDS, "code": 30}, 5),
        ({"message": "Not enough credits", "code": 30, "time_remaining": "9 seconds"}, 9),
        ({"message": "Not enough credits", "code": "30"}, None),
    ],
)
def test_without_credits_it_waits_as_long_as_it_is_told(error, seconds):
    answers = {"errors": [error], "data": None}
    with scripted(answers, answers) as (_, parts):
        with pytest.raises(TryLater) as later:
            parts.send(sample("fulfilment_order"), "k")
        assert later.value.retry_after == seconds
        with pytest.raises(TryLater) as later:
            list(parts.list("orders", SINCE))
        assert later.value.retry_after == seconds


def test_an_order_that_is_refused_is_looked_for_and_its_lines_compared():
    words = refused("Order already exists", 3)
    with scripted(words, found()) as (_, parts):
        assert parts.send(sample("fulfilment_order"), "k").reference == ORDER
    with scripted(words, found(quantity=3)) as (_, parts), pytest.raises(Rejected) as refusal:
        parts.send(sample("fulfilment_order"), "k")
    assert refusal.value.code == "differs_at_partner"
    with scripted(words, NONE) as (_, parts), pytest.raises(Rejected, match="already exists"):
        parts.send(sample("fulfilment_order"), "k")


def test_an_order_told_anew_changes_the_one_that_is_there():
    done = {"data": {"order_update": {"order": {"id": ORDER}}}}
    with scripted(found(), done) as (account, parts):
        assert parts.send(sample("fulfilment_order", revision=2), "k").reference == ORDER
        (_, _), (name, variables) = operations(account)
    assert (name, variables["data"]["order_id"]) == ("orderUpdate", ORDER)
    assert variables["data"]["shipping_address"]["city"] == "Amsterdam"


def cancel(*answers, **fields):
    with scripted(*answers) as (account, parts):
        receipt = parts.send(sample("fulfilment_cancellation", **fields), "k")
        word = receipt.documents[0]
        return word.status, word.message or "", [name for name, _ in operations(account)]


def test_what_becomes_of_the_wish_to_cancel():
    known = {"warehouse_reference": ORDER}
    gone = {"data": {"order_cancel": {"order": {"id": ORDER}}}}
    one = {"id": ORDER, "partner_order_id": "F-1", "fulfillment_status": "pending"}
    by_id = {"data": {"order": {"data": one}}}
    assert cancel(by_id, gone, **known) == ("cancelled", "", ["orderById", "orderCancel"])
    assert cancel(found(), gone)[2] == ["findOrder", "orderCancel"]
    assert cancel(found("fulfilled"))[0] == "cancel_refused"
    assert cancel(found("Canceled"))[0] == "cancelled"
    late = refused("Order is being picked", 4)
    word, message, _ = cancel(found(), late, found())
    assert (word, "being picked" in message) == ("cancel_refused", True)
    assert cancel(found(), late, found("canceled"))[0] == "cancelled"
    with pytest.raises(Rejected) as refusal:
        cancel(NONE)
    assert refusal.value.code == "unknown_at_partner"
    with pytest.raises(Rejected) as refusal:
        cancel(refused("Order not found", 5), **known)
    assert refusal.value.code == "unknown_at_partner"


def test_goods_are_announced_only_to_a_warehouse_that_is_named():
    bare = replace(BLANKS, settings={"username": "hub@example.com"})
    with bare.partner(lambda _: Told(500)) as (account, parts):
        with pytest.raises(BadData) as refusal:
            parts.send(sample("inbound_notice"), "k")
        assert account.asked == []
    assert refusal.value.path == "warehouse_id"


def page(nodes, following=None):
    info = {"hasNextPage": following is not None, "endCursor": following}
    return {"data": {"pageInfo": info, "edges": [{"node": node} for node in nodes]}}


def test_lists_are_read_by_cursor_and_go_on_from_when_they_were_begun():
    pages = [page([case("orders.left")], "c1"), page([case("orders.cancelled")])]
    with scripted(*({"data": {"orders": it}} for it in pages)) as (account, parts):
        first, last = parts.list("orders", SINCE)
        asked = [variables for _, variables in operations(account)]
    assert [it["after"] for it in asked] == [None, "c1"]
    assert {it["since"] for it in asked} == {"2026-01-15T20:30:00"}
    assert (first.after, last.after) == (SINCE, Cursor(NOW))
    assert first.changes[0].delivery.key == "F-1"


def test_levels_are_those_of_our_warehouse_and_of_the_time_of_asking():
    level = {"sku": "CUP", "on_hand": 35, "available": 33}
    with scripted({"data": {"warehouse_products": page([level])}}) as (account, parts):
        (only,) = parts.list("levels", Cursor())
        ((_, variables),) = operations(account)
    assert variables["warehouse"] == "V2FyZWhvdXNlOjMxNDE="
    (report,) = parts.decode("levels", only.changes[0].raw)
    assert (report.at, report.lines[0].on_hand, report.lines[0].reserved) == (NOW, 35, 2)


@pytest.mark.parametrize("warehouse", ["3141", "V2FyZWhvdXNlOjMxNDE=", "CA"])
def test_stock_of_another_warehouse_is_not_ours(warehouse):
    parts = replace(CONFORMS, settings={**CONFORMS.settings, "warehouse_id": warehouse}).connected()
    body = case("Inventory Update.of_the_warehouse")
    assert parts.decode("Inventory Update", json.dumps(body).encode())[0].lines[0].on_hand == 35
    body["inventory"][0]["updated_warehouse"] |= {"warehouse_id": 7, "identifier": "NV"}
    with pytest.raises(Exception, match="another warehouse"):
        parts.decode("Inventory Update", json.dumps(body).encode())
