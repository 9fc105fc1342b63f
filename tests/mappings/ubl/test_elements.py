"""The rules that one XPath tells, each shown to bite, and what is refused before it is written."""

from decimal import Decimal

import pytest
from lxml import etree

from hub.model.errors import BadData
from hub.model.invoice import Invoice
from mappings.ubl import read, write
from tests.mappings.ubl.elements import NAMES, ROWS
from tests.mappings.ubl.samples import PARTY, SELLER, drawn, order, taxed
from tests.mappings.ubl.schematron import broken
from tests.mappings.ubl.spoiling import broken_rows, spoil
from tests.mappings.ubl.test_schematron import rich

_SUPPLIER = "cac:AccountingSupplierParty/cac:Party"
_CUSTOMER = "cac:AccountingCustomerParty/cac:Party"
_LINE = "cac:InvoiceLine"
_OFF = "cac:AllowanceCharge[cbc:ChargeIndicator='false']"
_ON = "cac:AllowanceCharge[cbc:ChargeIndicator='true']"
_PART = "cac:TaxTotal/cac:TaxSubtotal"
_HALF = "<cbc:MultiplierFactorNumeric>50</cbc:MultiplierFactorNumeric>"
_BASE = "<cbc:BaseAmount>77.00</cbc:BaseAmount>"
_OFF_PRICE = (
    "<cac:AllowanceCharge><cbc:ChargeIndicator>{}</cbc:ChargeIndicator>"
    f"<cbc:Amount>1.00</cbc:Amount>{_BASE}</cac:AllowanceCharge>"
)

# fmt: off
SPOILT: dict[str, tuple[str, str | None]] = {
    "BR-01": ("cbc:CustomizationID", None),
    "BR-02": ("cbc:ID", None),
    "BR-03": ("cbc:IssueDate", ""),
    "BR-04": ("cbc:InvoiceTypeCode", None),
    "BR-05": ("cbc:DocumentCurrencyCode", ""),
    "BR-06": (f"{_SUPPLIER}/cac:PartyLegalEntity/cbc:RegistrationName", None),
    "BR-07": (f"{_CUSTOMER}/cac:PartyLegalEntity/cbc:RegistrationName", None),
    "BR-08": (f"{_SUPPLIER}/cac:PostalAddress", None),
    "BR-09": (f"{_SUPPLIER}/cac:PostalAddress/cac:Country", None),
    "BR-10": (f"{_CUSTOMER}/cac:PostalAddress", None),
    "BR-11": (f"{_CUSTOMER}/cac:PostalAddress/cac:Country", None),
    "BR-12": ("cac:LegalMonetaryTotal/cbc:LineExtensionAmount", None),
    "BR-13": ("cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount", None),
    "BR-14": ("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount", None),
    "BR-15": ("cac:LegalMonetaryTotal/cbc:PayableAmount", None),
    "BR-16": (_LINE, None),
    "BR-21": (f"{_LINE}/cbc:ID", None),
    "BR-22": (f"{_LINE}/cbc:InvoicedQuantity", None),
    "BR-23": (f"{_LINE}/cbc:InvoicedQuantity", "-unitCode"),
    "BR-24": (f"{_LINE}/cbc:LineExtensionAmount", None),
    "BR-25": (f"{_LINE}/cac:Item/cbc:Name", None),
    "BR-26": (f"{_LINE}/cac:Price/cbc:PriceAmount", None),
    "BR-27": (f"{_LINE}/cac:Price/cbc:PriceAmount", "-1.00"),
    "BR-31": (f"{_OFF}/cbc:Amount", None),
    "BR-32": (f"{_OFF}/cac:TaxCategory", None),
    "BR-33": (f"{_OFF}/cbc:AllowanceChargeReason", None),
    "BR-36": (f"{_ON}/cbc:Amount", None),
    "BR-37": (f"{_ON}/cac:TaxCategory", None),
    "BR-38": (f"{_ON}/cbc:AllowanceChargeReason", None),
    "BR-41": (f"{_LINE}/{_OFF}/cbc:Amount", None),
    "BR-42": (f"{_LINE}/{_OFF}/cbc:AllowanceChargeReason", None),
    "BR-43": (f"{_LINE}/{_ON}/cbc:Amount", None),
    "BR-44": (f"{_LINE}/{_ON}/cbc:AllowanceChargeReason", None),
    "BR-45": (f"{_PART}/cbc:TaxableAmount", None),
    "BR-46": (f"{_PART}/cbc:TaxAmount", None),
    "BR-47": (f"{_PART}/cac:TaxCategory/cbc:ID", None),
    "BR-48": (f"{_PART}/cac:TaxCategory/cbc:Percent", None),
    "BR-55": ("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID", None),
    "BR-57": ("cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country", None),
    "BR-62": (f"{_SUPPLIER}/cbc:EndpointID", "-schemeID"),
    "BR-63": (f"{_CUSTOMER}/cbc:EndpointID", "-schemeID"),
    "BR-CO-09": (f"{_SUPPLIER}/cac:PartyTaxScheme/cbc:CompanyID", "123456789"),
    "BR-CO-26": (f"{_SUPPLIER}/cac:PartyTaxScheme", None),
    "PEPPOL-EN16931-R001": ("cbc:ProfileID", None),
    "PEPPOL-EN16931-R003": ("cbc:BuyerReference|cac:OrderReference", None),
    "PEPPOL-EN16931-R004": ("cbc:CustomizationID", "urn:cen.eu:en16931:2017"),
    "PEPPOL-EN16931-R007": ("cbc:ProfileID", "urn:www.cenbii.eu:profile:bii05:ver2.0"),
    "PEPPOL-EN16931-R008": ("cbc:IssueDate", ""),
    "PEPPOL-EN16931-R010": (f"{_CUSTOMER}/cbc:EndpointID", None),
    "PEPPOL-EN16931-R020": (f"{_SUPPLIER}/cbc:EndpointID", None),
    "PEPPOL-EN16931-R040": ("cac:AllowanceCharge", f"<{_HALF}{_BASE}"),
    "PEPPOL-EN16931-R041": ("cac:AllowanceCharge", f"<{_HALF}"),
    "PEPPOL-EN16931-R042": ("cac:AllowanceCharge", f"<{_BASE}"),
    "PEPPOL-EN16931-R043": ("cac:AllowanceCharge/cbc:ChargeIndicator", "1"),
    "PEPPOL-EN16931-R044": (f"{_LINE}/cac:Price", f"<{_OFF_PRICE.format('true')}"),
    "PEPPOL-EN16931-R046": (f"{_LINE}/cac:Price", f"<{_OFF_PRICE.format('false')}"),
    "PEPPOL-EN16931-R130": (f"{_LINE}/cac:Price/cbc:BaseQuantity", "@unitCode=KGM"),
    "PEPPOL-EN16931-P0100": ("cbc:InvoiceTypeCode", "381"),
    "PEPPOL-EN16931-P0101": ("cbc:CreditNoteTypeCode", "380"),
}
# fmt: on
"""Rule -> where a document is spoilt, and how; see `spoil`."""


