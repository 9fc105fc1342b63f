"""Goods in: what warehouses count and what they say moved. Every difference is a ledger line,
never a silent overwrite.

A batch is what one connection said. Counts are decided in memory in the order told, so that a later
one sees what an earlier one moved, and booked at once; so are changes. Where both are told, they
follow each other as they happened: a count says what was there at its time, and what changed before
that is in it, however late it is told.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TypeVar
from uuid import UUID

from hub.flows.orders import reconsider
from hub.flows.stock import long_count
from hub.flows.unit import Told, Unit
from hub.model.document import Document
from hub.model.stock import ChangedLine, ReportedLine, StockChange, StockReport
from hub.rules.messages.receiving import Verdict
from hub.rules.stock import stocktake
from hub.rules.stock.stocktake import Articles, Counted, Held, Moved, Place
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.stock import articles as stored_articles
from hub.store.stock import batches, levels_touched, stock_levels
from hub.store.stock.stock_levels import Movement

_D = TypeVar("_D", bound=Document)
_Lines = Sequence[ReportedLine] | Sequence[ChangedLine]


@dataclass(slots=True)
class _Booking:
    """What a batch comes to. `cause`: the first message that moved anything."""

    movements: list[Movement] = field(default_factory=list)
    counted: dict[Place, datetime] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)
    cause: UUID | None = None


def take(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """What one warehouse counted and what changed there, by time, then by arrival."""
    verdicts: dict[int, Verdict] = {}
    for kind, ats in groupby(_by_time(tellings), lambda at: type(tellings[at].document)):
        group = list(ats)
        flow = count if kind is StockReport else change
        verdicts |= zip(group, flow(unit, [tellings[at] for at in group]), strict=True)
    return [verdicts[at] for at in range(len(tellings))]


def _by_time(tellings: Sequence[Told]) -> list[int]:
    """Positions as it happened; as it was told, where all are counts or all are changes."""
    order = list(range(len(tellings)))
    documents = [it.document for it in tellings]
    times = [it.at for it in documents if isinstance(it, StockReport | StockChange)]
    mixed = len({type(it) for it in documents}) > 1
    return sorted(order, key=times.__getitem__) if mixed else order


def count(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Reconcile a warehouse's own counts: the difference is booked as a stocktake."""
    reports, code = _documents(StockReport, tellings), tellings[0].partner.code
    if _is_long(reports):
        return [long_count.count(unit, *each) for each in zip(tellings, reports, strict=True)]
    articles = _articles(unit, tellings, [report.lines for report in reports])
    verdicts = _waiting([report.lines for report in reports], articles)
    for at in _repeated(unit, tellings, verdicts):
        verdicts[at] = Verdict("ignored", "repeated", "this report is known")
    counts = {
        at: stocktake.counted(report.lines, articles)
        for at, report in enumerate(reports)
        if at not in verdicts
    }
    batched = {at: stocktake.by_batch(reports[at].lines, articles) for at in counts}
    held, booking = _lock(unit, code, counts.values()), _Booking()
    known = _held_by_batch(unit, code, batched.values())
    for at, counted in counts.items():
        report = reports[at]
        difference = stocktake.compare(counted, held, report.at)
        if difference.stale:
            verdicts[at] = Verdict("ignored", "stale", "a newer count is stored")
        moved = stocktake.part(difference.moved, batched[at], known, difference.after)
        known |= {place: batched[at][place] for place in batched[at] if place in difference.after}
        held |= difference.after
        booking.counted |= dict.fromkeys(difference.after, report.at)
        booking.incidents += [
            long_count.oversold(tellings[at], short) for short in difference.oversold
        ]
        _move(booking, tellings[at], moved, "stocktake")
    _book(unit, code, booking)
    return [verdicts.get(at, Verdict()) for at in range(len(tellings))]


def _is_long(reports: Sequence[StockReport]) -> bool:
    """Whether a batch holds a count to be booked by sets, which knows of no batches of goods."""
    return any(len(report.lines) >= long_count.LONG for report in reports) and not any(
        line.batch or line.expires_on for report in reports for line in report.lines
    )


def _held_by_batch(
    unit: Unit, code: str, counted: Collection[stocktake.Batches]
) -> dict[Place, Mapping[str, Counted]]:
    """The batches that are known of what a batch counts by batch."""
    held: dict[Place, dict[str, Counted]] = {}
    articles = {(merchant, sku) for places in counted for merchant, sku, _ in places}
    for it in batches.of(unit.db, articles, code):
        held.setdefault((it.merchant, it.sku, it.quality), {})[it.name] = (it.on_hand, None)
    return dict(held)


