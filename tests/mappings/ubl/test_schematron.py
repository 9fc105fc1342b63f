"""Every calculation rule of EN 16931 and Peppol BIS 3 over what is written of orders and refunds,
and each rule shown to bite.
"""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hub.model.document import ZERO
from hub.model.invoice import AllowanceCharge, Invoice, Tax, TaxSum, tax_of
from hub.model.money import add
from hub.model.order import Refund, SalesOrder
from hub.rules.invoices import adding_up
from mappings.ubl import read, write
from tests.kit.catalogue import refund
from tests.mappings.ubl.samples import credited, drawn, order, taxed
from tests.mappings.ubl.schematron import RULES, broken
from tests.mappings.ubl.test_ubl import RECORDED

_CENT = Decimal("0.01")
RATES = ("0", "0.07", "0.19", "0.055", "0.255")
NOT_READ = {"bis3_vat-category-O": ["BR-CO-26"]}
"""What an example loses with us: a seller who has an identifier and no other number."""
EXEMPT = Tax(category="E", percent=ZERO, reason="Small business, § 19 UStG")


@st.composite
def orders(draw: st.DrawFn) -> SalesOrder:
    """Mixed rates, discounts, prices with and without tax, carriage and fees, cancelled pieces."""
    included = draw(st.booleans())
    lines = []
    for at in range(1, draw(st.integers(1, 6)) + 1):
        pieces = draw(st.integers(1, 9))
        price = Decimal(draw(st.integers(0, 99_999))) / 100
        discount = (price * pieces * draw(st.sampled_from((0, 0, 10, 33))) / 100).quantize(_CENT)
        rate = Decimal(draw(st.sampled_from(RATES)))
        stated = price * pieces - discount
        share = rate / (1 + rate) if included else rate
        tax = (stated * share).quantize(_CENT)
        total = stated if included else stated + tax
        said = rate and draw(st.integers(0, 3))  # some shops name no rate
        rates = [{"title": "VAT", "rate": str(rate), "amount": str(tax)}] if said else []
        lines.append(
            {"line_no": at, "sku": f"S{at}", "title": "Cup", "quantity": str(pieces),
             "unit_price": str(price), "discount": str(discount), "tax": str(tax),
             "total": str(total), "tax_lines": rates}
        )  # fmt: skip
    carriage = Decimal(draw(st.integers(0, 1500))) / 100
    rate = Decimal(draw(st.sampled_from(RATES)))
    tax = (carriage * rate / (1 + rate)).quantize(_CENT)
    rates = [{"title": "VAT", "rate": str(rate), "amount": str(tax)}] if rate else []
    shipping = {"title": "Post", "price": str(carriage), "total": str(carriage), "tax": str(tax),
                "tax_lines": rates}  # fmt: skip
    fee = Decimal(draw(st.integers(0, 300))) / 100
    sold = order(
        lines=lines, prices_include_tax=included, shipping=[shipping],
        fees=[{"title": "Gift wrap", "amount": str(fee), "total": str(fee)}],
    )  # fmt: skip
    cancelled = draw(st.integers(0, 9))
    first = sold.lines[0]
    gone = min(Decimal(cancelled), first.quantity - (len(sold.lines) == 1))
    kept = first.model_copy(update={"cancelled_quantity": gone})
    return sold.model_copy(update={"lines": (kept, *sold.lines[1:])})


@settings(max_examples=150, deadline=None)
@given(orders())
def test_the_invoice_of_whatever_was_sold_holds_every_rule(sold: SalesOrder) -> None:
    invoice = drawn(sold)
    assert broken(write(invoice)) == []
    assert list(adding_up.faults(invoice)) == []


