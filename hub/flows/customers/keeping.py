"""How long a merchant's customers are kept. Whoever did not order for so many days is forgotten as
if he had asked for it; while something of him is under way he stays, and is looked at again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hub.flows.customers import erase
from hub.flows.unit import Unit
from hub.store.customers import retention
from hub.store.customers.retention import Kept
from hub.store.people import audit_trail

ACTOR = "system:retention"
FEWEST, MOST = 30, 36_500
"""Days that customers may be kept for."""


def say(unit: Unit, merchant: str, days: int | None, actor: str) -> None:
    """Keep a merchant's customers for so many days after their last order; None: for ever."""
    was = retention.of(unit.db, merchant)
    if days == (was.days if was else None):
        return
    retention.say(unit.db, Kept(merchant, days, actor, unit.at))
    detail = {"was": was.days if was else None, "is": days}
    audit_trail.record(unit.db, merchant, actor, "customer.retention", merchant, detail, unit.at)


def until(at: datetime, days: int) -> datetime:
    """Who ordered last before this moment is past his time."""
    return at - timedelta(days=days)


def count(unit: Unit, merchant: str, days: int) -> int:
    """How many would be forgotten now."""
    return retention.count(unit.db, merchant, until(unit.at, days))


def past(unit: Unit, kept: Kept, after: UUID | None, most: int) -> Sequence[UUID]:
    """The next of a merchant's customers who are past their time."""
    if kept.days is None:
        return []
    return retention.past(unit.db, kept.merchant, until(unit.at, kept.days), after, most)


def forget(unit: Unit, id_: UUID) -> None:
    """Forget one of them. Contradiction while something of him is under way."""
    erase.erase(unit, id_, ACTOR)
