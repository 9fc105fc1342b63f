"""What the warehouse does with a call: effects once, refusals in Qimen's form."""

import pytest

from sandbox.qimen import Warehouse
from tests.sandbox.qimen.client import create_body, post

CANCEL = "<request><warehouseCode>W1</warehouseCode><orderCode>{}</orderCode></request>"
QUERY = "<request><orderCode>{}</orderCode><page>1</page><pageSize>9</pageSize></request>"
STOCK = (
    "<request><criteriaList><criteria><itemCode>{}</itemCode></criteria></criteriaList></request>"
)
ITEM = (
    """<itemCode>{}</itemCode><itemName>n</itemName><barCode>1</barCode><itemType>ZC</itemType>"""
)


def create(warehouse, code="D1", **pieces):
    return post(warehouse.url, "deliveryorder.create", create_body(code, **(pieces or {"A": 2})))


def test_the_same_order_again_is_a_success_with_the_same_number_and_one_effect(warehouse):
    first, second = create(warehouse), create(warehouse)
    assert first["flag"] == second["flag"] == "success"
    assert first["deliveryOrderId"] == second["deliveryOrderId"]
    assert first["warehouseCode"] == "W1"
    (entry,) = warehouse.record
    assert (entry["kind"], entry["key"]) == ("delivery_order", "D1")
    assert entry["document"]["orderLines"][0]["planQty"] == "2"
    assert entry["document"]["deliveryOrder"]["receiverInfo"]["detailAddress"] == "测试路1号 & 2号"
    assert len(warehouse.calls) == 2


def test_an_item_that_is_not_known_is_refused_and_known_once_synchronised(warehouse):
    assert create(warehouse, C=1)["code"] == "isv.item-not-exist"
    head = "<actionType>add</actionType><warehouseCode>W1</warehouseCode><ownerCode>O1</ownerCode>"
    body = f"<request>{head}<item>{ITEM.format('C')}</item></request>"
    assert post(warehouse.url, "singleitem.synchronize", body)["itemId"] == "I-C"
    assert create(warehouse, C=1)["flag"] == "success"


def test_many_items_are_synchronised_and_a_repeat_changes_nothing(warehouse):
    head = "<actionType>add</actionType><warehouseCode>W1</warehouseCode><ownerCode>O1</ownerCode>"
    items = "".join(f"<item>{ITEM.format(code)}</item>" for code in ("C", "D"))
    for _ in range(2):
        body = f"<request>{head}<items>{items}</items></request>"
        assert post(warehouse.url, "items.synchronize", body)["flag"] == "success"
    assert [(it["kind"], it["key"]) for it in warehouse.record] == [("item", "C"), ("item", "D")]


def test_a_cancel_in_time_is_taken_once_and_confirmed_again(warehouse):
    create(warehouse)
    assert post(warehouse.url, "order.cancel", CANCEL.format("D1"))["flag"] == "success"
    assert post(warehouse.url, "order.cancel", CANCEL.format("D1"))["flag"] == "success"
    assert [it["kind"] for it in warehouse.record] == ["delivery_order", "cancel"]
    assert warehouse.work("D1") == []
    assert create(warehouse)["code"] == "isv.order-canceled"


def test_a_cancel_after_accepting_is_in_time_and_after_picking_too_late(warehouse):
    create(warehouse, "D1")
    create(warehouse, "D2")
    warehouse.accept("D1")
    assert post(warehouse.url, "order.cancel", CANCEL.format("D1"))["flag"] == "success"
    warehouse.work("D2")
    answer = post(warehouse.url, "order.cancel", CANCEL.format("D2"))
    assert (answer["flag"], answer["code"]) == ("failure", "isv.order-cannot-cancel")


def test_a_cancel_of_nothing_is_refused(warehouse):
    assert post(warehouse.url, "order.cancel", CANCEL.format("X"))["code"] == "isv.order-not-exist"


