"""An invoice or credit note as it is drawn: what was sold, taxed by category, what is to pay."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, StringConstraints

from hub.model.document import ZERO, Address, Amount, Currency, Id, OptId, OptText, Text, Value
from hub.model.money import add, round_to, times

_HUNDRED = Decimal("0.01")
# fmt: off
UNION = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
})
# fmt: on
"""Countries of the EU, and Northern Ireland, which is one for goods. Source: directive 2006/112/EC,
5 to 8.
"""
_VAT_NUMBER = re.compile(r"([A-Z]{2})(?=[A-Z]*[0-9])[0-9A-Z+*]{2,13}", re.ASCII)
_PREFIXES = UNION | {"EL"}
Account = Annotated[
    str,
    AfterValidator(lambda told: "".join(told.split()).upper()),
    StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"),
]
"""An IBAN, however it is spaced. Source: ISO 13616."""


InvoiceLanguage = Literal["en", "de", "zh"]
"""A language in which an invoice is had on paper (ISO 639-1)."""
ENGLISH: InvoiceLanguage = "en"
LANGUAGES: tuple[InvoiceLanguage, ...] = get_args(InvoiceLanguage)


def spoken(tag: str | None) -> InvoiceLanguage | None:
    """The language of a tag such as de-AT, where an invoice can be had in it."""
    primary = (tag or "").partition("-")[0].casefold()
    return next((language for language in LANGUAGES if language == primary), None)


class Contact(Value):
    """Whom to ask about an invoice."""

    name: Text
    phone: Text
    email: Text


class Party(Value):
    """Who sells or buys. `tax_id`: the VAT number, or another one of tax; `legal_id`: the number in
    the register, `legal_scheme` which register (ISO 6523), such as 0106 for the Dutch KVK;
    `account`: the IBAN to pay to; `endpoint`: where e-invoices reach it, `endpoint_scheme` its EAS
    code.
    """

    name: Text
    address: Address
    tax_id: OptId = None
    legal_id: OptId = None
    legal_scheme: OptText = None
    contact: Contact | None = None
    account: Account | None = None
    endpoint: OptId = None
    endpoint_scheme: OptText = None

    @property
    def vat_number(self) -> str | None:
        """`tax_id` where it begins with the party's country or one of the EU, as VAT numbers do."""
        text = re.sub(r"[\s./-]", "", self.tax_id or "").upper()
        found = _VAT_NUMBER.fullmatch(text)
        known = found and (found[1] in _PREFIXES or found[1] == self.address.country)
        return text if known else None


class Tax(Value):
    """A tax category (UNCL 5305): `S` standard, `Z` zero, `E` exempt, `AE` reverse charge, `K`
    intra-community supply, `G` export, `O` not subject to tax, `L` and `M` of the Canaries, Ceuta
    and Melilla. `percent` is null where there is no rate. `reason`: why none is due.
    """

    category: Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M"]
    percent: Amount | None = None
    reason: OptText = None


class AllowanceCharge(Value):
    """What is taken off, or with `is_charge` added, before tax."""

    is_charge: bool
    amount: Amount
    reason: OptText = None
    tax: Tax | None = None


class PaymentMeans(Value):
    """How it is paid: `code` (UNCL 4461), and for a transfer the account to pay to."""

    code: Text
    account: OptId = None


class InvoiceLine(Value):
    """One article. `net = quantity * price / base - allowances + charges`, rounded."""

    line_no: Text
    name: Text
    sku: OptId = None
    quantity: Decimal
    unit: Text = "C62"
    price: Decimal
    base: Decimal = Decimal(1)
    net: Decimal
    tax: Tax
    allowances: tuple[AllowanceCharge, ...] = ()


class TaxSum(Value):
    """The tax of one category."""

    tax: Tax
    taxable: Decimal
    amount: Decimal


class InvoiceTotals(Value):
    """The sums, each as the document states it."""

    lines: Decimal
    allowances: Decimal = ZERO
    charges: Decimal = ZERO
    without_tax: Decimal
    tax: Decimal
    with_tax: Decimal
    prepaid: Decimal = ZERO
    rounding: Decimal = ZERO
    payable: Decimal


class Invoice(Value):
    """An invoice, or with kind `credit_note` what of one is given back; `corrects` names it.
    `language`: that of its pages for people; `terms`: when and how it is to be paid, in words;
    `delivered_to`: where the goods went.
    """

    kind: Literal["invoice", "credit_note"] = "invoice"
    number: Id
    issued_on: date
    due_on: date | None = None
    terms: OptText = None
    currency: Currency
    buyer_reference: OptText = None
    order_number: OptId = None
    corrects: OptId = None
    note: OptText = None
    language: InvoiceLanguage | None = None
    seller: Party
    buyer: Party
    delivered_on: date | None = None
    delivered_to: Address | None = None
    payment: PaymentMeans | None = None
    lines: tuple[InvoiceLine, ...]
    charges: tuple[AllowanceCharge, ...] = ()
    taxes: tuple[TaxSum, ...] = ()
    totals: InvoiceTotals


def line_net(line: InvoiceLine, currency: str) -> Decimal:
    """What a line comes to by the standard's rule."""
    gross = times(line.quantity, line.price) / line.base
    more = add(*(it.amount if it.is_charge else -it.amount for it in line.allowances))
    return add(round_to(gross, currency), more)


def tax_of(taxable: Decimal, tax: Tax, currency: str) -> Decimal:
    """The tax on a category's sum."""
    return round_to(times(times(taxable, tax.percent or ZERO), _HUNDRED), currency)
