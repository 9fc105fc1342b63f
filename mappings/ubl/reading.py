"""UBL read back: by namespace, whatever prefixes it bears. BadData names what is missing."""

from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from hub.model.document import ZERO, Address
from hub.model.errors import BadData
from hub.model.invoice import (
    AllowanceCharge,
    Contact,
    Invoice,
    InvoiceLine,
    InvoiceTotals,
    Party,
    PaymentMeans,
    Tax,
    TaxSum,
)
from mappings.reading.xml_text import read_xml
from mappings.ubl.names import CAC, CBC, KINDS, Kind

_PLACE = ("Delivery", "DeliveryLocation", "Address")


def read(raw: bytes) -> Invoice:
    """An invoice or credit note."""
    root = read_xml(raw)
    name = etree.QName(root).localname
    kind = next((it for it, known in KINDS.items() if known.root == name), None)
    if kind is None:
        raise BadData("an Invoice or a CreditNote is expected", path=name, code="unknown_code")
    words = KINDS[kind]
    due = _text(root, "DueDate")
    return Invoice(
        kind="invoice" if kind == "invoice" else "credit_note",
        number=_needed(root, "ID"),
        issued_on=_day(_needed(root, "IssueDate")),
        due_on=_day(due) if due else None,
        terms=_text(root, "PaymentTerms", "Note"),
        currency=_needed(root, "DocumentCurrencyCode"),
        buyer_reference=_text(root, "BuyerReference"),
        order_number=_text(root, "OrderReference", "ID"),
        corrects=_text(root, "BillingReference", "InvoiceDocumentReference", "ID"),
        note=_text(root, "Note"),
        seller=_party(root, "AccountingSupplierParty"),
        buyer=_party(root, "AccountingCustomerParty"),
        delivered_on=_maybe_day(_text(root, "Delivery", "ActualDeliveryDate")),
        delivered_to=None if (place := _at(root, *_PLACE)) is None else _address(place),
        payment=_payment(_at(root, "PaymentMeans")),
        lines=tuple(_line(it, words) for it in root.iterfind(f"{CAC}{words.line}")),
        charges=_charges(root),
        taxes=_taxes(root),
        totals=_totals(root),
    )


def _party(root: "etree._Element", name: str) -> Party:
    it = _at(root, name, "Party")
    if it is None:
        raise BadData("a party is expected", path=name, code="missing_field")
    names = (("PartyLegalEntity", "RegistrationName"), ("PartyName", "Name"))
    named = next((found for path in names if (found := _text(it, *path))), None)
    endpoint = it.find(f"{CBC}EndpointID")
    legal = it.find(f"{CAC}PartyLegalEntity/{CBC}CompanyID")
    return Party(
        name=named or "-",
        address=_address(_at(it, "PostalAddress")),
        tax_id=_text(it, "PartyTaxScheme", "CompanyID"),
        legal_id=_text(it, "PartyLegalEntity", "CompanyID"),
        legal_scheme=None if legal is None else legal.get("schemeID"),
        contact=_contact(_at(it, "Contact")),
        endpoint=None if endpoint is None else endpoint.text,
        endpoint_scheme=None if endpoint is None else endpoint.get("schemeID"),
    )


def _contact(it: "etree._Element | None") -> Contact | None:
    """Where all of it is told."""
    if it is None:
        return None
    told = [_text(it, name) for name in ("Name", "Telephone", "ElectronicMail")]
    name, phone, email = told
    return Contact(name=name, phone=phone, email=email) if name and phone and email else None


def _payment(it: "etree._Element | None") -> PaymentMeans | None:
    code = None if it is None else _text(it, "PaymentMeansCode")
    if it is None or code is None:
        return None
    return PaymentMeans(code=code, account=_text(it, "PayeeFinancialAccount", "ID"))


def _address(it: "etree._Element | None") -> Address:
    if it is None:
        return Address()
    streets = (_text(it, "StreetName"), _text(it, "AdditionalStreetName"))
    lines = (*streets, _text(it, "AddressLine", "Line"))
    return Address(
        lines=tuple(line for line in lines if line),
        city=_text(it, "CityName"),
        postal_code=_text(it, "PostalZone"),
        region=_text(it, "CountrySubentity"),
        country=_text(it, "Country", "IdentificationCode"),
    )


