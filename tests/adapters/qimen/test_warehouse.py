"""Against the sandbox warehouse, which takes nothing that the API's description does not allow."""

from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from adapters.kit.http import Transport
from adapters.kit.registry import make
from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.ports import Call
from adapters.qimen import ADAPTER
from hub.model.document import Address, Source
from hub.model.errors import BadData, Contradiction, NotAuthorised, Rejected
from hub.model.fulfilment import (
    CashOnDelivery,
    FulfilmentCancellation,
    FulfilmentLine,
    FulfilmentOrder,
)
from mappings.kit import Context
from sandbox.qimen import Warehouse, Way

_AT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
_SOURCE = Source(connection="shop", id="1", occurred_at=datetime(2026, 11, 24, tzinfo=UTC))
ORDER = FulfilmentOrder(
    source=_SOURCE,
    fulfilment_order_id="F-1",
    order_number="#1001",
    channel_order_id="4507",
    merchant="acme",
    warehouse="wh-ams",
    created_at=_AT,
    ship_to=Address(
        name="Ann Example",
        lines=("Keizersgracht 1",),
        city="Amsterdam",
        region="NH",
        postal_code="1015 AA",
        country="NL",
        phone="+31200000000",
    ),
    lines=(
        FulfilmentLine(line_no=1, sku="TSHIRT-M", quantity=Decimal(2), title="T-shirt <M> & co"),
    ),
)
CANCELLATION = FulfilmentCancellation(
    source=_SOURCE, fulfilment_order_id="F-1", warehouse="wh-ams", requested_at=_AT
)
SETTINGS = {
    "app_key": "sandbox",
    "customer_id": "sandbox",
    "owner_code": "ACME",
    "warehouse_code": "AMS1",
}


@pytest.fixture
def warehouse():
    with Warehouse(warehouse_code="AMS1", owner_code="ACME", stock={"TSHIRT-M": 10}) as one:
        yield one


def adapter(warehouse, key="sandbox-secret", **settings):
    told = {**SETTINGS, **settings, "api_url": warehouse.url}
    at = Context("wh-ams", "acme")
    return make("qimen", told, {"app_secret": key}, at, Transport.local())


def orders(warehouse):
    return [entry for entry in warehouse.record if entry["kind"] == "delivery_order"]


def test_an_order_is_taken_once_and_found_again(warehouse):
    ours = adapter(warehouse)
    ours.check()
    assert ours.find(ORDER) is None
    first = ours.send(ORDER, "k")
    assert ours.send(ORDER, "k") == first
    assert ours.find(ORDER) == first
    assert len(orders(warehouse)) == 1


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
def test_every_way_of_signing_is_accepted(warehouse, method):
    assert adapter(warehouse, sign_method=method, method_prefix="").send(ORDER, "k").reference


def test_a_full_order_with_sender_and_cash_on_delivery_is_taken(warehouse):
    place = {"province": "Noord-Holland", "city": "Haarlem", "address": "Dock 1"}
    sender = {"name": "Acme", "mobile": "0201", **place}
    ours = adapter(warehouse, **{f"sender_{name}": text for name, text in sender.items()})
    full = ORDER.model_copy(
        update={
            "ship_by": ORDER.created_at,
            "cash_on_delivery": CashOnDelivery(amount=Decimal("12.5"), currency="EUR"),
            "insured_value": Decimal(100),
            "note": "ring & wait <please>",
            "delivery": ORDER.delivery.model_copy(update={"carrier": "zto"}),
            "ship_to": Address(company="B", lines=("x", "y"), city="Z", country="NL"),
            "lines": (
                FulfilmentLine(
                    line_no=1, sku="TSHIRT-M", quantity=Decimal(2), unit_price=Decimal("9.995")
                ),
            ),
        }
    )
    ours.send(full, "k")
    (entry,) = orders(warehouse)
    order, line = entry["document"]["deliveryOrder"], entry["document"]["orderLines"][0]
    assert order["logisticsCode"] == "ZTO"
    assert order["buyerMessage"] == "ring & wait <please>"
    assert order["arAmount"] == "12.50"
    assert order["senderInfo"]["city"] == "Haarlem"
    assert order["receiverInfo"]["detailAddress"] == "x y"
    assert (line["actualPrice"], line["planQty"], line["inventoryType"]) == ("10.00", "2", "ZP")


def test_a_cancel_is_the_warehouses_word(warehouse):
    ours = adapter(warehouse)
    ours.send(ORDER, "k")
    assert ours.find(CANCELLATION) is None
    (word,) = ours.send(CANCELLATION, "c").documents
    assert (word.type, word.status) == ("fulfilment_status", "cancelled")
    found = ours.find(CANCELLATION)
    assert [one.status for one in found.documents] == ["cancelled"]


