"""Invoices as UBL: valid by the schema, right by the standard's sums, and read back as written."""

from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hub.model.errors import BadData
from hub.model.invoice import Invoice
from hub.model.order import Refund
from hub.rules.invoices import adding_up
from mappings.ubl import read, write
from tests.kit.catalogue import refund
from tests.kit.fixtures import SHARED
from tests.mappings.ubl.samples import credited, drawn, order, taxed

RECORDED = sorted((SHARED / "backoffice" / "ubl_peppol").glob("bis3_*.xml"))
SCHEMAS = SHARED / "schemas" / "ubl_peppol" / "ubl21" / "maindoc"
FILES = {"invoice": "UBL-Invoice-2.1.xsd", "credit_note": "UBL-CreditNote-2.1.xsd"}


@cache
def schema(kind: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / FILES[kind])))


def comes_to(invoice: Invoice) -> Decimal:
    """What it comes to, whether paid or not."""
    return invoice.totals.payable + invoice.totals.prepaid


def checked(invoice: Invoice) -> bytes:
    assert list(adding_up.faults(invoice)) == []
    raw = write(invoice)
    assert read(raw) == invoice
    if SCHEMAS.is_dir():
        schema(invoice.kind).assertValid(etree.fromstring(raw))
    return raw


def test_an_order_is_drawn_without_tax_and_comes_to_what_was_paid() -> None:
    invoice = drawn(taxed(("3", "11.90", "1.90"), ("1", "23.80", "3.80")))
    assert [(it.net, it.tax.percent) for it in invoice.lines] == [
        (Decimal("10.00"), Decimal(19)),
        (Decimal("20.00"), Decimal(19)),
    ]
    assert (invoice.totals.tax, comes_to(invoice)) == (Decimal("5.70"), Decimal("35.70"))
    assert b"T\xc3\xa4ssle" in checked(invoice)


def test_what_rounding_a_line_leaves_is_the_rounding_amount() -> None:
    invoice = drawn(taxed(*[("1", "0.99", "0.16")] * 3))
    checked(invoice)
    assert comes_to(invoice) == Decimal("2.97")
    assert invoice.totals.rounding == comes_to(invoice) - invoice.totals.with_tax


def test_shipping_and_fees_are_charges_and_cancelled_pieces_are_not_there() -> None:
    sold = order(
        shipping=[{"title": "Post", "price": "5.00", "total": "5.00", "tax": "0"}],
        fees=[{"title": "Gift wrap", "amount": "2.00", "total": "2.00"}],
    )
    lines = [sold.lines[0].model_copy(update={"cancelled_quantity": Decimal(1)}), *sold.lines[1:]]
    invoice = drawn(sold.model_copy(update={"lines": tuple(lines)}))
    assert [it.quantity for it in invoice.lines] == [1, 1]
    assert (invoice.totals.charges, comes_to(invoice)) == (Decimal(7), Decimal(27))
    checked(invoice)


@pytest.mark.parametrize(
    ("paid", "prepaid", "payable"),
    [("0", "0", "35.70"), ("10", "10", "25.70"), ("35.70", "35.70", "0"), ("40", "35.70", "0")],
    ids=["on delivery", "in part", "whole", "more than what is left of it"],
)
def test_what_was_paid_is_not_to_be_paid_again(paid: str, prepaid: str, payable: str) -> None:
    sold = taxed(("3", "11.90", "1.90"), ("1", "23.80", "3.80"))
    totals = sold.totals.model_copy(update={"paid": Decimal(paid)})
    invoice = drawn(sold.model_copy(update={"totals": totals}))
    assert (invoice.totals.prepaid, invoice.totals.payable) == (Decimal(prepaid), Decimal(payable))
    assert (b"PrepaidAmount" in checked(invoice)) == (prepaid != "0")


def test_tax_that_is_far_from_its_rate_makes_no_invoice() -> None:
    with pytest.raises(BadData, match="apart"):
        drawn(taxed(("1", "11.90", "5.00")))


def test_a_refund_is_a_credit_note_of_its_invoice() -> None:
    sold = taxed(("1", "11.90", "1.90"))
    back = Refund.model_validate(refund("r1", amount="5.95", tax="0.95"))
    note = credited(sold, back)
    raw = checked(note)
    assert (note.totals.tax, note.totals.payable) == (Decimal("0.95"), Decimal("5.95"))
    assert b"<cbc:CreditNoteTypeCode>381<" in raw
    assert b"<cbc:ID>2026-1</cbc:ID>" in raw


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 99_999)), min_size=1, max_size=6))
def test_whatever_was_sold_adds_up(lines: list[tuple[int, int]]) -> None:
    """Tax is rounded on each line, as shops do."""
    told = []
    for pieces, cents in lines:
        total = Decimal(cents) / 100
        tax = (total * 19 / 119).quantize(Decimal("0.01"))
        told.append((str(pieces), str(total), str(tax)))
    invoice = drawn(taxed(*told))
    assert comes_to(invoice) == sum(Decimal(total) for _, total, _ in told)
    checked(invoice)


@pytest.mark.skipif(not RECORDED, reason="there is no collection here")
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_documents_are_read_and_add_up(path: Path) -> None:
    invoice = read(path.read_bytes())
    assert list(adding_up.faults(invoice)) == []
    assert read(write(invoice)) == invoice


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"payable": Decimal(1)}, "totals.payable"),
        ({"lines": Decimal(1)}, "totals.lines"),
        ({"tax": Decimal(1)}, "totals.with_tax"),
    ],
)
def test_a_sum_that_lies_is_named(change: dict[str, Decimal], where: str) -> None:
    invoice = drawn(taxed(("1", "11.90", "1.90")))
    totals = invoice.totals.model_copy(update=change)
    lying = invoice.model_copy(update={"totals": totals})
    assert where in [it.path for it in adding_up.faults(lying)]


def test_what_is_no_invoice_is_refused() -> None:
    for raw in (b"<Order/>", b"<Invoice/>", b"no xml", b""):
        with pytest.raises(BadData):
            read(raw)
