"""What the remainder is: each row that nothing matches gets one reason, and each reason a proposal
and the decisions that a person may take.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

Reason = Literal[
    "fee_without_order",
    "order_without_payout",
    "amount_differs",
    "late",
    "duplicate",
    "currency",
    "chargeback",
    "weight_differs",
    "unknown",
    "payout_not_received",
    "not_invoiced",
]
Decision = Literal["accept", "write_off", "explain"]
DECISIONS: tuple[Decision, ...] = ("accept", "write_off", "explain")
STATES: Mapping[Decision, str] = {
    "accept": "accepted",
    "write_off": "written_off",
    "explain": "explained",
}
WRITE_OFF_LIMIT = Decimal(10)
"""The most that a person writes off by one decision, in whole units of its currency."""
_COSTS = frozenset({"fee", "tax", "adjustment"})
_ONCE = frozenset({"sale", "carriage"})
"""What nobody pays, or asks for, a second time."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a row that nothing matches. `currencies`: of what is expected of its order;
    `is_double`: another row tells the same; `is_settled`: all that its order expected has come.
    """

    kind: str
    has_order: bool
    currency: str
    currencies: frozenset[str]
    is_double: bool = False
    is_settled: bool = False
    is_early: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reason proposes to do, and what a person may decide."""

    proposal: str
    decisions: tuple[Decision, ...]


# fmt: off
MEANINGS: Mapping[str, Meaning] = {
    "fee_without_order":    Meaning("book_as_cost",     ("accept", "write_off", "explain")),
    "order_without_payout": Meaning("ask_the_provider", ("write_off", "explain")),
    "amount_differs":       Meaning("match_by_hand",    ("write_off", "explain")),
    "late":                 Meaning("book_in_period",   ("accept", "write_off", "explain")),
    "duplicate":            Meaning("ask_it_back",      ("write_off", "explain")),
    "currency":             Meaning("book_exchange",    ("accept", "explain")),
    "chargeback":           Meaning("send_evidence",    ("accept", "explain")),
    "weight_differs":       Meaning("ask_the_carrier",  ("accept", "write_off", "explain")),
    "unknown":              Meaning("find_the_order",   ("accept", "write_off", "explain")),
    "payout_not_received":  Meaning("ask_the_bank",     ("explain",)),
    "not_invoiced":         Meaning("wait",             ("explain",)),
}
# fmt: on
REASONS = tuple(MEANINGS)


@dataclass(frozen=True, slots=True)
class Age:
    """How long something stands: from (included) to (excluded) so many days."""

    name: str
    days: int
    until: int | None


AGES = (
    *(Age("week", 0, 7), Age("month", 7, 30), Age("quarter", 30, 90)),
    Age("older", 90, None),
)


def reason(facts: Facts) -> Reason:
    """Why nothing matches a provider's row."""
    if facts.is_double:
        return "duplicate"
    if facts.kind == "chargeback":
        return "chargeback"
    if facts.kind in _COSTS and not facts.has_order:
        return "fee_without_order"
    if not facts.has_order or not facts.currencies:
        return "late" if facts.is_early else "unknown"
    if facts.currency not in facts.currencies:
        return "currency"
    if facts.is_settled:
        return "duplicate" if facts.kind in _ONCE else "unknown"
    if facts.kind == "carriage":
        return "weight_differs"
    return "late" if facts.is_early else "amount_differs"


def age(since: datetime, at: datetime) -> str:
    """The bucket in which something stands."""
    days = max(0, (at - since).days)
    return next(it.name for it in AGES if it.until is None or days < it.until)


def span(name: str, at: datetime) -> tuple[datetime | None, datetime]:
    """Since when things of a bucket stand: from (excluded) and to (included)."""
    bucket = next(it for it in AGES if it.name == name)
    oldest = None if bucket.until is None else at - timedelta(days=bucket.until)
    return oldest, at - timedelta(days=bucket.days)


def may_write_off(amount: Decimal) -> bool:
    """Whether one person may let so much go."""
    return abs(amount) <= WRITE_OFF_LIMIT
