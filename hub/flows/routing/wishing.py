"""Which batches a warehouse is asked to send of goods with a minimum remaining shelf life: what
expires first of what may be sold and is not promised yet. One batch that has it all stands on the
line, where every protocol with a field for it carries it; several, and days without a batch number,
are said in the note.

Where no batch is known of what is ordered, nothing is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from hub.flows.routing.ground import Shelves
from hub.flows.unit import Unit
from hub.model.document import pieces
from hub.model.fulfilment import FulfilmentLine
from hub.rules.stock import shelf_life
from hub.rules.stock.shelf_life import Batch
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.stock import batches

Place = tuple[str, str, str]
"""Warehouse, merchant, SKU."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A level whose goods must last for some time: what may be sold of it, promised or not."""

    on_hand: Decimal
    expiring: Decimal
    sellable: Decimal
    batches: tuple[Batch, ...] = ()


def read(unit: Unit, shelves: Shelves) -> Mapping[Place, Shelf]:
    """The shelves, of these, that batches are asked for from."""
    if not shelves.by_batch:
        return {}
    ruled = {
        (row.warehouse, row.merchant_id, row.sku): Shelf(
            row.on_hand, row.expiring, row.on_hand - row.expiring - row.safety
        )
        for row in batches.ruled(unit.db, shelves.by_batch)
    }
    for it in batches.of(unit.db, {(merchant, sku) for _, merchant, sku in ruled}):
        place = (it.warehouse, it.merchant, it.sku)
        if place in ruled and it.quality == "good":
            known = (*ruled[place].batches, Batch(it.name, it.on_hand, it.expires_on))
            ruled[place] = replace(ruled[place], batches=known)
    return ruled


def wish(
    row: FulfilmentRow,
    shelves: Shelves,
    known: Mapping[Place, Shelf],
    short: Mapping[Place, Decimal],
) -> None:
    """Ask for batches in a fulfilment order that is planned now, and not taken off the shelves.
    `short`: pieces that do not last long enough for its channel.
    """
    if not known:
        return
    lines: list[FulfilmentLine] = []
    said: list[str] = []
    before: dict[str, Decimal] = {}
    for line in row.document.lines:
        shelf = known.get((row.warehouse, row.merchant, line.sku))
        if shelf is None:
            lines.append(line)
            continue
        free = shelves[row.warehouse][(row.merchant, line.sku)] - before.get(line.sku, Decimal(0))
        before[line.sku] = before.get(line.sku, Decimal(0)) + line.quantity
        not_for_it = short.get((row.warehouse, row.merchant, line.sku), Decimal(0))
        taken = max(shelf.sellable - free, not_for_it, Decimal(0))
        chosen = shelf_life.wished(
            shelf.batches, shelf.on_hand, taken, line.quantity, shelf.expiring
        )
        named, words = _said(line, chosen)
        lines.append(named)
        said += words
    if said or lines != list(row.document.lines):
        note = "; ".join(filter(None, (row.document.note, *said))) or None
        row.document = row.document.model_copy(update={"lines": tuple(lines), "note": note})


def _said(line: FulfilmentLine, found: list[Batch]) -> tuple[FulfilmentLine, list[str]]:
    if len(found) == 1 and found[0].pieces == line.quantity and not _is_day(found[0]):
        return line.model_copy(update={"batch": found[0].name}), []
    if not found:
        return line, []
    words = ", ".join(_words(batch) for batch in found)
    return line, [f"please send of {line.sku}: {words}"]


def _words(batch: Batch) -> str:
    many = pieces(batch.pieces)
    if _is_day(batch):
        return f"{many} that expire on {batch.name}"
    until = f" (expires on {batch.expires_on})" if batch.expires_on else ""
    return f"{many} of batch {batch.name}{until}"


def _is_day(batch: Batch) -> bool:
    return batch.expires_on is not None and batch.name == batch.expires_on.isoformat()
