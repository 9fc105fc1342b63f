"""A layout is described in settings, and what we write keeps to it. What files mean by a layout
stands in cases, with their layouts.
"""

import pytest
from pydantic import ValidationError

from adapters.kit.samples import sample
from hub.model.errors import BadData, Rejected
from mappings.csv_drop.layout import Layout, described
from mappings.csv_drop.outward import file_of
from tests.mappings.partners import PARTNERS

CSV = PARTNERS["csv_drop"]
ORDER = sample("fulfilment_order")


def written(document, given):
    return file_of(document, Layout.model_validate(described(given)), CSV.context())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("pigeon", "one of plain, dropstream is expected"),
        ({"stock": {"columns": {"sku": "A"}}}, "columns of stock: on_hand"),
        ({"stock": {"rows": [{"type": "D", "columns": {"sku": 2}}]}}, "columns of stock: on_hand"),
        ({"stock": {"columns": {"sku": "A", "on_hand": "B", "price": "C"}}}, "stock: price"),
        ({"orders": {"name": "order.csv"}}, "{order} is expected in the name of a file"),
        ({"orders": {"line_row": ["{sku}", "{colour}"]}}, "colour is no field"),
        ({"orders": {"delimiter": "/"}}, "Input should be"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(given, said):
    with pytest.raises((ValueError, ValidationError), match=said):
        written(ORDER, given)


def test_told_again_in_another_file_a_shipment_is_the_same():
    (one,) = CSV.read("shipments", b"order,sku,quantity\nF-1,CUP,1\n")
    _, same = CSV.read("shipments", b"Order,sku,quantity\nF-0,LID,1\nF-1,CUP,1\n")
    assert one == same


@pytest.mark.parametrize(
    "head",
    [
        "order,sku,quantity,carrier,tracking_number,shipped_at,batch",
        "Order No;Item Number;Qty Shipped;Carrier Code;Tracking No;Date Shipped;Lot Number",
        "ORDER_REFERENCE|PRODUCT_CODE|SHIPPED_QUANTITY|COURIER|AWB|SHIPMENT_DATE|BATCH_NUMBER",
    ],
)
def test_columns_are_known_by_the_names_that_warehouses_use(head):
    mark = next(it for it in ",;|" if it in head)
    row = mark.join(["F-1", "CUP", "2", "UPS", "1Z1", "2026-05-05T12:00:00Z", "L1"])
    (shipment,) = CSV.read("shipments", f"{head}\n{row}\n".encode())
    (package,) = shipment.packages
    assert (package.carrier, package.tracking_number) == ("ups", "1Z1")
    assert [(it.sku, it.quantity, it.batch) for it in package.lines] == [("CUP", 2, "L1")]
    assert f"{shipment.shipped_at:%Y-%m-%d}" == "2026-05-05"


@pytest.mark.parametrize(
    "name", ["on_hand", "Qty On Hand", "QOH", "Quantity Available", "stock level"]
)
def test_what_is_there_is_known_by_the_names_that_warehouses_use(name):
    (report,) = CSV.read("stock", f"sku;{name}\nCUP;7\n".encode())
    assert [(it.sku, it.on_hand) for it in report.lines] == [("CUP", 7)]


def test_a_name_leads_nowhere_and_a_text_stays_in_its_row():
    order = sample("fulfilment_order", fulfilment_order_id="../F/1", note="two\nlines")
    file = written(order, "plain")
    assert file.name == "ord_..-F-1_1_20260504100000.csv"
    assert file.raw.count(b"\r\n") == 2
    assert b",two lines\r\n" in file.raw


def test_what_the_layout_has_no_file_or_no_letter_for_is_refused():
    with pytest.raises(Rejected):
        written(sample("fulfilment_cancellation"), "dropstream")
    narrow = {"orders": {"encoding": "cp1252", "decimal_comma": True, "delimiter": ";"}}
    with pytest.raises(BadData) as wrong:
        written(sample("fulfilment_order", note="商品"), narrow)
    assert wrong.value.code == "bad_encoding"
