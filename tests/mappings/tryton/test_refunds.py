"""What a refund's amounts mean, beside the taxes of the sale that it gives back."""

from decimal import Decimal

from hub.model.order import RefundLine
from mappings.kit import Context
from mappings.kit.bills.credit import credit_lines
from mappings.kit.ledger_lines import Sold, credit, credit_total, is_anything
from tests.adapters.tryton.builders import line, order, refund

D = Decimal
ORDER = order("1", line("CUP", 2, "10.00"))
FIFTH, TENTH = (D("0.20"),), (D("0.10"),)
SOLD = [Sold("CUP", FIFTH, D(2)), Sold("BOOK", TENTH, D(1)), Sold("SHIPPING", FIFTH, D(0))]


def lines_of(amount: str, *lines: RefundLine, sold=SOLD, **changes):
    told = credit(refund(ORDER, "1", amount, *lines, **changes), Context("erp"))
    booked = credit_lines(told, sold)
    return [(one["role"], one["quantity"], one["unit_price"], one["rates"]) for one in booked]


def back(sku, pieces, amount, tax, *, restock=True) -> RefundLine:
    return RefundLine(sku=sku, quantity=D(pieces), amount=D(amount), tax=D(tax), restock=restock)


def test_an_amount_without_its_tax() -> None:
    assert lines_of("12.00", back("CUP", 1, "10.00", "2.00")) == [("goods", -1, D(10), FIFTH)]


def test_an_amount_with_its_tax() -> None:
    assert lines_of("12.00", back("CUP", 1, "12.00", "2.00")) == [("goods", -1, D(10), FIFTH)]


def test_more_came_back_than_had_left() -> None:
    twice = [back("CUP", 2, "20.00", "4.00"), back("CUP", 1, "10.00", "2.00")]
    assert lines_of("36.00", *twice) == [
        ("goods", -2, D(10), FIFTH),
        ("adjustment", 1, D(-10), FIFTH),
    ]


def test_shipping_is_taxed_as_the_refund_says() -> None:
    assert lines_of("5.88", shipping_amount=D("4.90"), tax=D("0.98")) == [
        ("adjustment", 1, D("-4.90"), FIFTH)
    ]


def test_goodwill_is_not_taxed() -> None:
    assert lines_of("5.00") == [("adjustment", 1, D(-5), ())]


def test_what_was_not_given_back_takes_its_part_of_the_tax_with_it() -> None:
    part = lines_of("3.00", back("CUP", 1, "12.00", "2.00"), tax=D("0.50"))
    assert part == [("goods", -1, D(10), FIFTH), ("adjustment", 1, D("7.50"), FIFTH)]


def test_a_tax_on_what_was_sold_without_is_money() -> None:
    assert lines_of("12.00", back("CUP", 1, "10.00", "2.00", restock=False), sold=[]) == [
        ("adjustment", 1, D(-12), ())
    ]


def test_an_odd_tax_is_given_back_as_stated() -> None:
    assert lines_of("10.50", back("CUP", 1, "10.00", "0.50", restock=False)) == [
        ("adjustment", 1, D(-10), FIFTH),
        ("adjustment", 1, D("7.50"), FIFTH),
        ("adjustment", 1, D("-7.50"), ()),
    ]


def test_without_money_the_articles_value_counts() -> None:
    told = credit(refund(ORDER, "1", "0", back("BOOK", 1, "10.00", "1.00")), Context("erp"))
    assert credit_total(told, SOLD) == D("11.00")
    assert is_anything(told)
    assert not is_anything(credit(refund(ORDER, "1", "0"), Context("erp")))
