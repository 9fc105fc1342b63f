"""An invoice as UBL: elements in the order that the schema wants, amounts with their currency.

It calls itself Peppol BIS Billing 3 where both parties have an address in Peppol (R010, R020), else
EN 16931 alone.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from lxml import etree

from hub.model.document import Address, plain
from hub.model.invoice import AllowanceCharge, Invoice, InvoiceLine, Party, Tax
from mappings.ubl.names import CAC, CBC, EN16931, KINDS, PEPPOL, PROFILE, WHY_UNTAXED, Kind

Amount = Callable[[Any, str, Decimal], None]
_SELLER = "AccountingSupplierParty"


def write(invoice: Invoice) -> bytes:
    """An invoice or credit note as XML."""
    kind = KINDS[invoice.kind]
    names = {None: kind.namespace, "cac": CAC[1:-1], "cbc": CBC[1:-1]}
    root = etree.Element(f"{{{kind.namespace}}}{kind.root}", nsmap=names)

    def amount(parent: "etree._Element", name: str, value: Decimal) -> None:
        _text(parent, name, plain(value), currencyID=invoice.currency)

    _head(root, invoice, kind)
    _party(root, _SELLER, invoice.seller)
    _party(root, "AccountingCustomerParty", invoice.buyer)
    _delivery(root, invoice)
    _payment(root, invoice)
    if invoice.terms:
        _text(_part(root, "PaymentTerms"), "Note", invoice.terms)
    for it in invoice.charges:
        _charge(root, it, amount)
    _taxes(root, invoice, amount)
    _totals(root, invoice, amount)
    for line in invoice.lines:
        _line(root, line, kind, amount)
    raw: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return raw


def _head(root: "etree._Element", invoice: Invoice, kind: Kind) -> None:
    if all(_in_peppol(it) for it in (invoice.seller, invoice.buyer)):
        _text(root, "CustomizationID", PEPPOL)
        _text(root, "ProfileID", PROFILE)
    else:
        _text(root, "CustomizationID", EN16931)
    _text(root, "ID", invoice.number)
    _text(root, "IssueDate", invoice.issued_on.isoformat())
    if invoice.due_on and invoice.kind == "invoice":
        _text(root, "DueDate", invoice.due_on.isoformat())
    _text(root, kind.type_code, kind.code)
    _text(root, "Note", invoice.note)
    _text(root, "DocumentCurrencyCode", invoice.currency)
    _text(root, "BuyerReference", invoice.buyer_reference)
    if invoice.order_number:
        _text(_part(root, "OrderReference"), "ID", invoice.order_number)
    if invoice.corrects:
        reference = _part(_part(root, "BillingReference"), "InvoiceDocumentReference")
        _text(reference, "ID", invoice.corrects)


def _in_peppol(party: Party) -> bool:
    """Peppol's addresses have a scheme of four digits (its code list eas)."""
    return bool(party.endpoint and (party.endpoint_scheme or "").isdigit())


def _party(root: "etree._Element", name: str, party: Party) -> None:
    """A number of tax that begins with no country is no VAT number (BR-CO-09): it identifies the
    party (BT-29, BT-46), and is the seller's at its tax office (BT-32).
    """
    it = _part(_part(root, name), "Party")
    if party.endpoint and party.endpoint_scheme:  # an address of no scheme is none (BR-62, -63)
        _text(it, "EndpointID", party.endpoint, schemeID=party.endpoint_scheme)
    is_vat = party.vat_number is not None
    if party.tax_id and not is_vat:
        _text(_part(it, "PartyIdentification"), "ID", party.tax_id)
    _text(_part(it, "PartyName"), "Name", party.name)
    _address(_part(it, "PostalAddress"), party.address)
    if party.tax_id and (is_vat or name == _SELLER):
        scheme = _part(it, "PartyTaxScheme")
        _text(scheme, "CompanyID", party.tax_id)
        _text(_part(scheme, "TaxScheme"), "ID", "VAT" if is_vat else "TAX")
    legal = _part(it, "PartyLegalEntity")
    _text(legal, "RegistrationName", party.name)
    if party.legal_scheme:
        _text(legal, "CompanyID", party.legal_id, schemeID=party.legal_scheme)
    else:
        _text(legal, "CompanyID", party.legal_id)
    if party.contact is not None:
        contact = _part(it, "Contact")
        _text(contact, "Name", party.contact.name)
        _text(contact, "Telephone", party.contact.phone)
        _text(contact, "ElectronicMail", party.contact.email)