def test_a_cancel_can_be_promised_and_not_kept(warehouse):
    create(warehouse)
    warehouse.misbehave([{"do": "ignored", "kind": "order.cancel", "times": 1}])
    assert post(warehouse.url, "order.cancel", CANCEL.format("D1"))["flag"] == "success"
    assert warehouse.work("D1")[-1]["kind"] == "deliveryorder.confirm"


def test_an_order_is_queried_with_its_state_and_packages(warehouse):
    create(warehouse)
    before = post(warehouse.url, "deliveryorder.query", QUERY.format("D1"))
    assert before["deliveryOrder"].findtext("status") == "NEW"
    warehouse.work("D1")
    after = post(warehouse.url, "deliveryorder.query", QUERY.format("D1"))
    assert after["deliveryOrder"].findtext("status") == "DELIVERED"
    assert after["packages"].findtext("package/items/item/quantity") == "2"
    assert after["orderLines"].findtext("orderLine/actualQty") == "2"
    missing = post(warehouse.url, "deliveryorder.query", QUERY.format("X"))
    assert missing["code"] == "isv.order-not-exist"


def test_stock_is_told_with_what_is_set_aside(warehouse):
    create(warehouse, A=4)
    answer = post(warehouse.url, "inventory.query", STOCK.format("A"))
    item = answer["items"].find("item")
    assert (item.findtext("quantity"), item.findtext("lockQuantity")) == ("6", "4")
    warehouse.work("D1")
    item = post(warehouse.url, "inventory.query", STOCK.format("A"))["items"].find("item")
    assert (item.findtext("quantity"), item.findtext("lockQuantity")) == ("6", "0")


ENTRY = """<request><entryOrder><entryOrderCode>E1</entryOrderCode><ownerCode>O1</ownerCode>
<warehouseCode>W1</warehouseCode></entryOrder><orderLines><orderLine><ownerCode>O1</ownerCode>
<itemCode>A</itemCode><planQty>3</planQty></orderLine></orderLines></request>"""
RETURN = """<request><returnOrder><returnOrderCode>R1</returnOrderCode>
<warehouseCode>W1</warehouseCode><preDeliveryOrderCode>D1</preDeliveryOrderCode>
<logisticsCode>SF</logisticsCode></returnOrder><orderLines><orderLine><ownerCode>O1</ownerCode>
<itemCode>A</itemCode><planQty>1</planQty><orderFlag>N</orderFlag>
<returnReason>size</returnReason></orderLine></orderLines></request>"""


@pytest.mark.parametrize(
    ("method", "body", "told"),
    [
        ("entryorder.create", ENTRY, ("entry_order", "E1", "entryOrderId")),
        ("returnorder.create", RETURN, ("return_order", "R1", "returnOrderId")),
    ],
)
def test_inbound_and_return_notices_are_kept_once(warehouse, method, body, told):
    kind, key, name = told
    first, second = (post(warehouse.url, method, body) for _ in range(2))
    assert first[name] == second[name]
    assert [(it["kind"], it["key"]) for it in warehouse.record] == [(kind, key)]
    assert post(warehouse.url, "order.cancel", CANCEL.format(key))["flag"] == "success"


def test_place_and_owner_are_insisted_on_where_they_are_set():
    with Warehouse(warehouse_code="W2", owner_code="O1") as warehouse:
        assert "W1 is not served" in create(warehouse)["message"]
    with Warehouse(warehouse_code="W1", owner_code="O2") as warehouse:
        assert "O1 is not known" in create(warehouse)["message"]
    with Warehouse(warehouse_code="W1", owner_code="O1") as warehouse:
        assert create(warehouse)["flag"] == "success"


def test_busy_and_out_of_calls_are_failures_with_their_codes(warehouse):
    warehouse.misbehave([
        {"do": "failure", "times": 1},
        {"do": "failure", "times": 1, "code": "7", "message": "call limited"},
    ])  # fmt: skip
    assert create(warehouse)["code"] == "isp.remote-service-error"
    assert create(warehouse)["code"] == "7"
    assert warehouse.record == []
    assert create(warehouse)["flag"] == "success"
