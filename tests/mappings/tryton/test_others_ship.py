"""What somebody else sends is billed, and no goods are expected of it."""

from decimal import Decimal

from mappings.kit import Context
from mappings.kit.bills.sale import sale
from tests.adapters.tryton.builders import line, order


def test_a_line_that_others_send_is_billed_without_goods() -> None:
    sold = order("1", line("CUP", 2, "10.00"), line("POSTER", 1, "20.00"))
    cup, poster = sold.lines
    others = poster.model_copy(update={"fulfilled_by": "printhouse"})
    booked = sale(sold.model_copy(update={"lines": (cup, others)}), Context("erp"))
    assert [(one["role"], one["ships"], one["quantity"]) for one in booked["lines"][:2]] == [
        ("goods", True, Decimal(2)),
        ("adjustment", False, Decimal(1)),
    ]
    assert "(POSTER), sent by printhouse" in booked["lines"][1]["description"]
    assert booked["total"] == sold.totals.grand_total


def test_a_service_that_is_a_warehouse_of_ours_sends_goods_like_any_other() -> None:
    sold = order("1", line("POSTER", 1, "20.00"))
    ours = sold.lines[0].model_copy(update={"fulfilled_by": "printhouse", "warehouse": "wh-print"})
    booked = sale(sold.model_copy(update={"lines": (ours,)}), Context("erp"))
    assert (booked["lines"][0]["role"], booked["lines"][0]["ships"]) == ("goods", True)
