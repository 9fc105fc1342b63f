"""What the Open API answers about reconciliation."""

from uuid import UUID

from hub.gateway.description.answers import Answer, Page
from hub.model.document import Amount, Instant


class RemainderItem(Answer):
    """A row that nothing matched, or about which was decided: of `theirs`, what a provider
    reported, or of `ours`, what is expected. `ours`, `theirs` and `difference` are of its order,
    or of the row alone where it has none. `decisions`: what a person may decide now.
    """

    id: str
    side: str
    merchant: str
    provider: str | None
    kind: str
    reference: str | None
    order_reference: str | None
    order_id: UUID | None
    amount: Amount
    fee: Amount
    currency: str
    ours: Amount
    theirs: Amount
    difference: Amount
    at: Instant
    age: str
    state: str
    reason: str
    proposal: str
    decisions: list[str]
    decided_by: str | None
    decided_at: Instant | None
    note: str | None


class RemainderPage(Page[RemainderItem]):
    """What is left, oldest first."""


class RemainderGroup(Answer):
    """How many rows stand for a reason, and what they come to."""

    side: str
    reason: str
    currency: str
    rows: int
    amount: Amount
    oldest: Instant


class Remainder(Answer):
    """What is left, by side, reason and currency."""

    groups: list[RemainderGroup]


class Matched(Answer):
    """A match that was made by hand."""

    id: str


class MatchedAgain(Answer):
    """How many matches were made."""

    matches: int


class ChargebackItem(Answer):
    """A payment that a bank took back: `open`, `evidence`, `won` or `lost`."""

    id: str
    merchant: str
    order_id: UUID | None
    reference: str
    order_reference: str | None
    amount: Amount
    currency: str
    status: str
    note: str | None
    opened_at: Instant
    updated_at: Instant


class ChargebackPage(Page[ChargebackItem]):
    """Chargebacks, oldest first."""
