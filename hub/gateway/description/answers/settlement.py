"""What the Open API answers about settlement."""

from typing import Any
from uuid import UUID

from pydantic import Field

from hub.gateway.description.answers import Answer, Page
from hub.model.document import Amount, Instant
from hub.model.settlement import JournalLine, PayoutState


class StatementLine(Answer):
    """A line of a statement; `amount` is in favour of the merchant. `line` names it where its
    items are asked for; `rule` and `version` say what charged it.
    """

    line: int
    kind: str
    code: str
    rule: str | None
    version: int | None
    percent: str | None
    items: int
    quantity: Amount
    base: Amount
    amount: Amount


class PayoutTransfer(Answer):
    """A payout in a file for the bank; `state`, `code` and `reason` are the bank's."""

    file: str
    amount: Amount
    written_at: Instant
    state: PayoutState | None
    code: str | None
    reason: str | None
    told_at: Instant | None


class StatementItem(Answer):
    """What a merchant is owed for a period. Its lines add up to `balance`: `payout` is paid, the
    rest is carried to the next. `bank_says`: where the payout stands by the newest file for the
    bank.
    """

    id: str
    merchant: str
    currency: str
    from_: Instant = Field(alias="from")
    to: Instant
    status: str
    carried_in: Amount
    balance: Amount
    payout: Amount
    carried_out: Amount
    terms_version: int
    calculated_by: str | None
    calculated_at: Instant | None
    approved_by: str | None
    approved_at: Instant | None
    payout_reference: str | None
    paid_at: Instant | None
    note: str | None
    bank_says: PayoutState | None


class StatementPage(Page[StatementItem]):
    """Statements, newest first."""


class StatementWhole(StatementItem):
    """A statement with its lines, and the files for the bank that its payout stands in."""

    lines: list[StatementLine]
    transfers: list[PayoutTransfer]


class ChargedItem(Answer):
    """An item behind a line: the order and the message it comes from, and its part."""

    document: str
    reason: str
    kind: str
    line: str
    at: Instant
    order_id: UUID | None
    message_id: UUID | None
    quantity: Amount
    base: Amount
    amount: Amount
    traits: dict[str, Any]


class ChargedPage(Page[ChargedItem]):
    """Items behind a line of a statement."""


class EntryItem(Answer):
    """An entry of the ledger."""

    id: UUID
    merchant: str
    document: str
    reason: str
    currency: str
    at: Instant
    settle_at: Instant
    booked_at: Instant
    order_id: UUID | None
    message_id: UUID | None
    lines: list[JournalLine]


class EntryPage(Page[EntryItem]):
    """Entries in the order they were booked."""


class ContractVersion(Answer):
    """Terms, from when on they are in force, and who wrote them."""

    version: int
    valid_from: Instant
    terms: dict[str, Any]
    author: str
    at: Instant


class ContractItem(Answer):
    """A merchant's contract, version by version."""

    merchant: str
    versions: list[ContractVersion]


class Figures(Answer):
    """What a time comes to."""

    balance: Amount
    lines: list[StatementLine]


class WhatIfItem(Answer):
    """What a time comes to as it is, and as it would be; `difference` is in favour of the
    merchant.
    """

    now: Figures
    then: Figures
    difference: Amount


class AdjustmentItem(Answer):
    """A correction by hand that waits for another person's word."""

    id: UUID
    merchant: str
    currency: str
    amount: Amount
    reason: str
    entered_by: str
    entered_at: Instant
    decision: str | None
    decided_by: str | None


class AdjustmentList(Answer):
    """Corrections that nobody decided yet."""

    items: list[AdjustmentItem]


class PayoutFile(Answer):
    """Payouts that are approved and not made yet, as a bank takes them. `file` is their number."""

    format: str
    file: str
    name: str
    count: int
    total: Amount
    content: str
