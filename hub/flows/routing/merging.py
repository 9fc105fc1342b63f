"""What warehouses are told of fulfilment orders: of what goes to one recipient in one notice, where
the merchant's rules say so. The first leads, under its number the warehouse knows all of them;
everything else stays each order's own.

What waits to be told is taken back and told anew with what joins it, as long as no attempt was
made.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.flows.routing import fulfilment_orders, ground
from hub.flows.unit import Unit
from hub.rules.routing import merging as rule
from hub.store.messages import outbox
from hub.store.messages.outbox import Telling
from hub.store.orders import fulfilments, merged, orders, timeline
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow


@dataclass(frozen=True, slots=True)
class Planned:
    """A fulfilment order that is to be told, with its order and what it was planned for."""

    row: FulfilmentRow
    order: OrderRow
    cause: UUID | None


Parcel = list[FulfilmentRow]
"""What is told in one notice, its leader first."""


def tell(unit: Unit, planned: Sequence[Planned]) -> None:
    """Tell warehouses of what was planned just now and is not stored yet."""
    most = {it.row.id: _at_most(unit, it) for it in planned}
    for it in planned:
        it.row.recipient = mark(unit, it.row, it.order) if most[it.row.id] > 1 else None
    apart: list[Parcel] = [[it.row] for it in planned if it.row.recipient is None]
    meet: dict[bytes, Parcel] = {}
    for it in planned:
        if it.row.recipient is not None:
            meet.setdefault(it.row.recipient, []).append(it.row)
    earlier = _taken_back(unit, meet) if meet else []
    for row in earlier:
        assert row.recipient is not None
        meet[row.recipient].append(row)
    for parts in meet.values():
        apart += _parcels(parts, max(most.get(part.id, 1) for part in parts))
    theirs = {it.order.id: it.order for it in planned}
    others = {row.order_id for row in earlier} - theirs.keys()
    theirs |= orders.seen(unit.db, unit.vault, others) if others else {}
    _tell(unit, apart, theirs, {it.row.id: it.cause for it in planned})


def tell_rest(unit: Unit, withdrawn: Sequence[FulfilmentRow], cause: UUID | None) -> None:
    """Tell anew what was taken back only because it stood in the notice of these."""
    ids = merged.left(unit.db, withdrawn) if withdrawn else []
    if not ids:
        return
    parcels: dict[UUID | None, Parcel] = {}
    for row in fulfilments.load(unit.db, unit.vault, ids).values():
        parcels.setdefault(row.notice_id, []).append(row)
    rows = [row for parts in parcels.values() for row in parts]
    theirs = orders.seen(unit.db, unit.vault, {row.order_id for row in rows})
    in_order = [sorted(parts, key=lambda row: row.line_offset) for parts in parcels.values()]
    _tell(unit, in_order, theirs, dict.fromkeys(ids, cause))


def tell_again(unit: Unit, parcels: Sequence[Parcel], theirs: Mapping[UUID, OrderRow]) -> None:
    """Tell anew, parcel by parcel, what is stored and was taken back."""
    _tell(unit, [sorted(parts, key=lambda row: row.id) for parts in parcels], theirs, {})


def _at_most(unit: Unit, it: Planned) -> int:
    return ground.book_of(unit.directory, it.order.merchant).parcel_at_most(unit.at)


def mark(unit: Unit, row: FulfilmentRow, order: OrderRow) -> bytes | None:
    """Of whom it goes to. Keyed, so it tells nothing."""
    text = rule.recipient(order.document, row.document)
    if text is None:
        return None
    whose = f"{order.merchant}|{text}"
    return hmac.digest(unit.vault.index_key, whose.encode(), "sha256")[:16]


def _taken_back(unit: Unit, recipients: Iterable[bytes]) -> list[FulfilmentRow]:
    """What waits to be told for these recipients, taken back."""
    waiting = merged.meeting(unit.db, recipients)
    rows = fulfilments.load(unit.db, unit.vault, [row.id for row in waiting]) if waiting else {}
    notices: dict[str, set[UUID]] = {}
    for row in rows.values():
        if row.notice_id is not None and row.warehouse in unit.directory.connections:
            notices.setdefault(row.warehouse, set()).add(row.notice_id)
    back = {
        notice
        for warehouse, ids in sorted(notices.items())
        for notice in outbox.supersede(unit.db, warehouse, sorted(ids))
    }
    return [row for row in rows.values() if row.notice_id in back]


def _parcels(parts: Parcel, most: int) -> list[Parcel]:
    """The oldest first, so many in one."""
    parcels: list[Parcel] = []
    lines = 0
    for row in sorted(parts, key=lambda row: row.id):
        lines += len(row.lines)
        if not parcels or len(parcels[-1]) >= most or lines > rule.MOST_LINES:
            parcels.append([])
            lines = len(row.lines)
        parcels[-1].append(row)
    return parcels


def _tell(
    unit: Unit,
    parcels: Sequence[Parcel],
    theirs: Mapping[UUID, OrderRow],
    causes: Mapping[UUID, UUID | None],
) -> None:
    """Tell each parcel in one notice. What is stored already is told by that one from now on."""
    again = [row for parts in parcels for row in parts if row.notice_id is not None]
    ids = unit.tell([_notice(unit, parts, theirs, causes) for parts in parcels])
    instead: dict[UUID, UUID] = {}
    for parts, id_ in zip(parcels, ids, strict=True):
        for row in parts:
            if row.notice_id is not None:
                instead[row.notice_id] = id_
            row.notice_id = id_
    merged.tell_anew(unit.db, again, instead)
    timeline.note(unit.db, [it for parts in parcels for it in _events(parts, theirs, causes)])


def _notice(
    unit: Unit,
    parts: Parcel,
    theirs: Mapping[UUID, OrderRow],
    causes: Mapping[UUID, UUID | None],
) -> Telling:
    leader, documents = parts[0], [row.document for row in parts]
    for row, offset in zip(parts, rule.offsets(documents), strict=True):
        row.merged_into = None if row is leader else leader.id
        row.line_offset = offset
    leader.revision += leader.notice_id is not None
    return fulfilment_orders.telling_of(
        unit.directory.connections[leader.warehouse],
        rule.notice(documents),
        leader.merchant,
        theirs[leader.order_id],
        causes.get(leader.id),
        leader.revision,
    )


def _events(
    parts: Parcel, theirs: Mapping[UUID, OrderRow], causes: Mapping[UUID, UUID | None]
) -> list[timeline.Event]:
    """Of each order that it leaves with which others."""
    if len(parts) == 1:
        return []
    numbers = {row.id: theirs[row.order_id].document.order_number for row in parts}
    return [
        timeline.Event(
            theirs[row.order_id].merchant,
            row.order_id,
            "merged",
            {
                "fulfilment_order": row.number,
                "into": parts[0].number,
                "with": [numbers[other.id] for other in parts if other is not row],
            },
            causes.get(row.id),
        )
        for row in parts
    ]
