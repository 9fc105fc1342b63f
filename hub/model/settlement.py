"""Money between operator, providers and merchants, and its bookings."""

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


class SettlementLine(Value):
    """One movement in the provider's words, typed. `net = gross - fee`."""

    reference: Id
    channel_order_id: OptId = None
    kind: Literal["sale", "refund", "fee", "chargeback", "adjustment", "payout", "reserve", "tax"]
    gross: Amount
    fee: Amount = ZERO
    net: Amount
    currency: Currency
    at: Instant


class SettlementReport(Document):
    """A payment provider's or channel's account of a period."""

    TYPE: ClassVar[str] = "settlement_report"

    type: Literal["settlement_report"] = "settlement_report"
    provider: Text
    report_id: Id
    period: Period
    currency: Currency
    opening: Amount = ZERO
    closing: Amount = ZERO
    payout: Payout | None = None
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