def _line(it: "etree._Element", kind: Kind) -> InvoiceLine:
    quantity = it.find(f"{CBC}{kind.quantity}")
    item, price = _at(it, "Item"), _at(it, "Price")
    if item is None or price is None:
        raise BadData("an item and its price are expected", path=kind.line, code="missing_field")
    category = _at(item, "ClassifiedTaxCategory")
    base = _text(price, "BaseQuantity")
    return InvoiceLine(
        line_no=_needed(it, "ID"),
        name=_text(item, "Name") or "-",
        sku=_text(item, "SellersItemIdentification", "ID"),
        quantity=_number(_needed(it, kind.quantity)),
        unit=(quantity is not None and quantity.get("unitCode")) or "C62",
        price=_number(_needed(price, "PriceAmount")),
        base=_number(base) if base else Decimal(1),
        net=_number(_needed(it, "LineExtensionAmount")),
        tax=Tax(category="O") if category is None else _tax(category),
        allowances=_charges(it),
    )


def _charges(parent: "etree._Element") -> tuple[AllowanceCharge, ...]:
    return tuple(
        AllowanceCharge(
            is_charge=_text(it, "ChargeIndicator") == "true",
            amount=_number(_needed(it, "Amount")),
            reason=_text(it, "AllowanceChargeReason"),
            tax=None if (category := _at(it, "TaxCategory")) is None else _tax(category),
        )
        for it in parent.iterfind(f"{CAC}AllowanceCharge")
    )


def _taxes(root: "etree._Element") -> tuple[TaxSum, ...]:
    return tuple(
        TaxSum(
            tax=_tax(category),
            taxable=_number(_needed(it, "TaxableAmount")),
            amount=_number(_needed(it, "TaxAmount")),
        )
        for it in root.iterfind(f"{CAC}TaxTotal/{CAC}TaxSubtotal")
        if (category := _at(it, "TaxCategory")) is not None
    )


def _tax(category: "etree._Element") -> Tax:
    percent = _text(category, "Percent")
    return Tax.model_validate(
        {
            "category": _needed(category, "ID"),
            "percent": _number(percent) if percent else None,
            "reason": _text(category, "TaxExemptionReason")
            or _text(category, "TaxExemptionReasonCode"),
        }
    )


def _totals(root: "etree._Element") -> InvoiceTotals:
    it = _at(root, "LegalMonetaryTotal")
    if it is None:
        raise BadData("totals are expected", path="LegalMonetaryTotal", code="missing_field")
    return InvoiceTotals(
        lines=_number(_needed(it, "LineExtensionAmount")),
        allowances=_sum(it, "AllowanceTotalAmount"),
        charges=_sum(it, "ChargeTotalAmount"),
        without_tax=_number(_needed(it, "TaxExclusiveAmount")),
        tax=_number(_text(root, "TaxTotal", "TaxAmount") or "0"),
        with_tax=_number(_needed(it, "TaxInclusiveAmount")),
        prepaid=_sum(it, "PrepaidAmount"),
        rounding=_sum(it, "PayableRoundingAmount"),
        payable=_number(_needed(it, "PayableAmount")),
    )


def _sum(it: "etree._Element", name: str) -> Decimal:
    text = _text(it, name)
    return _number(text) if text else ZERO


def _at(it: "etree._Element", *path: str) -> "etree._Element | None":
    return it.find("/".join(f"{CAC}{name}" for name in path))


def _text(it: "etree._Element", *path: str) -> str | None:
    *parts, last = path
    parent = _at(it, *parts) if parts else it
    text = None if parent is None else parent.findtext(f"{CBC}{last}")
    return (text or "").strip() or None


def _needed(it: "etree._Element", name: str) -> str:
    text = _text(it, name)
    if text is None:
        raise BadData("it is expected, and not there", path=name, code="missing_field")
    return text


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadData("a number is expected", path=text[:50], code="bad_number") from None
    if not number.is_finite() or abs(number.adjusted()) > 13:
        raise BadData("a number of at most 14 digits is expected", code="bad_number")
    return number


def _maybe_day(text: str | None) -> date | None:
    return _day(text) if text else None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadData("a date is expected", path=text[:50], code="bad_time") from None
