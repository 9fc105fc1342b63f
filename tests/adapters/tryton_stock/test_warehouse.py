"""A merchant's own warehouse in a real Tryton: what it is told, and what it says of it."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.kit.samples import sample
from adapters.ports import Cursor, Parts, Receipt
from hub.model.document import Document
from hub.model.errors import OutcomeUnknown, Rejected, UnknownCode
from hub.model.fulfilment import FulfilmentLine, FulfilmentOrder
from tests.adapters.tryton.proxy import Proxy
from tests.adapters.tryton_stock.conftest import Opened, connected
from tests.adapters.tryton_stock.shelves import OUT, Shelves
from tests.peers.tryton import TrytonServer

pytestmark = pytest.mark.peer("tryton")

D = Decimal
A, B, C = "SKU-0001", "SKU-0002", "SKU-0003"


def order(number: str, **pieces: int) -> FulfilmentOrder:
    """Pieces by the last digit of their SKU: `_1=2` are two of SKU-0001."""
    lines = tuple(
        FulfilmentLine(line_no=at, sku=f"SKU-000{name[1:]}", quantity=D(quantity))
        for at, (name, quantity) in enumerate(pieces.items(), start=1)
    )
    told = sample("fulfilment_order", fulfilment_order_id=number)
    assert isinstance(told, FulfilmentOrder)
    return told.model_copy(update={"lines": lines})


def listed(own: Parts, topic: str, since: Cursor | None = None) -> list[Document]:
    """All that a poll finds, decoded."""
    assert own.list is not None
    found = []
    for page in own.list(topic, since or Cursor()):
        for change in page.changes:
            assert change.raw is not None
            found += own.decode(change.delivery.topic, change.raw)
    return found


def words(documents: Any) -> list[tuple[str, str]]:
    """(order, word) of statuses; a shipment is what left or is short of each article."""
    said = []
    for it in documents:
        if it.type == "fulfilment_status":
            said.append((it.fulfilment_order_id, it.status))
            continue
        left = [line for parcel in it.packages for line in parcel.lines]
        parts = [f"{line.quantity:f} {line.sku}" for line in left]
        parts += [f"{line.quantity:f} {line.sku} short" for line in it.short]
        said.append((it.fulfilment_order_id, ", ".join(parts)))
    return said


def test_an_order_becomes_one_shipment_that_is_reserved_and_goes_its_way(
    opened: Opened, tryton_server: TrytonServer
) -> None:
    house = opened({A: 5, B: 2})
    own, told = connected(house, tryton_server), order("F-1", _1=2, _2=1)
    own.check()
    assert own.find(told) is None
    receipt = own.send(told, "k")
    assert words(receipt.documents) == [("F-1", "accepted")]
    assert own.send(told, "k").reference == receipt.reference
    again = own.find(told)
    assert again is not None
    assert again.reference == receipt.reference
    fields = ("reference", "planned_date", "customer.code", "delivery_address.city")
    ((row,)) = house.read(OUT, [["warehouse.code", "=", house.code]], *fields)
    assert (row["reference"], row["delivery_address."]["city"]) == ("F-1", "Amsterdam")
    assert row["customer."]["code"].startswith(f"OH-{house.code.lower()}-")
    assert row["planned_date"] is not None
    assert words(listed(own, "shipments")) == [("F-1", "accepted")]
    house.ships("F-1", "JD014600003RU")
    (left,) = listed(own, "shipments")
    assert words([left]) == [("F-1", f"2 {A}, 1 {B}")]
    assert left.packages[0].tracking_number == "JD014600003RU"  # type: ignore[attr-defined]
    assert house.on_hand(A, B) == {A: 3, B: 1}


def test_what_is_not_there_is_cut_and_told_at_once_and_all_of_it_rejected(
    opened: Opened, tryton_server: TrytonServer
) -> None:
    house = opened({A: 5, B: 1})
    own = connected(house, tryton_server)
    short = order("F-1", _1=2, _2=3, _3=1)
    told = own.send(short, "k")
    cut = ("F-1", f"2 {B} short, 1 {C} short")
    assert words(told.documents) == [("F-1", "accepted"), cut]
    found = own.find(short)
    assert found is not None
    assert words(found.documents) == words(told.documents)
    house.finds_only("F-1", {})  # back to the desk and reserved anew: what was cut is not wanted
    assert house.pieces(house.shipments()["F-1"]["outgoing_moves"]) == {A: 2, B: 1}
    house.ships("F-1")
    assert words(listed(own, "shipments")) == [("F-1", f"2 {A}, 1 {B}")]
    assert house.on_hand(A, B, C) == {A: 3, B: 0, C: 0}

    assert words(own.send(order("F-2", _2=1), "k").documents) == [("F-2", "rejected")]
    assert house.shipments()["F-2"]["state"] == "cancelled"


def test_what_is_waited_for_is_said_and_reserved_once_it_came(
    opened: Opened, tryton_server: TrytonServer
) -> None:
    house = opened({A: 1})
    own, told = connected(house, tryton_server, short="wait"), order("F-1", _1=3)
    (said,) = own.send(told, "k").documents
    assert words([said]) == [("F-1", "exception")]
    assert said.message == f"not in stock: 2 of {A}"  # type: ignore[attr-defined]
    assert own.find(told) is not None
    assert listed(own, "shipments") == []
    house.count({A: 4})
    assert words(own.send(told, "k").documents) == [("F-1", "accepted")]


def test_what_pickers_do_not_find_did_not_leave(
    opened: Opened, tryton_server: TrytonServer
) -> None:
    house = opened({A: 5})
    own = connected(house, tryton_server)
    own.send(order("F-1", _1=3), "k")
    house.finds_only("F-1", {A: 2})
    house.ships("F-1")
    (left,) = listed(own, "shipments")
    assert words([left]) == [("F-1", f"2 {A}")]
    assert left.complete  # type: ignore[attr-defined]


def test_a_cancel_stops_what_has_not_left_and_is_refused_for_what_has(
    opened: Opened, tryton_server: TrytonServer
) -> None:
    house = opened({A: 5})
    own = connected(house, tryton_server)
    for number in ("F-1", "F-2"):
        own.send(order(number, _1=1), "k")
    house.ships("F-2")
    off = [sample("fulfilment_cancellation", fulfilment_order_id=it) for it in ("F-1", "F-2")]
    assert own.find(off[0]) is None
    assert words(own.send(off[0], "k").documents) == [("F-1", "cancelled")]
    found = own.find(off[0])
    assert found is not None
    assert words(found.documents) == [("F-1", "cancelled")]
    assert words(own.send(off[1], "k").documents) == [("F-2", "cancel_refused")]
    with pytest.raises(Rejected, match="no such order"):
        own.send(sample("fulfilment_cancellation", fulfilment_order_id="F-3"), "k")
    assert house.on_hand(A) == {A: 4}


def test_other_lines_under_our_number_and_unknown_articles_are_a_persons(
    opened: Opened, tryton_server: TrytonServer
) -> None:
    house = opened({A: 5})
    own = connected(house, tryton_server)
    own.send(order("F-1", _1=2), "k")
    with pytest.raises(Rejected, match="other lines"):
        own.find(order("F-1", _1=1))
    nowhere = FulfilmentLine(line_no=1, sku="NOWHERE", quantity=D(1))
    with pytest.raises(UnknownCode):
        own.send(order("F-2").model_copy(update={"lines": (nowhere,)}), "k")
    assert set(house.shipments()) == {"F-1"}


def test_every_answer_lost_once_leads_to_one_shipment_cut_as_before(
    opened: Opened, tryton_server: TrytonServer, proxy: Proxy
) -> None:
    house = opened({A: 5, B: 1})
    own, told = connected(house, tryton_server, api_url=proxy.url), order("F-1", _1=2, _2=3)
    own.check()
    steps = ("create", "wait", "assign_try")
    proxy.lose = [*(f"{OUT}.{step}" for step in steps), "stock.move.write", "stock.move.delete"]
    receipt = _until_told(own, told)
    assert proxy.lose == []
    assert words(receipt.documents) == [("F-1", "accepted"), ("F-1", f"2 {B} short")]
    ((number, row),) = house.shipments().items()
    assert (number, row["state"]) == ("F-1", "assigned")
    assert house.pieces(row["outgoing_moves"]) == {A: 2, B: 1}
    assert len(house.read(OUT, [["warehouse.code", "=", house.code]], "id")) == 1


def _until_told(own: Parts, document: Document) -> Receipt:
    """What the outbox does: send; after an unknown outcome ask, send again only when told no."""
    for _ in range(10):
        try:
            return own.send(document, "k")
        except OutcomeUnknown:
            found = own.find(document)
            if found:
                return found
    raise AssertionError("never told")


def test_a_poll_gives_ours_since_a_moment_that_included_and_no_others(
    opened: Opened, tryton_server: TrytonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.tryton_stock.listing.SIZE", 2)
    house = opened({A: 50})
    own = connected(house, tryton_server)
    for number in range(5):
        own.send(order(f"F-{number}", _1=1), "k")
    _at_once(house)
    assert own.list is not None
    pages = list(own.list("shipments", Cursor()))
    keys = [change.delivery.key for page in pages for change in page.changes]
    assert sorted(map(str, keys)) == [f"F-{number}" for number in range(5)]
    last = pages[-1].after
    assert len(listed(own, "shipments", last)) == 5  # all were written in one moment


def _at_once(house: Shelves) -> None:
    """People ship something of their own, and reserve all of ours in one transaction."""
    rows = house.shipments("assigned")
    foreign = rows["F-0"]["id"]
    (copy,) = house.rpc.call(OUT, "copy", [foreign], {"reference": "PO 77"})
    (party,) = house.rpc.call("party.party", "create", [{"name": "Neighbour", "code": house.code}])
    (address,) = house.rpc.call("party.address", "create", [{"party": party, "city": "Lyon"}])
    house.rpc.call(OUT, "write", [copy], {"customer": party, "delivery_address": address})
    ours = [row["id"] for row in rows.values()]
    house.rpc.call(OUT, "wait", [*ours, copy])
    house.rpc.call(OUT, "assign_try", [*ours, copy])


def test_stock_is_what_lies_there_and_goods_that_came_are_told_once_they_are_on_the_shelves(
    opened: Opened, tryton_server: TrytonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.tryton_stock.listing.PRODUCTS", 4)
    house = opened({A: 5, B: 2})
    own = connected(house, tryton_server, category="Sold")
    own.send(order("F-1", _1=2), "k")
    reports = listed(own, "stock")
    counted = {line.sku: line.on_hand for it in reports for line in it.lines}  # type: ignore[attr-defined]
    assert len(reports) > 1
    assert {sku: count for sku, count in counted.items() if count} == {A: 5, B: 2}
    assert C in counted
    assert listed(connected(house, tryton_server, category="None such"), "stock") == []

    notice = sample("inbound_notice", inbound_notice_id=f"PO-{house.code}")
    line = notice.lines[0].model_copy(update={"sku": B, "quantity": D(4)})  # type: ignore[attr-defined]
    notice = notice.model_copy(update={"lines": (line,)})
    assert own.find(notice) is None
    assert own.send(notice, "k") == own.send(notice, "k") == own.find(notice)
    assert listed(own, "receipts") == []
    house.receives(notice.business_id, 3)
    (came,) = listed(own, "receipts")
    assert came.inbound_notice_id == notice.business_id  # type: ignore[attr-defined]
    assert [(it.sku, it.quantity) for it in came.lines] == [(B, 3)]  # type: ignore[attr-defined]
    assert house.on_hand(B) == {B: 5}
    off = sample("inbound_cancellation", inbound_notice_id=notice.business_id)
    with pytest.raises(Rejected, match="done there"):
        own.send(off, "k")
    other = notice.model_copy(update={"inbound_notice_id": f"PO-{house.code}-2"})
    own.send(other, "k")
    off = sample("inbound_cancellation", inbound_notice_id=other.business_id)
    assert own.find(off) is None
    assert own.send(off, "k") == own.find(off)