@settings(max_examples=100, deadline=None)
@given(orders(), st.integers(1, 99_999), st.sampled_from(RATES), st.integers(0, 1))
def test_the_credit_note_of_whatever_was_paid_back_holds_every_rule(
    sold: SalesOrder, cents: int, rate: str, taxes: int
) -> None:
    amount = Decimal(cents) / 100
    tax = (amount * Decimal(rate) / (1 + Decimal(rate))).quantize(_CENT) if taxes else ZERO
    like = next((it for it in (*sold.lines, *sold.shipping) if it.tax_lines), None)
    if tax and like is not None:  # a refund's tax is of the order's own rate
        own = like.tax_lines[0].rate or ZERO
        tax = (amount * own / (1 + own)).quantize(_CENT)
    back = Refund.model_validate(refund("r1", amount=str(amount), tax=str(tax)))
    note = credited(sold, back)
    assert broken(write(note)) == []
    assert note.totals.payable == amount


def test_a_cent_of_tax_on_thousands_is_no_rate() -> None:
    sold = taxed(("1", "1000.01", "0.01"), ("1", "11.90", "1.90"))
    bare = sold.lines[0].model_copy(update={"tax_lines": ()})
    invoice = drawn(sold.model_copy(update={"lines": (bare, sold.lines[1])}))
    assert broken(write(invoice)) == []
    assert [it.tax.category for it in invoice.lines] == ["Z", "S"]
    assert (invoice.totals.rounding, invoice.totals.payable) == (_CENT, Decimal("1011.91"))


def rich(kind: str = "invoice", prepaid: str = "10.00") -> Invoice:
    """Lines and amounts of every category with what is taken off and added, partly paid already."""
    made = drawn(taxed(("3", "11.90", "1.90"), ("7", "23.80", "3.80"), ("1", "5.00", "0")))
    standard, zero = made.lines[0].tax, made.lines[2].tax
    off = AllowanceCharge(is_charge=False, amount=Decimal("1.00"), reason="Bonus", tax=standard)
    on = AllowanceCharge(is_charge=True, amount=Decimal("4.00"), reason="Post", tax=zero)
    waived = AllowanceCharge(is_charge=False, amount=Decimal("0.50"), reason="Waived", tax=zero)
    bonus = AllowanceCharge(is_charge=False, amount=Decimal("0.30"), reason="Club", tax=EXEMPT)
    fee = AllowanceCharge(is_charge=True, amount=Decimal("0.70"), reason="Fee", tax=EXEMPT)
    charge = AllowanceCharge(is_charge=True, amount=Decimal("2.00"), reason="Box", tax=standard)
    rebate = AllowanceCharge(is_charge=False, amount=Decimal("0.40"), reason="Scratch")
    extra = AllowanceCharge(is_charge=True, amount=Decimal("0.60"), reason="Engraving")
    buyer = {"endpoint": "7300010000001", "endpoint_scheme": "0088"}
    first, second, third = made.lines
    lines = (
        first.model_copy(update={"allowances": (rebate, extra), "net": add(first.net, _CENT * 20)}),
        second,
        third,
        third.model_copy(update={"line_no": "4", "tax": EXEMPT}),
    )
    charges = (off, on, waived, bonus, fee, charge)
    bare = made.model_copy(update={
            "kind": kind, "lines": lines, "charges": charges,
            "buyer": made.buyer.model_copy(update=buyer),
        }
    )  # fmt: skip
    taxes = [
        TaxSum(
            tax=next(it for it in (standard, zero, EXEMPT) if it.category == category),
            taxable=amount,
            amount=tax_of(amount, Tax(category=category, percent=percent), "EUR"),  # type: ignore[arg-type]
        )
        for (category, percent), amount in adding_up.taxable_sums(bare).items()
    ]
    of_lines, tax = add(*(it.net for it in lines)), add(*(it.amount for it in taxes))
    without = add(of_lines, Decimal("-1.80"), Decimal("6.70"))
    totals = made.totals.model_copy(
        update={
            "lines": of_lines, "allowances": Decimal("1.80"), "charges": Decimal("6.70"),
            "without_tax": without, "tax": tax, "with_tax": add(without, tax),
            "prepaid": Decimal(prepaid), "rounding": Decimal("0.02"),
            "payable": add(without, tax, -Decimal(prepaid), Decimal("0.02")),
        }
    )  # fmt: skip
    return bare.model_copy(update={"taxes": tuple(taxes), "totals": totals})


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_what_is_exempt_partly_paid_and_reduced_holds_every_rule(kind: str) -> None:
    invoice = rich(kind)
    assert broken(write(invoice)) == []
    assert list(adding_up.faults(invoice)) == []
    again = read(write(invoice))
    assert (again.totals, again.taxes) == (invoice.totals, invoice.taxes)


