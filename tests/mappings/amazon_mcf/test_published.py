"""What Amazon publishes as examples, in its descriptions and beside them: each is read, or says
nothing of an order and is left.
"""

import json

import pytest

from adapters.amazon_mcf.conformance import CONFORMS
from hub.model.errors import Ignored
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

pytestmark = [
    pytest.mark.collection,
    pytest.mark.skipif(not SHARED.exists(), reason="the collection is not here"),
]
AMAZON = PARTNERS["amazon_mcf"]
SCHEMAS = SHARED / "schemas"
ORDER = "/fba/outbound/2020-07-01/fulfillmentOrders/{sellerFulfillmentOrderId}"
_STOCK = "listInventory.200.static1.json"


def test_the_order_that_the_description_shows_is_being_picked():
    told = json.loads((SCHEMAS / CONFORMS.contract.file).read_bytes())
    example = told["paths"][ORDER]["get"]["responses"]["200"]["examples"]
    (said,) = AMAZON.read("order", example)
    assert (said.fulfilment_order_id, said.status) == ("FBATestOrder-1", "picking")


def test_the_same_order_shipped_names_lots_and_serials_by_package():
    told = json.loads((SCHEMAS / CONFORMS.contract.file).read_bytes())
    example = told["paths"][ORDER]["get"]["responses"]["200"]["examples"]
    (shipment,) = example["payload"]["fulfillmentShipments"]
    shipment["fulfillmentShipmentStatus"] = "SHIPPED"
    (left,) = AMAZON.read("order", example)
    (package,) = left.packages
    assert [(it.sku, it.quantity, it.batch, it.serials) for it in package.lines] == [
        ("PSMM-TEST-SKU-Jan-21_19_59_44-0738", 1, None, ("a1b2c",)),
        ("CR-47K6-H6QN", 3, "LOT0822-1234, LOT1030-5678", ()),
    ]
    assert (left.source.id, left.complete) == ("FBATestOrder-1:DchKfcZ9N:0", False)


def test_the_notification_that_the_schema_shows_says_nothing_of_progress():
    file = SCHEMAS / "amazon_sp_api/notifications/FulfillmentOrderStatusNotification.json"
    (example,) = json.loads(file.read_bytes())["examples"]
    with pytest.raises(Ignored):
        AMAZON.read("FULFILLMENT_ORDER_STATUS", example)
    about = example["Payload"]["FulfillmentOrderStatusNotification"]
    about["FulfillmentOrderStatus"] = "PLANNING"
    (said,) = AMAZON.read("FULFILLMENT_ORDER_STATUS", example)
    assert (said.fulfilment_order_id, said.status) == ("SFOID2345", "accepted")


def test_no_other_example_is_taken_for_an_order():
    folders = [SHARED / "warehouses" / name for name in ("amazon_mcf", "amazon_awd")]
    files = [file for folder in folders for file in folder.glob("*.200*.json")]
    read = {file.name: _types(file) for file in files}
    assert len(read) == 20
    assert {name: types for name, types in read.items() if types} == {
        "listAllFulfillmentOrders.200.json": ["fulfilment_status"] * 2
    }


def _types(file):
    try:
        return [it.type for it in AMAZON.read("order", file.read_bytes())]
    except Ignored:
        return []