def whole(kind: str = "invoice") -> Invoice:
    """With all that a rule asks about."""
    return rich(kind).model_copy(update={"corrects": "2026-0"})


def document(rule: str) -> bytes:
    """One that holds a rule because of what it says."""
    return write(whole("credit_note" if rule.endswith("P0101") else "invoice"))


def test_every_rule_is_held_once_and_shown_to_bite() -> None:
    assert sorted(SPOILT) == sorted(rule for rule, _, _ in ROWS)


@pytest.mark.parametrize("rule", SPOILT)
def test_a_document_that_breaks_a_rule_is_found_to(rule: str) -> None:
    raw = document(rule)
    assert broken(raw) == []
    assert rule in broken_rows(spoil(raw, *SPOILT[rule]), ROWS)


@pytest.mark.parametrize(
    ("changes", "where", "rule"),
    [
        ({"tax_id": None}, "seller.tax_id", "BR-CO-26"),
        ({"tax_id": None, "legal_id": "HRB 1234"}, "seller.tax_id", "BR-S-02"),
        ({"address": PARTY.address.model_copy(update={"country": None})},
         "seller.address.country", "BR-09"),
    ],
)  # fmt: skip
def test_a_seller_without_what_an_invoice_must_say_is_refused_by_its_field(
    changes: dict[str, object], where: str, rule: str
) -> None:
    seller = SELLER.model_copy(update={"party": PARTY.model_copy(update=changes)})
    with pytest.raises(BadData) as refused:
        drawn(taxed(("1", "11.90", "1.90")), seller)
    assert (refused.value.path, refused.value.code) == (where, "missing_field")
    assert rule in str(refused.value)


def test_a_buyer_without_a_country_is_refused_by_its_field() -> None:
    sold = order(ship_to={"name": "Ada"}, bill_to=None)
    with pytest.raises(BadData, match="BR-11") as refused:
        drawn(sold)
    assert refused.value.path == "bill_to.country"


def test_a_number_of_tax_without_a_country_is_no_vat_number() -> None:
    numbered = PARTY.model_copy(update={"tax_id": "133/8150/8159"})
    seller = SELLER.model_copy(update={"party": numbered})
    made = drawn(taxed(("1", "11.90", "1.90")), seller)
    raw = write(made.model_copy(update={"buyer": made.buyer.model_copy(update={"tax_id": "77"})}))
    assert broken(raw) == []
    root = etree.fromstring(raw)
    schemes = root.xpath("//cac:PartyTaxScheme/cac:TaxScheme/cbc:ID/text()", namespaces=NAMES)
    names = root.xpath("//cac:PartyIdentification/cbc:ID/text()", namespaces=NAMES)
    assert (schemes, names) == (["TAX"], ["133/8150/8159", "77"])
    assert read(raw).seller.tax_id == "133/8150/8159"


def test_what_is_taken_off_as_a_line_has_fewer_pieces_and_no_price_below_zero() -> None:
    sold = taxed(("1", "23.80", "3.80"), ("1", "-11.90", "-1.90"))
    made = drawn(sold)
    assert [(it.quantity, it.price, it.net) for it in made.lines] == [
        (Decimal(1), Decimal("20.00"), Decimal("20.00")),
        (Decimal(-1), Decimal("10.00"), Decimal("-10.00")),
    ]
    assert broken(write(made)) == []
