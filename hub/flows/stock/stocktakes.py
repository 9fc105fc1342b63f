"""A stocktake from its snapshot to the ledger: each step by `hub/states/stocktake.py`, in the name
of a person. Who counted does not approve.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.flows.stock import stocktake_booking as booking
from hub.flows.stock.stocktake_booking import Key
from hub.flows.unit import Unit
from hub.model.document import ZERO
from hub.model.errors import BadData, Contradiction, NotFound
from hub.model.merchant import OPERATOR
from hub.model.stock import MOST_LINES, Counts, StocktakeOpening
from hub.rules.ops.four_eyes import refuse_same
from hub.rules.stock import shelf_count
from hub.rules.stock.shelf_life import Batch
from hub.states import machine
from hub.states.stocktake import STOCKTAKE, Event, State
from hub.store.base.ids import new_id
from hub.store.people import audit_trail
from hub.store.stock import articles
from hub.store.stock.stocktakes import documents, movements
from hub.store.stock.stocktakes import lines as stored
from hub.store.stock.stocktakes.documents import StocktakeRow
from hub.store.stock.stocktakes.lines import CountRow, LineRow, NewLine
from hub.store.stock.stocktakes.movements import LevelNow


def open_(unit: Unit, asked: StocktakeOpening, actor: str) -> UUID:
    """Freeze what is held. Returns its id. BadData for a warehouse or article that is none there;
    Contradiction where another one is under way about any of it.
    """
    place = unit.directory.connections.get(asked.warehouse)
    if (
        place is None
        or place.kind != "warehouse"
        or place.merchant not in (OPERATOR, asked.merchant)
    ):
        message = "the code of a warehouse connection is expected"
        raise BadData(message, path="warehouse", code="unknown_warehouse")
    named = _skus(unit, asked.merchant, asked.warehouse, asked.skus, "skus.{}")
    documents.alone(unit.db, asked.merchant, asked.warehouse)
    other = documents.under_way(unit.db, asked.merchant, asked.warehouse, named)
    if other is not None:
        message = f"stocktake {documents.id_text(other)} is under way about it"
        raise Contradiction(message, path="skus", code="stocktake_under_way")
    held = movements.levels(unit.db, asked.merchant, asked.warehouse, named, MOST_LINES + 1)
    snapshot = list(_snapshot(held, named))
    if not snapshot or len(snapshot) > MOST_LINES:
        message = (
            f"1 to {MOST_LINES} lines can be counted in one stocktake, here are {len(snapshot)}"
        )
        raise BadData(message, path="skus", code="too_many_lines")
    row = StocktakeRow(
        *(new_id(), asked.merchant, asked.warehouse, State.COUNTING, asked.blind, named),
        *(asked.note, unit.at, unit.at),
        position=max((it.position for it in held if it.position), default=None),
    )
    documents.insert(unit.db, row)
    stored.add_lines(unit.db, row, snapshot)
    _keep(unit, row, "open", actor, {"lines": len(snapshot)})
    return row.id


def _skus(unit: Unit, merchant: str, warehouse: str, codes: Sequence[str], path: str) -> list[str]:
    """Articles of the merchant, as it or the warehouse calls them, each where its code stands."""
    known = articles.articles_of(unit.db, warehouse, merchant, sorted(set(codes)))
    for at, code in enumerate(codes):
        if known.get(code, ("", ""))[0] != merchant:
            message = "the SKU of a product of this merchant is expected"
            raise BadData(message, path=path.format(at), code="unknown_sku")
    return [known[code][1] for code in codes]


def _snapshot(held: Sequence[LevelNow], named: Sequence[str]) -> Iterable[NewLine]:
    """A line for each batch of each level; of an article that was never there, one of nothing."""
    there = {(it.sku, it.quality): booking.on_shelf(it) for it in held}
    for sku in set(named) - {sku for sku, _ in there}:
        there[sku, "good"] = [Batch(shelf_count.UNNAMED, ZERO)]
    pieces = ((level, it) for level, its in sorted(there.items()) for it in its)
    for line_no, ((sku, quality), it) in enumerate(pieces, start=1):
        yield NewLine(line_no, sku, quality, it.name, it.expires_on, it.pieces, found=False)


def count(unit: Unit, stocktake_id: UUID, said: Counts, actor: str) -> None:
    """Note what was counted, with what was held at that moment. A line that was counted before is
    now as it is said here. BadData where it was counted before the snapshot, or is yet to be.
    """
    row = _load(unit, stocktake_id)
    _take(unit, row, Event.COUNT, actor)
    _refuse_other_times(unit, row, said.counted_at)
    lines = said.lines
    skus = _skus(unit, row.merchant, row.warehouse, [it.sku for it in lines], "lines.{}.sku")
    sums: dict[Key, Decimal] = {}
    days: dict[Key, date | None] = {}
    for at, (sku, it) in enumerate(zip(skus, lines, strict=True)):
        if row.skus and sku not in row.skus:
            message = "this article is not to be counted here"
            raise BadData(message, path=f"lines.{at}.sku", code="out_of_scope")
        key: Key = (sku, it.quality, it.batch_name)
        sums[key] = sums.get(key, ZERO) + it.counted
        days[key] = it.expires_on
    known = {(it.sku, it.quality, it.batch): it for it in stored.lines(unit.db, row.id)}
    _refuse_others(row, known, sums)
    fresh = [key for key in sums if key not in known]
    numbers = dict(enumerate(fresh, start=len(known) + 1))
    stored.add_lines(
        unit.db,
        row,
        [NewLine(no, *key, days[key], ZERO, found=True) for no, key in numbers.items()],
    )
    line_nos = {key: it.line_no for key, it in known.items()} | {
        key: no for no, key in numbers.items()
    }
    held, positions = booking.held(unit, row, skus, said.counted_at)
    counts = [
        CountRow(line_nos[key], row.round, pieces, held.get(key, ZERO), positions.get(key[:2]))
        for key, pieces in sums.items()
    ]
    stored.add_counts(unit.db, row, counts, actor, unit.at, said.counted_at)
    row.counted_by = sorted({*row.counted_by, actor})
    when = {"counted_at": said.counted_at.isoformat()} if said.counted_at else {}
    _keep(unit, row, Event.COUNT, actor, {"lines": len(counts), **when})


def _refuse_other_times(unit: Unit, row: StocktakeRow, counted_at: datetime | None) -> None:
    if counted_at is not None and not row.opened_at <= counted_at <= unit.at:
        opened = row.opened_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        message = f"a time from {opened}, when it was opened, to now is expected"
        raise BadData(message, path="counted_at", code="bad_time")


def _refuse_others(row: StocktakeRow, known: Mapping[Key, LineRow], said: Iterable[Key]) -> None:
    """After a recount was asked for, only the lines that it names are counted."""
    for sku, quality, batch in said if row.round > 1 else ():
        line = known.get((sku, quality, batch))
        if line is None or line.round != row.round:
            message = f"{sku} {batch} is not to be counted again".replace("  ", " ")
            raise Contradiction(message, path="lines", code="not_to_be_recounted")


def submit(unit: Unit, stocktake_id: UUID, actor: str) -> None:
    """All is counted that is going to be. Contradiction where nothing was."""
    row = _load(unit, stocktake_id)
    _take(unit, row, Event.SUBMIT, actor)
    lines = stored.lines(unit.db, row.id)
    left = sum(it.counted is None for it in lines)
    if left == len(lines):
        raise Contradiction("nothing is counted yet", path="lines", code="nothing_counted")
    row.counted_by = sorted({*row.counted_by, actor})
    _keep(unit, row, Event.SUBMIT, actor, {"not_counted": left})


def recount(unit: Unit, stocktake_id: UUID, line_nos: Sequence[int], note: str, actor: str) -> None:
    """Have lines counted once more; what was counted of them stays known and counts no longer."""
    row = _load(unit, stocktake_id)
    _take(unit, row, Event.RECOUNT, actor)
    row.round += 1
    if stored.recount(unit.db, row, line_nos) != len(set(line_nos)):
        raise BadData("numbers of lines of this stocktake are expected", path="lines")
    _keep(unit, row, Event.RECOUNT, actor, {"lines": len(set(line_nos)), "note": note})


def approve(unit: Unit, stocktake_id: UUID, actor: str) -> StocktakeRow:
    """Book the differences, each as a line of the ledger. Not by whom it was counted; where it is
    approved already, nothing happens.
    """
    row = _load(unit, stocktake_id)
    refuse_same(actor, row.counted_by, "somebody else approves what you counted")
    if row.status == State.APPROVED:
        return row
    row.decided_by = actor
    tally = _take(unit, row, Event.APPROVE, actor)
    _keep(unit, row, Event.APPROVE, actor, tally)
    return row


def cancel(unit: Unit, stocktake_id: UUID, actor: str, reason: str) -> None:
    """Nothing of it is booked."""
    row = _load(unit, stocktake_id)
    _take(unit, row, Event.CANCEL, actor)
    row.decided_by = actor
    _keep(unit, row, Event.CANCEL, actor, {"reason": reason})


def _load(unit: Unit, stocktake_id: UUID) -> StocktakeRow:
    row = documents.load(unit.db, stocktake_id)
    if row is None:
        raise NotFound("no such stocktake")
    return row


def _take(unit: Unit, row: StocktakeRow, event: Event, actor: str) -> Mapping[str, int]:
    """The step itself. Returns what followed it, counted. IllegalTransition where there is none."""
    step = machine.step(STOCKTAKE, State(row.status), event)
    row.status = step.state
    counts: dict[str, int] = {}
    for effect in step.effects:
        counts |= EFFECTS[effect](unit, row, actor)
    return counts


EFFECTS: Mapping[str, Callable[[Unit, StocktakeRow, str], Mapping[str, int]]] = {
    "book_differences": booking.book
}


def _keep(unit: Unit, row: StocktakeRow, event: str, actor: str, detail: Mapping[str, Any]) -> None:
    """Store what stands, and say in its history and in the audit who did it."""
    step = {"event": str(event), "actor": actor, "at": unit.at.isoformat(), "detail": detail}
    row.steps.append(step)
    row.updated_at = unit.at
    documents.update(unit.db, row)
    subject, said = f"stocktake:{row.number}", {"warehouse": row.warehouse, **detail}
    audit_trail.record(unit.db, row.merchant, actor, f"stocktake.{event}", subject, said, unit.at)