def _delivery(root: "etree._Element", invoice: Invoice) -> None:
    if invoice.delivered_on is None and invoice.delivered_to is None:
        return
    it = _part(root, "Delivery")
    if invoice.delivered_on is not None:
        _text(it, "ActualDeliveryDate", invoice.delivered_on.isoformat())
    if invoice.delivered_to is not None:
        _address(_part(_part(it, "DeliveryLocation"), "Address"), invoice.delivered_to)


def _payment(root: "etree._Element", invoice: Invoice) -> None:
    if invoice.payment is None:
        return
    it = _part(root, "PaymentMeans")
    _text(it, "PaymentMeansCode", invoice.payment.code)
    _text(it, "PaymentID", invoice.number)
    if invoice.payment.account:
        _text(_part(it, "PayeeFinancialAccount"), "ID", invoice.payment.account)


def _address(it: "etree._Element", address: Address) -> None:
    for name, line in zip(("StreetName", "AdditionalStreetName"), address.lines, strict=False):
        _text(it, name, line)
    _text(it, "CityName", address.city)
    _text(it, "PostalZone", address.postal_code)
    _text(it, "CountrySubentity", address.region)
    if len(address.lines) > 2:
        _text(_part(it, "AddressLine"), "Line", ", ".join(address.lines[2:]))
    if address.country:
        _text(_part(it, "Country"), "IdentificationCode", address.country)


def _charge(parent: "etree._Element", it: AllowanceCharge, amount: Amount) -> None:
    charge = _part(parent, "AllowanceCharge")
    _text(charge, "ChargeIndicator", "true" if it.is_charge else "false")
    _text(charge, "AllowanceChargeReason", it.reason)
    amount(charge, "Amount", it.amount)
    if it.tax is not None:
        _category(charge, "TaxCategory", it.tax)


def _taxes(root: "etree._Element", invoice: Invoice, amount: Amount) -> None:
    whole = _part(root, "TaxTotal")
    amount(whole, "TaxAmount", invoice.totals.tax)
    for it in invoice.taxes:
        part = _part(whole, "TaxSubtotal")
        amount(part, "TaxableAmount", it.taxable)
        amount(part, "TaxAmount", it.amount)
        _category(part, "TaxCategory", it.tax, with_reason=True)


def _category(parent: "etree._Element", name: str, tax: Tax, *, with_reason: bool = False) -> None:
    category = _part(parent, name)
    _text(category, "ID", tax.category)
    if tax.percent is not None:
        _text(category, "Percent", plain(tax.percent))
    if with_reason and tax.reason:
        _text(category, "TaxExemptionReasonCode", WHY_UNTAXED.get(tax.category))
        _text(category, "TaxExemptionReason", tax.reason)
    _text(_part(category, "TaxScheme"), "ID", "VAT")


def _totals(root: "etree._Element", invoice: Invoice, amount: Amount) -> None:
    sums, it = invoice.totals, _part(root, "LegalMonetaryTotal")
    rows: Sequence[tuple[str, Decimal, bool]] = (
        ("LineExtensionAmount", sums.lines, True),
        ("TaxExclusiveAmount", sums.without_tax, True),
        ("TaxInclusiveAmount", sums.with_tax, True),
        ("AllowanceTotalAmount", sums.allowances, False),
        ("ChargeTotalAmount", sums.charges, False),
        ("PrepaidAmount", sums.prepaid, False),
        ("PayableRoundingAmount", sums.rounding, False),
        ("PayableAmount", sums.payable, True),
    )
    for name, value, always in rows:
        if always or value:
            amount(it, name, value)


def _line(root: "etree._Element", line: InvoiceLine, kind: Kind, amount: Amount) -> None:
    it = _part(root, kind.line)
    _text(it, "ID", line.line_no)
    _text(it, kind.quantity, plain(line.quantity), unitCode=line.unit)
    amount(it, "LineExtensionAmount", line.net)
    for more in line.allowances:
        _charge(it, more, amount)
    item = _part(it, "Item")
    _text(item, "Name", line.name)
    if line.sku:
        _text(_part(item, "SellersItemIdentification"), "ID", line.sku)
    _category(item, "ClassifiedTaxCategory", line.tax)
    price = _part(it, "Price")
    amount(price, "PriceAmount", line.price)
    if line.base != 1:
        _text(price, "BaseQuantity", plain(line.base), unitCode=line.unit)


def _part(parent: "etree._Element", name: str) -> "etree._Element":
    return etree.SubElement(parent, f"{CAC}{name}")


def _text(parent: "etree._Element", name: str, value: str | None, **attributes: str) -> None:
    if value:
        etree.SubElement(parent, f"{CBC}{name}", attributes).text = value