def test_a_cancel_after_the_goods_left_is_refused_and_that_is_a_fact(warehouse):
    ours = adapter(warehouse)
    ours.send(ORDER, "k")
    warehouse.work("F-1")
    (word,) = ours.send(CANCELLATION, "c").documents
    assert word.status == "cancel_refused"
    assert [one.status for one in ours.find(CANCELLATION).documents] == ["cancel_refused"]


def test_what_the_warehouse_does_not_know_is_refused_in_its_words(warehouse):
    ours = adapter(warehouse)
    strange = ORDER.model_copy(
        update={"lines": (FulfilmentLine(line_no=1, sku="NOPE", quantity=Decimal(1)),)}
    )
    with pytest.raises(Rejected, match="NOPE is not known"):
        ours.send(strange, "k")
    with pytest.raises(Rejected, match="not-exist"):
        ours.send(CANCELLATION, "c")


def test_the_wrong_secret_pauses_the_connection(warehouse):
    with pytest.raises(NotAuthorised):
        adapter(warehouse, key="wrong").check()
    with pytest.raises(NotAuthorised):
        adapter(warehouse, key="wrong").send(ORDER, "k")


def test_an_order_found_with_other_lines_is_somebody_elses(warehouse):
    ours = adapter(warehouse)
    ours.send(ORDER, "k")
    other = FulfilmentLine(line_no=1, sku="TSHIRT-M", quantity=Decimal(3))
    with pytest.raises(Rejected) as fate:
        ours.find(ORDER.model_copy(update={"lines": (other,)}))
    assert fate.value.code == "differs_at_partner"


def test_an_order_without_an_address_is_ours_to_mend(warehouse):
    with pytest.raises(BadData) as fate:
        adapter(warehouse).send(ORDER.model_copy(update={"ship_to": None}), "k")
    assert (fate.value.path, fate.value.code) == ("ship_to", "missing_field")
    assert orders(warehouse) == []


def test_stock_of_another_owner_is_never_booked(warehouse):
    body = (
        b"<request><warehouseCode>AMS1</warehouseCode><checkOrderCode>C</checkOrderCode>"
        b"<ownerCode>OTHERS</ownerCode><items><item><itemCode>A</itemCode><quantity>1</quantity>"
        b"</item></items></request>"
    )
    ours = adapter(warehouse)
    with pytest.raises(Contradiction) as fate:
        ours.decode("inventory.report", body)
    assert fate.value.path == "ownerCode"
    (change,) = ours.decode("inventory.report", body.replace(b"OTHERS", b"ACME"))
    assert change.lines[0].delta == 1


def test_a_half_sender_is_no_sender(warehouse):
    with pytest.raises(BadData) as fate:
        adapter(warehouse, sender_name="Acme")
    assert "a sender needs" in str(fate.value)


def taken(ours, asked):
    """What gateway and worker would make of a delivery: where it is from, and what it says."""
    call = Call(asked.method, urlsplit(asked.target).query, asked.headers, asked.body)
    delivery = ours.verify(call, datetime.now(UTC))
    return delivery, ours.decode(delivery.topic, call.body)


def test_what_the_warehouse_tells_is_authentic_and_adds_up(warehouse):
    ours, deliveries, documents = adapter(warehouse), [], []

    def listen(asked):
        delivery, said = taken(ours, asked)
        deliveries.append(delivery)
        documents.extend(said)
        answer = ADAPTER.answer(None, "stored")
        return Told(answer.status, answer.body, {"content-type": answer.content_type})

    ours.send(ORDER, "k")
    with Loopback(listen) as door:
        told = warehouse.work("F-1", Way(packages=2, partial=True, duplicate=True), door.url)
        warehouse.count({"TSHIRT-M": 5}, hub_url=door.url)
        warehouse.change("TSHIRT-M", -1, hub_url=door.url)
    assert all(entry["document"]["ok"] for entry in told)
    words = [one.status for one in documents if one.type == "fulfilment_status"]
    assert words == ["accepted", "picking", "packed"]
    shipments = {one.source.id: one for one in documents if one.type == "shipment"}
    assert [one.complete for one in shipments.values()] == [False, True]
    shipped = [
        line.quantity
        for one in shipments.values()
        for package in one.packages
        for line in package.lines
    ]
    assert sum(shipped) == 2
    assert (
        len({one.id for one in deliveries}) == 7
    )  # three words, two shipments told twice, a count, a change
    assert {one.key for one in deliveries} == {"F-1", None}
    changes = [one.lines[0].delta for one in documents if one.type == "stock_change"]
    assert changes == [-1]
    totals = [one.lines[0].on_hand for one in documents if one.type == "stock_report"]
    assert totals == [5]  # a count's difference is in its total