@pytest.mark.skipif(not RECORDED, reason="there is no collection here")
def test_the_standards_own_examples_hold_every_rule_as_they_are_and_as_we_write_them() -> None:
    for path in RECORDED:
        raw = path.read_bytes()
        assert (path.stem, broken(raw)) == (path.stem, [])
        assert (path.stem, broken(write(read(raw)))) == (path.stem, NOT_READ.get(path.stem, []))


_TOTAL, _CATEGORY = "cac:LegalMonetaryTotal/cbc", "cac:TaxTotal/cac:TaxSubtotal"
_OFF = "cac:AllowanceCharge[cbc:ChargeIndicator='false']"
_ON = "cac:AllowanceCharge[cbc:ChargeIndicator='true']"
_LINE = "cac:InvoiceLine"
_SELLER = "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme"
_OF = "[cac:TaxCategory/cbc:ID='{}']"
_RATED = "cac:TaxCategory[cbc:ID='{}']/cbc:Percent"
SPOILT: dict[str, tuple[str, str | None]] = {
    "BR-CO-04": (f"{_LINE}/cac:Item/cac:ClassifiedTaxCategory/cbc:ID", None),
    "BR-CO-10": (f"{_TOTAL}:LineExtensionAmount", "1.00"),
    "BR-CO-11": (f"{_TOTAL}:AllowanceTotalAmount", "1.81"),
    "BR-CO-12": (f"{_TOTAL}:ChargeTotalAmount", None),
    "BR-CO-13": (f"{_TOTAL}:TaxExclusiveAmount", "1.00"),
    "BR-CO-14": ("cac:TaxTotal/cbc:TaxAmount", "1.00"),
    "BR-CO-15": (f"{_TOTAL}:TaxInclusiveAmount", "1.00"),
    "BR-CO-16": (f"{_TOTAL}:PrepaidAmount", "10.01"),
    "BR-CO-17": (f"{_CATEGORY}/cbc:TaxAmount", "5.00"),
    "BR-CO-18": (_CATEGORY, None),
    "BR-CO-21": (f"{_OFF}/cbc:AllowanceChargeReason", None),
    "BR-CO-22": (f"{_ON}/cbc:AllowanceChargeReason", None),
    "BR-CO-23": (f"{_LINE}/{_OFF}/cbc:AllowanceChargeReason", None),
    "BR-CO-24": (f"{_LINE}/{_ON}/cbc:AllowanceChargeReason", None),
    "BR-CO-25": ("cbc:DueDate", None),
    "BR-DEC-01": (f"{_OFF}/cbc:Amount", "1.001"),
    "BR-DEC-05": (f"{_ON}/cbc:Amount", "1.001"),
    "BR-DEC-09": (f"{_TOTAL}:LineExtensionAmount", "1.001"),
    "BR-DEC-10": (f"{_TOTAL}:AllowanceTotalAmount", "1.001"),
    "BR-DEC-11": (f"{_TOTAL}:ChargeTotalAmount", "1.001"),
    "BR-DEC-12": (f"{_TOTAL}:TaxExclusiveAmount", "1.001"),
    "BR-DEC-13": ("cac:TaxTotal/cbc:TaxAmount", "1.001"),
    "BR-DEC-14": (f"{_TOTAL}:TaxInclusiveAmount", "1.001"),
    "BR-DEC-16": (f"{_TOTAL}:PrepaidAmount", "1.001"),
    "BR-DEC-17": (f"{_TOTAL}:PayableRoundingAmount", "1.001"),
    "BR-DEC-18": (f"{_TOTAL}:PayableAmount", "1.001"),
    "BR-DEC-19": (f"{_CATEGORY}/cbc:TaxableAmount", "1.001"),
    "BR-DEC-20": (f"{_CATEGORY}/cbc:TaxAmount", "1.001"),
    "BR-DEC-23": (f"{_LINE}/cbc:LineExtensionAmount", "1.001"),
    "BR-DEC-24": (f"{_LINE}/{_OFF}/cbc:Amount", "1.001"),
    "BR-DEC-27": (f"{_LINE}/{_ON}/cbc:Amount", "1.001"),
    **{f"BR-{code}-01": (_CATEGORY + _OF.format(code), None) for code in "SZE"},
    **{f"BR-{code}-0{at}": (_SELLER, None) for code in "SZE" for at in (2, 3, 4)},
    **{f"BR-{code}-05": (
        f"{_LINE}/cac:Item/cac:ClassifiedTaxCategory[cbc:ID='{code}']/cbc:Percent",
        "0" if code == "S" else "7") for code in "SZE"},
    **{f"BR-{code}-06": (f"{_OFF}/{_RATED.format(code)}", "0" if code == "S" else "7")
       for code in "SZE"},
    **{f"BR-{code}-07": (f"{_ON}/{_RATED.format(code)}", "0" if code == "S" else "7")
       for code in "SZE"},
    **{f"BR-{code}-08": (f"{_CATEGORY}{_OF.format(code)}/cbc:TaxableAmount", "77.00")
       for code in "SZE"},
    **{f"BR-{code}-09": (f"{_CATEGORY}{_OF.format(code)}/cbc:TaxAmount", "77.00")
       for code in "SZE"},
    "BR-S-10": (f"{_CATEGORY}/cac:TaxCategory[cbc:ID='S']", "+TaxExemptionReason"),
    "BR-Z-10": (f"{_CATEGORY}/cac:TaxCategory[cbc:ID='Z']", "+TaxExemptionReason"),
    "BR-E-10": (f"{_CATEGORY}/cac:TaxCategory/cbc:TaxExemptionReason", None),
    "PEPPOL-EN16931-R051": (f"{_TOTAL}:PayableAmount", "@USD"),
    "PEPPOL-EN16931-R053": ("cac:TaxTotal", None),
    "PEPPOL-EN16931-R054": (_CATEGORY, None),
    "PEPPOL-EN16931-R120": (f"{_LINE}/cbc:InvoicedQuantity", "99"),
    "PEPPOL-EN16931-R121": (f"{_LINE}/cac:Price/cbc:BaseQuantity", "0"),
}  # fmt: skip
"""Rule -> where a document is spoilt, and with what: another text, nothing, a child, a currency."""


def spoil(raw: bytes, path: str, how: str | None) -> bytes:
    root = etree.fromstring(raw)
    names = {"cac": root.nsmap["cac"], "cbc": root.nsmap["cbc"]}
    found = root.xpath(path, namespaces=names)
    assert found, path
    for it in found:
        if how is None:
            it.getparent().remove(it)
        elif how.startswith("+"):
            etree.SubElement(it, f"{{{names['cbc']}}}{how[1:]}").text = "because"
        elif how.startswith("@"):
            it.set("currencyID", how[1:])
        else:
            it.text = how
    return bytes(etree.tostring(root))


@pytest.mark.parametrize("rule", RULES)
def test_a_document_that_breaks_a_rule_is_found_to(rule: str) -> None:
    assert rule in broken(spoil(write(rich()), *SPOILT[rule]))
