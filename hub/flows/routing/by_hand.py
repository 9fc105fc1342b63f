"""Orders that a person has leave as one parcel, or apart again, while their warehouse was told
nothing. Each stays an order of its own; only the notice is one (`merging.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from hub.flows.routing import merging
from hub.flows.routing.merging import Parcel
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.rules.routing import by_hand
from hub.rules.routing import merging as rule
from hub.rules.routing.by_hand import Waiting
from hub.states.fulfilment_order import State
from hub.store.messages import outbox
from hub.store.orders import fulfilments, merged, orders
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow

Ask = Literal["merge", "separate"]
Subject = tuple[OrderRow, Sequence[FulfilmentRow]]
"""An order with its fulfilment orders."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`parcels`: which fulfilment orders are to be told together, or which one each by itself;
    `refused`: orders of which nothing is.
    """

    parcels: list[list[Waiting]]
    refused: dict[UUID, Problem]

    @property
    def orders(self) -> list[list[UUID]]:
        """The orders of each parcel."""
        return [list(dict.fromkeys(it.order_id for it in parcel)) for parcel in self.parcels]


def foresee(unit: Unit, ask: Ask, order_ids: Sequence[UUID]) -> Plan:
    """What would become of orders. Nothing is changed, nor locked."""
    rows = orders.seen(unit.db, unit.vault, order_ids)
    parts = fulfilments.of_orders(unit.db, unit.vault, order_ids, locked=False)
    return _plan(unit, ask, [(row, parts.get(id_, [])) for id_, row in rows.items()])


def carry_out(unit: Unit, ask: Ask, subjects: Sequence[Subject]) -> dict[UUID, Problem]:
    """Tell warehouses of them together, or apart; the subjects are locked. Returns the orders that
    stay as they are, with why.
    """
    plan = _plan(unit, ask, subjects)
    chosen = {it.id for parcel in plan.parcels for it in parcel}
    whole = _whole(unit, subjects, chosen)
    back = _taken_back(unit, whole.values())
    parcels = [
        [whole[it.id] for it in parcel if whole[it.id].notice_id in back] for parcel in plan.parcels
    ]
    rest: dict[UUID, Parcel] = {}
    for row in whole.values():
        if row.id not in chosen and row.notice_id in back:
            rest.setdefault(row.notice_id, []).append(row)
    if ask == "merge":
        _join(parcels, rest)
    _mark(unit, ask, parcels, subjects)
    _tell(unit, [*filter(None, parcels), *rest.values()], subjects)
    late = [it.order_id for parcel in plan.parcels for it in parcel if it.notice_id not in back]
    left = [
        parcel for parcel in parcels if ask == "merge" and len({it.order_id for it in parcel}) == 1
    ]
    lone = [row.order_id for parcel in left for row in parcel]
    return {
        **plan.refused,
        **dict.fromkeys(lone, by_hand.nobody_alike()),
        **dict.fromkeys(late, by_hand.told_already()),
    }


def _plan(unit: Unit, ask: Ask, subjects: Sequence[Subject]) -> Plan:
    waiting = _waiting(unit, subjects)
    every = [it for parts in waiting.values() for it in parts]
    if ask == "merge":
        parcels = by_hand.together(every)
        joined = {it.order_id for parcel in parcels for it in parcel}
        return Plan(parcels, by_hand.why_not_together(waiting, joined))
    shared = merged.shared(unit.db, {it.notice_id for it in every})
    alone = by_hand.apart(every, shared)
    freed = {it.order_id for it in alone}
    refused = {
        order_id: by_hand.why_not_apart(parts, shared)
        for order_id, parts in waiting.items()
        if order_id not in freed
    }
    return Plan([[it] for it in alone], refused)


def _waiting(unit: Unit, subjects: Sequence[Subject]) -> dict[UUID, list[Waiting]]:
    """Order -> what of it waits to be told."""
    notified = [
        (row, part, part.notice_id)
        for row, parts in subjects
        for part in parts
        if part.status == State.NOTIFIED and part.notice_id is not None
    ]
    untouched = outbox.untouched(unit.db, [notice_id for _, _, notice_id in notified])
    waiting: dict[UUID, list[Waiting]] = {row.id: [] for row, _ in subjects}
    for row, part, notice_id in notified:
        to = rule.recipient(row.document, part.document)
        waiting[row.id].append(
            Waiting(
                *(part.id, row.id, notice_id, to and f"{row.merchant}|{to}", len(part.lines)),
                untouched=notice_id in untouched and part.warehouse in unit.directory.connections,
            )
        )
    return waiting


def _whole(
    unit: Unit, subjects: Sequence[Subject], chosen: Iterable[UUID]
) -> dict[UUID, FulfilmentRow]:
    """What is chosen, and what stands in the same notices."""
    ours = {part.id: part for _, parts in subjects for part in parts}
    rows = [ours[id_] for id_ in chosen]
    beside = set(merged.left(unit.db, rows)) - ours.keys() if rows else set()
    others = fulfilments.load(unit.db, unit.vault, beside) if beside else {}
    notices = {row.notice_id for row in rows}
    mine = {id_: row for id_, row in ours.items() if row.notice_id in notices}
    return {id_: row for id_, row in (mine | others).items() if row.status == State.NOTIFIED}


def _taken_back(unit: Unit, rows: Iterable[FulfilmentRow]) -> set[UUID]:
    notices: dict[str, set[UUID]] = {}
    for row in rows:
        if row.notice_id is not None:
            notices.setdefault(row.warehouse, set()).add(row.notice_id)
    return {
        notice
        for warehouse, ids in sorted(notices.items())
        for notice in outbox.supersede(unit.db, warehouse, sorted(ids))
    }


def _join(parcels: Sequence[Parcel], rest: dict[UUID, Parcel]) -> None:
    """What stood in a notice with one that is merged goes along with it."""
    for parcel in parcels:
        for notice_id in {row.notice_id for row in parcel if row.notice_id is not None}:
            parcel.extend(rest.pop(notice_id, []))


def _mark(unit: Unit, ask: Ask, parcels: Iterable[Parcel], subjects: Iterable[Subject]) -> None:
    """Together they are of one recipient; apart no other joins them by itself."""
    theirs = {row.id: row for row, _ in subjects}
    rows = [row for parcel in parcels for row in parcel]
    for row in rows:
        order = theirs.get(row.order_id)
        if ask == "separate":
            row.recipient = None
        elif order is not None:
            row.recipient = merging.mark(unit, row, order)
    merged.mark(unit.db, rows)


def _tell(unit: Unit, parcels: Sequence[Parcel], subjects: Iterable[Subject]) -> None:
    theirs: Mapping[UUID, OrderRow] = {row.id: row for row, _ in subjects}
    beside = {row.order_id for parcel in parcels for row in parcel} - theirs.keys()
    if beside:
        theirs = {**theirs, **orders.seen(unit.db, unit.vault, beside)}
    merging.tell_again(unit, parcels, theirs)
