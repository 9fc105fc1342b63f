"""The lines of a message are its total and its tax, whatever order they come from."""

from typing import Any

from hypothesis import given

from hub.model.errors import BadData
from hub.model.money import EXPONENT
from mappings.kit import Context, encode
from mappings.kit.orders import sales_order
from mappings.soap_erp import ENCODE
from tests.mappings.kit.test_orders import channel_orders


@given(channel_orders())
def test_the_lines_of_any_order_are_its_total_and_its_tax(told: Any) -> None:
    order = sales_order(told, Context("shop-eu"))
    try:
        message: Any = encode(ENCODE, order, Context("erp"))
    except BadData as bad:
        assert bad.code == "bad_tax" or order.currency not in EXPONENT  # noqa: PT017
        return
    taxes = [tax["amount"] for line in message["line"] for tax in line["tax"]]
    net = sum(line["net"] for line in message["line"])
    assert sum(taxes) == message["tax"] == order.totals.tax
    assert net + sum(taxes) == message["total"] == order.totals.grand_total
