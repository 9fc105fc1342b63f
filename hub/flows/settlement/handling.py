"""What warehouses handled is booked a day at a time, once the day is over (UTC): a document
`goods:DAY` for each merchant whose contract charges receipts, returns or storage.

A day is known by its document, so a pass may be repeated; where nobody booked for a while, the days
since are booked one after the other.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hub.flows.settlement.calculate import versions_of
from hub.flows.settlement.post import MARGIN_S, settled
from hub.flows.unit import Unit
from hub.model.merchant import in_force
from hub.model.settlement import Entry
from hub.rules.settlement import handling
from hub.rules.settlement.terms import Terms
from hub.store.base.ids import floor_id, moment_of
from hub.store.settlement import contracts, entries, facts, handled

GOODS = "goods"
_DAY = timedelta(days=1)
_LAST = timedelta(microseconds=1)
"""A day's charges belong to its last moment."""


def book_day(unit: Unit, *, margin_s: float = MARGIN_S) -> bool:
    """Book the next day that is over. False: there is none."""
    facts.lock(unit.db)
    since = _next_day(unit)
    until = since + _DAY
    if facts.horizon(unit.db, margin_s) < floor_id(until):
        return False
    _book(unit, since, until)
    facts.came_to(unit.db, GOODS, floor_id(until))
    return True


def _next_day(unit: Unit) -> datetime:
    """The day behind the last that was booked; on a new installation, yesterday."""
    after = facts.after(unit.db, GOODS)
    if after != UUID(int=0):
        return moment_of(after)
    today = unit.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - _DAY


def _book(unit: Unit, since: datetime, until: datetime) -> None:
    charging = _charging(unit, until - _LAST)
    by_entry: dict[tuple[str, str], list[tuple[str, str, Decimal]]] = defaultdict(list)
    if charging:
        for it in handled.between(unit.db, sorted(charging), since, until):
            if it.kind in handling.charged_kinds(charging[it.merchant]):
                by_entry[it.merchant, it.kind].append((it.warehouse, it.sku, it.pieces))
    if not by_entry:
        return
    articles = facts.products(
        unit.db,
        {(merchant, sku) for (merchant, _), rows in by_entry.items() for _, sku, _ in rows},
    )
    closed = facts.closed_until(unit.db, sorted(charging))
    at, document = until - _LAST, f"goods:{since.date().isoformat()}"
    made = (
        Entry(
            merchant, document, kind, charging[merchant].currency, at, at, (),
            items=handling.items(kind, rows, articles.get(merchant, {})),
        )
        for (merchant, kind), rows in by_entry.items()
    )  # fmt: skip
    entries.book(unit.db, [settled(it, closed) for it in made])


def _charging(unit: Unit, at: datetime) -> dict[str, Terms]:
    """Merchant -> its terms at a moment, of those that charge what warehouses do."""
    known = versions_of(unit, contracts.merchants(unit.db))
    agreed = {merchant: in_force(versions, at) for merchant, versions in known.items()}
    return {
        merchant: version.terms
        for merchant, version in agreed.items()
        if version is not None and handling.charged_kinds(version.terms)
    }