def change(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Book movements that no document of ours caused, each change once."""
    changes, booking = _documents(StockChange, tellings), _Booking()
    articles = _articles(unit, tellings, [said.lines for said in changes])
    verdicts = _waiting([said.lines for said in changes], articles)
    for at in _repeated(unit, tellings, verdicts):
        verdicts[at] = Verdict("ignored", "repeated", "this change is known")
    moved = {
        at: stocktake.changed(said.lines, articles)
        for at, said in enumerate(changes)
        if at not in verdicts
    }
    code = tellings[0].partner.code
    held = _lock(unit, code, [[it.place for it in its] for its in moved.values()])
    for at, its in moved.items():
        new = stocktake.since_counted(its, held, changes[at].at)
        if its and not new:
            verdicts[at] = Verdict("ignored", "stale", "a newer count is stored, this is in it")
        _move(booking, tellings[at], new, changes[at].reason)
    _book(unit, code, booking)
    return [verdicts.get(at, Verdict()) for at in range(len(tellings))]


def _documents(kind: type[_D], tellings: Sequence[Told]) -> list[_D]:
    return [telling.document for telling in tellings if isinstance(telling.document, kind)]


def _articles(unit: Unit, tellings: Sequence[Told], lines: Iterable[_Lines]) -> Articles:
    codes = {stocktake.code_of(line) for theirs in lines for line in theirs}
    partner = tellings[0].partner
    return stored_articles.articles_of(unit.db, partner.code, partner.merchant, sorted(codes))


def _waiting(lines: Iterable[_Lines], articles: Articles) -> dict[int, Verdict]:
    """By position: those that name an article nobody knows wait for the first such."""
    verdicts = {}
    for at, theirs in enumerate(lines):
        unknown = stocktake.first_unknown(theirs, articles)
        if unknown is not None:
            verdicts[at] = long_count.waiting(unknown, stocktake.code_of(theirs[unknown]))
    return verdicts


def _repeated(unit: Unit, tellings: Sequence[Told], waiting: Collection[int]) -> list[int]:
    """Positions of those that were taken before. What waits is not taken yet."""
    keys = {
        at: f"{telling.partner.code}:{telling.document.business_id}"
        for at, telling in enumerate(tellings)
        if at not in waiting
    }
    kind = tellings[0].document.type
    new = stock_levels.once(unit.db, tellings[0].merchant, kind, list(keys.values()))
    first = {key: at for at, key in reversed(keys.items()) if key in new}
    return [at for at, key in keys.items() if first.get(key) != at]


def _lock(unit: Unit, code: str, counts: Iterable[Iterable[Place]]) -> dict[Place, Held]:
    """The levels that a batch counts, locked all at once: the new number depends on the old."""
    articles = {(merchant, sku) for counted in counts for merchant, sku, _ in counted}
    return {
        (row.merchant_id, row.sku, row.quality): Held(row.on_hand, row.reserved, row.counted_at)
        for row in stock_levels.lock(unit.db, code, articles)
    }


def _move(booking: _Booking, telling: Told, moved: Sequence[Moved], reason: str) -> None:
    code, report = telling.partner.code, telling.document
    assert isinstance(report, StockReport | StockChange)
    document = f"{telling.document.type}:{telling.document.business_id}"
    for movement in moved:
        merchant, sku, quality = movement.place
        booking.movements.append(
            Movement(
                merchant,
                code,
                sku,
                movement.delta,
                reason,
                document,
                quality,
                actor=code,
                batch=movement.batch,
                expires_on=movement.expires_on,
                happened_at=report.at,
            )
        )
    if moved and booking.cause is None:
        booking.cause = telling.message_id


def _book(unit: Unit, code: str, booking: _Booking) -> None:
    """Write it, and let go what waits for stock that came in."""
    incidents.open_new(unit.db, booking.incidents)
    stock_levels.move(unit.db, booking.movements)
    stock_levels.mark_counted(unit.db, code, booking.counted)
    articles = sorted({(movement.merchant, movement.sku) for movement in booking.movements})
    levels_touched.touch(unit.db, articles)
    reconsider.came_in(unit, articles, booking.cause)
