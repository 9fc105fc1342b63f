"""Credit notes of orders with several rates: lines at the tax of what was sold, the rest at the
rate that its tax is of, or in proportion at all of them.
"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.errors import BadData
from hub.model.invoice import Invoice
from hub.model.order import Refund, SalesOrder
from mappings.ubl import write
from tests.kit.catalogue import refund
from tests.mappings.ubl.samples import credited, order
from tests.mappings.ubl.schematron import broken


def line(at: int, total: str, tax: str, rate: str) -> dict[str, Any]:
    return {
        "line_no": at, "channel_line_id": f"L{at}", "sku": f"S{at}", "title": f"Article {at}",
        "quantity": "2", "unit_price": total, "total": total, "tax": tax,
        "tax_lines": [{"title": "VAT", "rate": rate, "amount": tax}],
    }  # fmt: skip


def sold() -> SalesOrder:
    """Goods of 19 and of 7 percent, and carriage of 19, prices with tax."""
    carriage = {"title": "Post", "price": "5.95", "total": "5.95", "tax": "0.95",
                "tax_lines": [{"title": "VAT", "rate": "0.19", "amount": "0.95"}]}  # fmt: skip
    return order(
        lines=[line(1, "11.90", "1.90", "0.19"), line(2, "21.40", "1.40", "0.07")],
        shipping=[carriage],
        prices_include_tax=True,
    )


def back(amount: str, tax: str, *lines: dict[str, Any]) -> Refund:
    return Refund.model_validate(refund("r1", amount=amount, tax=tax, lines=list(lines)))


def of(at: int, amount: str, tax: str, pieces: str = "1") -> dict[str, Any]:
    return {"channel_line_id": f"L{at}", "quantity": pieces, "amount": amount, "tax": tax}


def rows(note: Invoice) -> list[tuple[str, Decimal, Decimal, Decimal | None]]:
    return [(it.name, it.quantity, it.net, it.tax.percent) for it in note.lines]


NINETEEN, SEVEN = Decimal(19), Decimal(7)


@pytest.mark.parametrize(
    ("paid_back", "expected"),
    [
        (back("10.70", "0.70", of(2, "10.70", "0.70")),
         [("Article 2", Decimal(1), Decimal("10.00"), SEVEN)]),
        (back("16.65", "1.65", of(2, "10.70", "0.70"), of(1, "5.95", "0.95")),
         [("Article 2", Decimal(1), Decimal("10.00"), SEVEN),
          ("Article 1", Decimal(1), Decimal("5.00"), NINETEEN)]),
        (back("16.65", "1.65", of(2, "10.70", "0.70")),
         [("Article 2", Decimal(1), Decimal("10.00"), SEVEN),
          ("Damaged", Decimal(1), Decimal("5.00"), NINETEEN)]),
        (back("10.70", "0.70"), [("Damaged", Decimal(1), Decimal("10.00"), SEVEN)]),
        (back("39.25", "4.25"),
         [("Damaged", Decimal(1), Decimal("15.00"), NINETEEN),
          ("Damaged", Decimal(1), Decimal("20.00"), SEVEN)]),
        (back("5.95", "0.95", of(2, "21.40", "1.40")),
         [("Damaged", Decimal(1), Decimal("5.00"), NINETEEN)]),
    ],
    ids=["a line", "two lines", "a line and carriage", "an amount of one rate",
         "all of it without lines", "lines that come to more than is paid back"],
)  # fmt: skip
def test_what_is_paid_back_is_credited_at_the_tax_of_what_was_sold(
    paid_back: Refund, expected: Any
) -> None:
    note = credited(sold(), paid_back.model_copy(update={"reason": "Damaged"}))
    assert rows(note) == expected
    assert (note.totals.payable, note.totals.tax) == (paid_back.amount, paid_back.tax)
    assert broken(write(note)) == []


def test_prices_without_tax_have_lines_without_it() -> None:
    net = sold().model_copy(update={"prices_include_tax": False})
    note = credited(net, back("10.70", "0.70", of(2, "10.00", "0.70")))
    assert rows(note) == [("Article 2", Decimal(1), Decimal("10.00"), SEVEN)]


def test_tax_of_no_rate_of_the_order_makes_no_credit_note() -> None:
    with pytest.raises(BadData, match="apart"):
        credited(sold(), back("10.00", "5.00"))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1190), st.integers(0, 2140), st.sampled_from((1, 2)))
def test_however_much_of_each_line_comes_back_every_rule_holds(
    first: int, second: int, named: int
) -> None:
    parts = [(1, first, Decimal("0.19")), (2, second, Decimal("0.07"))]
    lines, total, tax = [], Decimal(0), Decimal(0)
    for at, cents, rate in parts:
        amount = Decimal(cents) / 100
        share = (amount * rate / (1 + rate)).quantize(Decimal("0.01"))
        total, tax = total + amount, tax + share
        lines.append(of(at, str(amount), str(share)))
    if not total:
        return
    note = credited(sold(), back(str(total), str(tax), *lines[:named]))
    assert note.totals.payable == total
    assert broken(write(note)) == []
