"""Money between operator, providers and merchants, and its bookings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from hub.model.document import (
    ZERO,
    Amount,
    Currency,
    Document,
    Id,
    Instant,
    OptId,
    OptText,
    Text,
    Value,
)
from hub.model.money import add


class Period(Value):
    """From (included) to (excluded). On the wire the first is called `from`."""

    start: Instant = Field(alias="from")
    to: Instant

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)


class Payout(Value):
    """The money that moved."""

    reference: OptId = None
    amount: Amount
    at: Instant | None = None


Kind = Literal[
    "sale",
    "refund",
    "fee",
    "chargeback",
    "adjustment",
    "payout",
    "reserve",
    "tax",
    "conversion",
    "carriage",
]
"""What a movement is. A chargeback that was won comes back as one of the other sign; `reserve` is
money held back, released or carried over; `conversion` one currency for another; `carriage` what a
carrier charges for a parcel, its reference the tracking number.
"""


class SettlementLine(Value):
    """One movement in the provider's words, typed. `net = gross - fee`, signed as the merchant sees
    it: what comes in is above zero, and so is a fee that is taken.

    `reference` is the line's own, once in a report; `transaction` the payment's at the provider,
    `original` that of the payment which is given back, disputed or charged for; `channel_order_id`
    the reference that we, or the channel, gave along. `batch`: with which it is paid out.
    `provider_kind` is the provider's word for it.
    """

    reference: Id
    channel_order_id: OptId = None
    kind: Kind
    gross: Amount
    fee: Amount = ZERO
    net: Amount
    currency: Currency
    at: Instant
    provider_kind: OptText = None
    transaction: OptId = None
    original: OptId = None
    batch: OptId = None
    description: OptText = None
    weight_kg: Amount | None = None


class SettlementReport(Document):
    """A payment provider's or channel's account of a period, in one currency. What was paid out is
    `payout`, and a line of that kind where the provider lists it among the others.

    `accounts_for`: the payout or settlement that it is a part of, where the provider tells of one
    in several forms, and `form` which of them this is. What was told in one is not told in another.
    """

    TYPE: ClassVar[str] = "settlement_report"

    type: Literal["settlement_report"] = "settlement_report"
    provider: Text
    report_id: Id
    period: Period
    currency: Currency
    opening: Amount = ZERO
    closing: Amount = ZERO
    payout: Payout | None = None
    accounts_for: OptId = None
    form: OptText = None
    lines: tuple[SettlementLine, ...] = ()

    @property
    def business_id(self) -> str:
        return self.report_id


class JournalLine(Value):
    """One side of a booking."""

    account: Text
    debit: Amount = ZERO
    credit: Amount = ZERO
    merchant: OptId = None
    tax_code: OptText = None
    reference: OptId = None


class JournalEntry(Document):
    """A booking whose debits equal its credits."""

    TYPE: ClassVar[str] = "journal_entry"

    type: Literal["journal_entry"] = "journal_entry"
    entry_id: Id
    date: Instant
    description: OptText = None
    document: OptId = None
    currency: Currency
    lines: tuple[JournalLine, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _balances(self) -> Self:
        debit = add(*(line.debit for line in self.lines))
        credit = add(*(line.credit for line in self.lines))
        if debit != credit:
            raise PydanticCustomError("unbalanced", f"debits {debit} differ from credits {credit}")
        return self

    @property
    def business_id(self) -> str:
        return self.entry_id


class Account(StrEnum):
    """What a line of the ledger is booked on: names, not numbers. Each entry bears a merchant;
    `merchant.` are that merchant's own books, `operator.` the operator's with it. Charges have an
    account each below the fees, such as `operator.fees:commission`.
    """

    RECEIVABLE = "merchant.receivable"
    REVENUE = "merchant.revenue"
    SHIPPING_INCOME = "merchant.shipping_income"
    FEE_INCOME = "merchant.fee_income"
    ROUNDING = "merchant.rounding"
    OUTPUT_TAX = "merchant.output_tax"
    INPUT_TAX = "merchant.input_tax"
    RESERVE = "merchant.reserve"
    BANK = "merchant.bank"
    FEES = "merchant.fees"
    ADJUSTMENTS = "merchant.adjustments"
    CHARGEBACKS = "merchant.chargebacks"
    OPERATOR_RECEIVABLE = "operator.receivable"
    OPERATOR_PAYABLE = "operator.payable"
    OPERATOR_RESERVE = "operator.reserve"
    OPERATOR_BANK = "operator.bank"
    OPERATOR_FEES = "operator.fees"
    OPERATOR_TAX = "operator.output_tax"
    OPERATOR_ADJUSTMENTS = "operator.adjustments"
    OPERATOR_CHARGEBACKS = "operator.chargebacks"


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a booking; exactly one of `debit` and `credit` is above zero."""

    account: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    tax_code: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class ChargeItem:
    """What charges are worked out from: pieces, parcels or money with what they are (`traits`).

    `line` names the part of the document that it is; `amount` is with tax. `owner`: whose pieces
    they are, where the order is not that merchant's own.
    """

    kind: str
    traits: Mapping[str, Any]
    line: str
    quantity: Decimal = ZERO
    amount: Decimal = ZERO
    tax: Decimal = ZERO
    weight: Decimal = ZERO
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking. `document` names what it comes from (`order:…`, `refund:…`, `statement:…`), with
    `reason` its key; `at` is when it happened, `settle_at` the moment by which it belongs to a
    statement. `detail` holds codes and numbers: what led to it.
    """

    merchant: str
    document: str
    reason: str
    currency: str
    at: datetime
    settle_at: datetime
    lines: Sequence[Line]
    order_id: UUID | None = None
    message_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[ChargeItem] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by: merchant, document, reason."""
        return self.merchant, self.document, self.reason


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Whose account money goes from or to."""

    name: str
    iban: str = field(repr=False)
    bic: str | None = None


MASKED = "•••"
"""What an account begins with where it is shown."""


def masked(iban: str) -> str:
    """An account as people see it: how it ends."""
    return f"{MASKED}{iban[-4:]}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A payout of a statement. `reference` comes back from the bank with what it did."""

    reference: str
    to: BankAccount
    amount: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Payouts:
    """Transfers of one currency from one account, as a bank takes them. The same transfers have
    the same `number`.
    """

    number: str
    currency: str
    payer: BankAccount
    at: datetime
    transfers: Sequence[Transfer]

    @property
    def total(self) -> Decimal:
        """What goes out."""
        return add(*(transfer.amount for transfer in self.transfers))
