"""Inbound notices, returns, articles and stockouts against the sandbox warehouse: each is taken
once, found again, cancelled, worked, and confirmed.
"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.kit.registry import entry
from adapters.kit.samples import sample
from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.ports import Cursor
from adapters.qimen import ADAPTER
from hub.model.errors import BadData, Rejected
from hub.model.fulfilment import FulfilmentDelivery
from hub.model.product import Component
from sandbox.qimen import Arrival, Warehouse
from tests.adapters.qimen.test_warehouse import CANCELLATION, ORDER, adapter, taken

NOTICE = sample(
    "inbound_notice",
    lines=[
        {"line_no": 1, "sku": "TSHIRT-M", "quantity": "5", "unit_cost": "2.50"},
        {"line_no": 2, "sku": "MUG", "quantity": "3", "batch": "B1", "expires_on": "2027-03-01"},
    ],
)
RETURN = sample("return", lines=[{"sku": "MUG", "quantity": "2", "reason": "broken"}])
KIT = sample("product", sku="SET", components=[{"sku": "MUG", "quantity": "2"}])
B2B = ORDER.model_copy(update={"delivery": FulfilmentDelivery(method="b2b")})


@pytest.fixture
def warehouse():
    stock = {"TSHIRT-M": 10, "MUG": 10}
    with Warehouse(warehouse_code="AMS1", owner_code="ACME", stock=stock) as one:
        yield one


def kept(warehouse):
    return [(one["kind"], one["key"]) for one in warehouse.record]


def told(warehouse, work, **settings):
    """What the warehouse says while it works, as documents; each is authentic."""
    ours, documents = adapter(warehouse, **settings), []

    def listen(asked):
        documents.extend(taken(ours, asked)[1])
        answer = ADAPTER.answer(None, "stored")
        return Told(answer.status, answer.body, {"content-type": answer.content_type})

    with Loopback(listen) as door:
        assert all(one["document"]["ok"] for one in work(door.url))
    return documents


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (NOTICE, "entry_order"),
        (RETURN, "return_order"),
        (B2B, "stockout"),
        (sample("product", sku="CUP"), "item"),
    ],
    ids=lambda it: getattr(it, "type", it),
)
def test_a_document_is_taken_once_and_found_again(warehouse, document, kind):
    ours = adapter(warehouse)
    assert ours.find(document) is None
    first = ours.send(document, "k")
    assert ours.send(document, "k") == first
    assert ours.find(document) == first
    assert kept(warehouse) == [(kind, document.business_id)]


def test_a_notice_of_other_lines_under_our_number_is_somebody_elses(warehouse):
    ours = adapter(warehouse)
    ours.send(NOTICE, "k")
    other = NOTICE.model_copy(update={"lines": NOTICE.lines[:1]})
    with pytest.raises(Rejected) as fate:
        ours.find(other)
    assert fate.value.code == "differs_at_partner"


def test_a_later_revision_takes_the_place_of_the_one_before(warehouse):
    ours = adapter(warehouse)
    first = ours.send(NOTICE, "k")
    later = NOTICE.model_copy(update={"revision": 2, "lines": NOTICE.lines[:1]})
    second = ours.send(later, "k2")
    assert second != first
    assert ours.send(later, "k2") == second
    assert ours.find(later) == second
    assert [kind for kind, _ in kept(warehouse)] == ["entry_order", "cancel", "entry_order"]
    warehouse.receive("I-1")
    with pytest.raises(Rejected, match="cannot-cancel"):
        ours.send(NOTICE.model_copy(update={"revision": 3}), "k3")


def test_a_notice_is_called_off_and_a_refusal_is_for_a_person(warehouse):
    ours, off = adapter(warehouse), sample("inbound_cancellation")
    with pytest.raises(Rejected, match="not-exist"):
        ours.send(off, "c")
    ours.send(NOTICE, "k")
    assert ours.find(off) is None
    assert ours.send(off, "c").reference == "I-1"
    assert ours.find(off) == ours.send(off, "c")
    assert ours.find(NOTICE) is None


def test_a_receipt_adds_up_over_its_confirms_good_and_damaged_apart(warehouse):
    adapter(warehouse).send(NOTICE, "k")
    arrival = Arrival(partial=True, over={"MUG": 1}, defective={"TSHIRT-M": 2}, duplicate=True)
    documents = told(warehouse, lambda url: warehouse.receive("I-1", arrival, url))
    receipts = {one.receipt_id: one for one in documents}
    assert [one.type for one in documents] == ["goods_receipt"] * 4
    assert [one.complete for one in receipts.values()] == [False, True]
    sums: dict[tuple[str, str], Decimal] = {}
    for one in receipts.values():
        assert one.inbound_notice_id == "I-1"
        for line in one.lines:
            at = (line.sku, line.quality)
            sums[at] = sums.get(at, Decimal(0)) + line.quantity
    assert sums == {("TSHIRT-M", "good"): 3, ("TSHIRT-M", "defective"): 2, ("MUG", "good"): 4}
    assert warehouse.stock == {"TSHIRT-M": {"ZP": 13, "CC": 2}, "MUG": {"ZP": 14}}
    assert warehouse.receive("I-1") == []


def test_what_came_back_is_a_return_receipt(warehouse):
    adapter(warehouse).send(RETURN, "k")
    arrival = Arrival(defective={"MUG": 1})
    (receipt,) = told(warehouse, lambda url: warehouse.receive("R-1", arrival, url))
    assert (receipt.type, receipt.return_id) == ("return_receipt", "R-1")
    assert [(line.quality, line.quantity) for line in receipt.lines] == [
        ("good", 1),
        ("defective", 1),
    ]


def test_what_came_back_adds_up_over_its_confirms_and_a_repeat_has_the_same_number(warehouse):
    adapter(warehouse).send(RETURN, "k")
    arrival = Arrival(partial=True, duplicate=True)
    receipts = told(warehouse, lambda url: warehouse.receive("R-1", arrival, url))
    assert len(receipts) == 4
    once = {one.receipt_id: one for one in receipts}
    assert [one.attributes["complete"] for one in once.values()] == [False, True]
    assert sum(line.quantity for one in once.values() for line in one.lines) == 2


@pytest.mark.parametrize("kind", ["exchange", "resend", "repair"])
def test_whatever_the_customer_gets_the_warehouse_takes_the_goods(warehouse, kind):
    adapter(warehouse).send(RETURN.model_copy(update={"kind": kind}), "k")
    (taken,) = [one["document"] for one in warehouse.record]
    assert taken["returnOrder"]["orderType"] == "HHRK"


@pytest.mark.parametrize("status", ["requested", "refunded"])
def test_a_return_that_is_not_approved_is_not_the_warehouses_business(warehouse, status):
    with pytest.raises(BadData) as fate:
        adapter(warehouse).send(RETURN.model_copy(update={"status": status}), "k")
    assert (fate.value.path, fate.value.code) == ("status", "not_approved")
    assert kept(warehouse) == []


def test_a_return_is_called_off_until_the_goods_are_there(warehouse):
    ours, off = adapter(warehouse), RETURN.model_copy(update={"status": "cancelled"})
    ours.send(RETURN, "k")
    assert ours.find(off) is None
    assert ours.send(off, "c").reference == "R-1"
    assert ours.find(off) == ours.send(off, "c")
    again = RETURN.model_copy(update={"return_id": "R-2"})
    ours.send(again, "k")
    warehouse.receive("R-2")
    with pytest.raises(Rejected, match="cannot-cancel"):
        ours.send(again.model_copy(update={"status": "cancelled"}), "c")


def test_a_stockout_is_confirmed_as_one_and_cancelled_as_one(warehouse):
    ours = adapter(warehouse, order_type="B2BCK")
    ours.send(ORDER, "k")
    assert ours.find(CANCELLATION) is None
    (shipment,) = [
        one
        for one in told(warehouse, lambda url: warehouse.work("F-1", hub_url=url))
        if one.type == "shipment"
    ]
    assert [line.quantity for one in shipment.packages for line in one.lines] == [2]
    (word,) = ours.send(CANCELLATION, "c").documents
    assert word.status == "cancel_refused"
    assert [one.status for one in ours.find(CANCELLATION).documents] == ["cancel_refused"]


def test_a_stockout_by_its_own_mark_needs_no_setting(warehouse):
    ours = adapter(warehouse)
    ours.send(B2B, "k")
    marked = ORDER.model_copy(
        update={"fulfilment_order_id": "F-9", "attributes": {"orderType": "DBCK"}}
    )
    ours.send(marked, "k")
    kinds = [one["document"]["deliveryOrder"]["orderType"] for one in warehouse.record]
    assert kinds == ["B2BCK", "DBCK"]
    off = CANCELLATION.model_copy(update={"attributes": {"orderType": "B2BCK"}})
    (word,) = ours.send(off, "c").documents
    assert word.status == "cancelled"
    assert [one.status for one in ours.find(off).documents] == ["cancelled"]


def test_an_article_and_a_kit_are_told_with_the_warehouses_number_taken_back(warehouse):
    ours = adapter(warehouse)
    assert ours.send(KIT, "k").reference == "I-SET"
    assert ours.find(KIT) is None  # told anew, which changes nothing
    assert kept(warehouse) == [("item", "SET"), ("kit", "SET")]
    item, made = (one["document"] for one in warehouse.record)
    assert item["itemType"] == "ZH"
    assert made["items"] == [{"itemCode": "MUG", "itemId": "MUG", "quantity": "2"}]
    changed = KIT.model_copy(update={"components": (Component(sku="MUG", quantity=Decimal(3)),)})
    ours.send(changed, "k")
    assert kept(warehouse)[2:] == [("kit", "SET")]


def test_levels_are_asked_for_and_told_when_they_changed_or_once_a_day(warehouse):
    ours = adapter(warehouse, stock_items=["TSHIRT-M", "MUG", "NOPE"])
    ours.send(ORDER, "k")
    warehouse.change("MUG", 2, quality="CC")
    (page,) = ours.list("inventory.query", Cursor())
    (change,) = page.changes
    (report,) = ours.decode(change.delivery.topic, change.raw)
    assert {(one.sku, one.quality, one.on_hand, one.reserved) for one in report.lines} == {
        ("TSHIRT-M", "good", 10, 2),
        ("MUG", "good", 10, 0),
        ("MUG", "defective", 2, 0),
    }
    assert abs(datetime.now(UTC) - report.at).total_seconds() < 60
    assert [one.changes for one in ours.list("inventory.query", page.after)] == [[]]
    warehouse.change("MUG", -1)
    assert [len(one.changes) for one in ours.list("inventory.query", page.after)] == [1]


def test_without_articles_to_ask_for_nothing_is_asked(warehouse):
    (page,) = adapter(warehouse).list("inventory.query", Cursor())
    assert page.changes == []
    assert warehouse.calls == []


def test_the_manifest_names_all_that_is_told(warehouse):
    takes = entry("qimen").manifest.takes
    assert {"inbound_notice", "return", "product"} <= set(takes)
