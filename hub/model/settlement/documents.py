"""Documents of money: what providers and banks say of it, and what the books are told."""

from typing import ClassVar, Literal, Self

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
    `provider_kind` is the provider's word for it. `movement` names what moved alike in every form
    in which the provider tells of it, however many lines a form makes of it.
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
    movement: OptId = None


class SettlementReport(Document):
    """A payment provider's or channel's account of a period, in one currency. What was paid out is
    `payout`, and a line of that kind where the provider lists it among the others.

    `accounts_for`: the payout or settlement that it is a part of, where the provider tells of one
    in several forms, and `form` which of them this is. What was told in one counts once: another is
    taken where both name their movements alike.
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


PayoutState = Literal["pending", "accepted", "executed", "refused"]
"""Where a transfer stands at the bank. Only the account's statement says that it is paid."""


class PayoutAnswer(Value):
    """What a bank says of a file that it was handed, or, where `reference` names one, of a transfer
    in it. `file` is the file's own number; `code` and `reason` are the bank's.
    """

    file: OptId = None
    reference: OptId = None
    state: PayoutState
    code: OptText = None
    reason: OptText = None


class PayoutStatus(Document):
    """A bank's answer to files of payouts: what it took, and what it refused. An answer about a
    transfer counts more than one about its file, a later one about a file more than an earlier.
    """

    TYPE: ClassVar[str] = "payout_status"

    type: Literal["payout_status"] = "payout_status"
    status_id: Id
    at: Instant
    answers: tuple[PayoutAnswer, ...] = Field(min_length=1)

    @property
    def business_id(self) -> str:
        return self.status_id


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
