"""Invoices of which no tax is due: each rule for them shown to bite, and what an order, its places
and its numbers of tax make of it.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.model.errors import BadData
from hub.model.invoice import AllowanceCharge, Invoice
from hub.model.invoice.seller import Seller, Untaxed, UntaxedSales
from hub.model.order import Refund, SalesOrder
from mappings.ubl import read, write
from tests.kit.catalogue import refund
from tests.mappings.ubl.exemptions import CODES, ROWS
from tests.mappings.ubl.samples import DAY, PARTY, SELLER, credited, drawn, order, taxed
from tests.mappings.ubl.schematron import broken
from tests.mappings.ubl.spoiling import broken_rows, spoil

_CUSTOMER = "cac:AccountingCustomerParty/cac:Party"
_SUPPLIER = "cac:AccountingSupplierParty/cac:Party"
_OFF = "cac:AllowanceCharge[cbc:ChargeIndicator='false']"
_ON = "cac:AllowanceCharge[cbc:ChargeIndicator='true']"
_PART = "cac:TaxTotal/cac:TaxSubtotal"
_USES = ("cac:InvoiceLine/cac:Item/cac:ClassifiedTaxCategory/cbc:ID",
         f"{_OFF}/cac:TaxCategory/cbc:ID", f"{_ON}/cac:TaxCategory/cbc:ID")  # fmt: skip
_LACKING: dict[str, tuple[str, str | None]] = {
    "AE": (f"{_CUSTOMER}/cac:PartyTaxScheme", None),
    "IC": (f"{_CUSTOMER}/cac:PartyTaxScheme", None),
    "G": (f"{_SUPPLIER}/cac:PartyTaxScheme", None),
    "O": (f"{_CUSTOMER}/cac:PartyLegalEntity", "+tax"),
}
_PLACE = "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country"

SPOILT: dict[str, tuple[str, str | None]] = {
    **{f"BR-{rule}-01": (_PART, None) for rule in CODES},
    **{f"BR-{rule}-0{at}": _LACKING[rule] for rule in CODES for at in (2, 3, 4)},
    **{f"BR-{rule}-0{at}": (use, "+Percent")
       for rule in CODES for at, use in enumerate(_USES, start=5)},
    **{f"BR-{rule}-08": (f"{_PART}/cbc:TaxableAmount", "77.00") for rule in CODES},
    **{f"BR-{rule}-09": (f"{_PART}/cbc:TaxAmount", "77.00") for rule in CODES},
    **{f"BR-{rule}-10": (f"{_PART}/cac:TaxCategory/*[contains(name(), 'Exemption')]", None)
       for rule in CODES},
    "BR-IC-11": ("cac:Delivery/cbc:ActualDeliveryDate", None),
    "BR-IC-12": (_PLACE, None),
    "BR-O-11": ("cac:TaxTotal", "<" + "".join(
        f"<cac:TaxSubtotal><cac:TaxCategory><cbc:ID>{code}</cbc:ID><cac:TaxScheme><cbc:ID>VAT"
        "</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>" for code in "Z")),
    **{f"BR-O-{at}": (use, "Z") for at, use in enumerate(_USES, start=12)},
}  # fmt: skip
"""Rule -> where a document is spoilt, and how; see `spoil`."""
LEFT = date(2026, 11, 23)
BUSINESS = {"name": "Ada Bakker", "tax_id": "nl 0012.34567-B01"}
ABROAD = {"lines": ["Bahnhofstrasse 1"], "city": "Zürich", "postal_code": "8001", "country": "CH"}


def sold(country: str = "NL", *, lines: Any = None, **changes: Any) -> SalesOrder:
    """An order without tax to somewhere."""
    made = taxed(*(lines or [("1", "10.00", "0")]))
    bare = [it.model_copy(update={"tax_lines": ()} if not it.tax else {}) for it in made.lines]
    place = order(ship_to={**ABROAD, "country": country}, **changes)
    return place.model_copy(update={"lines": tuple(bare)})


def says(**untaxed: Any) -> Seller:
    """Our seller, with what he says of sales without tax."""
    return SELLER.model_copy(update={"untaxed": UntaxedSales.model_validate(untaxed)})


def numbered(**party: Any) -> Seller:
    """Who says nothing, with other numbers."""
    return Seller(party=PARTY.model_copy(update=party))


def of(code: str) -> Invoice:
    """An invoice with a line, an allowance and a charge of a category."""
    party = PARTY.model_copy(update={"tax_id": None, "legal_id": "HRB 1234"})
    said = UntaxedSales(every=Untaxed.model_validate({"category": code}))
    seller = Seller(party=party if code == "O" else PARTY, untaxed=said)
    shipping = {"title": "Post", "price": "5.00", "total": "5.00", "tax": "0"}
    whole = sold(customer=BUSINESS, shipping=[shipping])
    made = drawn(whole, seller, LEFT)
    tax = made.lines[0].tax
    off = AllowanceCharge(is_charge=False, amount=Decimal("1.00"), reason="Club", tax=tax)
    on = made.charges[0].model_copy(update={"amount": Decimal("6.00")})
    totals = {"allowances": off.amount, "charges": on.amount}
    return made.model_copy(
        update={"charges": (off, on), "totals": made.totals.model_copy(update=totals)}
    )


def test_every_rule_is_held_once_and_shown_to_bite() -> None:
    assert sorted(SPOILT) == sorted(rule for rule, _, _ in ROWS)


@pytest.mark.parametrize("rule", SPOILT)
def test_a_document_that_breaks_a_rule_is_found_to(rule: str) -> None:
    raw = write(of(CODES[rule.split("-")[1]]))
    assert broken(raw) == []
    assert rule in broken_rows(spoil(raw, *SPOILT[rule]), ROWS)


@pytest.mark.parametrize("code", CODES.values())
def test_what_is_written_is_read_again(code: str) -> None:
    made = of(code)
    again = read(write(made))
    assert (again.taxes, again.delivered_to) == (made.taxes, made.delivered_to)
    assert write(again) == write(made)


@pytest.mark.parametrize(
    ("country", "seller", "expected"),
    [
        ("NL", numbered(), ("K", "Intra-community supply")),
        ("CH", numbered(), ("G", "Export")),
        ("US", says(abroad={"category": "G", "reason": "Steuerfreie Ausfuhr"}),
         ("G", "Steuerfreie Ausfuhr")),
        ("DE", says(home={"category": "Z"}), ("Z", None)),
        ("DE", says(home={"category": "AE"}), ("AE", "Reverse charge")),
        ("DE", says(every={"category": "E", "reason": "§ 19 UStG"}), ("E", "§ 19 UStG")),
        ("CH", says(every={"category": "E", "reason": "§ 19 UStG"}), ("E", "§ 19 UStG")),
        ("MC", numbered(address=PARTY.address.model_copy(update={"country": "FR"}),
                        tax_id="FR12345678901"), "home"),
        ("DE", numbered(), "home"),
    ],
    ids=["union", "export", "in his words", "zero rated", "reverse charge", "small business",
         "small business abroad", "Monaco is France", "nobody said"],
)  # fmt: skip
def test_a_sale_without_tax_is_what_its_places_and_its_seller_make_of_it(
    country: str, seller: Seller, expected: Any
) -> None:
    whole = sold(country, customer=BUSINESS)
    if expected == "home":
        with pytest.raises(BadData, match="at home") as refused:
            drawn(whole, seller, LEFT)
        assert (refused.value.path, refused.value.code) == ("seller.untaxed.home", "missing_field")
        return
    made = drawn(whole, seller, LEFT)
    assert {(it.tax.category, it.tax.reason) for it in made.taxes} == {expected}
    assert broken(write(made)) == []
    assert made.buyer.tax_id == "NL001234567B01"
    note = credited(whole, Refund.model_validate(refund("r1", amount="4.00")), seller, LEFT)
    assert {(it.tax.category, it.tax.reason) for it in note.taxes} == {expected}
    assert broken(write(note)) == []


@pytest.mark.parametrize(
    ("code", "country", "seller", "changes", "left", "where", "rule"),
    [
        ("K", "NL", numbered(), {}, LEFT, "customer.tax_id", "BR-IC-02"),
        ("K", "NL", numbered(), {"customer": {"tax_id": "123"}}, LEFT, "customer.tax_id",
         "BR-IC-02"),
        ("K", "NL", numbered(), {"customer": BUSINESS}, None, "delivered_on", "BR-IC-11"),
        ("K", "NL", numbered(tax_id="133/8150"), {"customer": BUSINESS}, LEFT, "seller.tax_id",
         "BR-IC-02"),
        ("G", "CH", numbered(tax_id="133/8150"), {}, LEFT, "seller.tax_id", "BR-G-02"),
        ("E", "DE", numbered(tax_id=None, legal_id="HRB 1"), {}, LEFT, "seller.tax_id", "BR-E-02"),
        ("O", "DE", numbered(), {}, LEFT, "seller.tax_id", "BR-O-02"),
        ("AE", "DE", numbered(), {}, LEFT, "customer.tax_id", "BR-AE-02"),
    ],
)  # fmt: skip
def test_what_a_category_wants_and_is_not_there_is_named(
    code: str, country: str, seller: Seller, changes: Any, left: Any, where: str, rule: str
) -> None:
    said = {"category": code, "reason": "§ 19 UStG"}
    place = {"K": "union", "G": "abroad"}.get(code, "every")
    seller = seller.model_copy(update={"untaxed": UntaxedSales.model_validate({place: said})})
    with pytest.raises(BadData, match=rule) as refused:
        drawn(sold(country, **changes), seller, left)
    assert (refused.value.path, refused.value.code) == (where, "missing_field")


def test_who_has_no_number_but_the_registers_may_be_not_subject_to_tax() -> None:
    seller = numbered(tax_id=None, legal_id="HRB 1")
    said = seller.model_copy(update={"untaxed": UntaxedSales(every=Untaxed(category="O"))})
    made = drawn(sold("DE", customer=BUSINESS), said)
    assert (made.taxes[0].tax.percent, made.buyer.tax_id) == (None, None)
    assert broken(write(made)) == []


def test_what_is_not_subject_to_tax_stands_beside_nothing_else() -> None:
    mixed = sold("DE", lines=[("1", "11.90", "1.90"), ("1", "10.00", "0")])
    seller = numbered(tax_id="133/8150")
    said = seller.model_copy(update={"untaxed": UntaxedSales(home=Untaxed(category="O"))})
    with pytest.raises(BadData, match="BR-O-11"):
        drawn(mixed, said)


def test_a_seller_of_whom_no_tax_is_expected_draws_none_with_tax() -> None:
    with pytest.raises(BadData, match="no tax is expected") as refused:
        drawn(taxed(("1", "11.90", "1.90")), says(every={"category": "E", "reason": "§ 19"}))
    assert refused.value.path == "lines.tax"


def test_what_costs_nothing_is_of_the_rate_of_what_does() -> None:
    free = sold("DE", lines=[("1", "11.90", "1.90"), ("1", "0.00", "0"), ("1", "0.02", "0")])
    made = drawn(free, numbered())
    assert {(it.tax.category, it.tax.percent) for it in made.lines} == {("S", Decimal(19))}
    assert broken(write(made)) == []


def test_northern_ireland_is_of_the_union_where_the_number_says_so() -> None:
    shop = sold("GB", customer={"name": "Ada", "tax_id": "XI123456789"})
    there = sold("GB", customer={"name": "Ada", "tax_id": "GB123456789"})
    seller = numbered()
    assert [drawn(it, seller, LEFT).taxes[0].tax.category for it in (shop, there)] == ["K", "G"]


def test_it_says_where_and_when_the_goods_were_delivered() -> None:
    made = drawn(sold("CH"), numbered(), LEFT)
    assert (made.delivered_on, made.issued_on) == (LEFT, DAY)
    assert made.delivered_to is not None
    assert (made.delivered_to.country, made.delivered_to.name) == ("CH", None)
    delivery = write(made).decode().partition("<cac:Delivery>")[2].partition("</cac:Delivery>")[0]
    assert "<cbc:ActualDeliveryDate>2026-11-23<" in delivery
    assert "<cbc:PostalZone>8001<" in delivery
