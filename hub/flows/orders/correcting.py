"""Correct a held order: a person says what its delivery address is, and it is judged anew.

The channel need not have heard of it: what it tells later does not undo the correction, unless it
changes that part itself.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.flows.orders import reconsider
from hub.flows.unit import Unit
from hub.model.document import Address
from hub.model.errors import BadData, IllegalTransition, NotFound
from hub.model.order import SalesOrder
from hub.rules.orders import correcting, holds
from hub.states.order import State
from hub.store.orders import orders, timeline
from hub.store.orders.orders import OrderRow
from hub.store.people import audit_trail

CORRECTED = frozenset({"no_address", "bad_address"})
"""Hold reasons that a corrected address ends."""


def address(unit: Unit, order_id: UUID, corrected: Address, actor: str) -> str:
    """Goods go to this address. BadData names what it still lacks. Returns the new status."""
    row = orders.load(unit.db, unit.vault, [order_id]).get(order_id)
    if row is None:
        raise NotFound(f"no order {order_id}")
    if row.status != State.HELD or not CORRECTED & {reason["code"] for reason in row.hold_reasons}:
        raise IllegalTransition("order", row.status, "correct_address")
    before = row.document.ship_to
    fields = correcting.changed(before, corrected)
    row.document = row.document.model_copy(update={"ship_to": corrected})
    lacks = list(holds.address_flaws(row.document))
    if lacks:
        first, *rest = lacks
        raise BadData(first.message, path=first.path, code=first.code, more=tuple(rest))
    if row.told_address is None:
        row.told_address = before or correcting.EMPTY
    row.version += 1
    orders.update(unit.db, unit.vault, [row])
    orders.keep_told_address(unit.db, unit.vault, [row])
    _note(unit, row, actor, fields)
    reconsider.reconsider(unit, [order_id], None)
    return orders.load(unit.db, unit.vault, [order_id])[order_id].status


def keep(unit: Unit, row: OrderRow, newer: SalesOrder) -> SalesOrder:
    """A newer telling with what a person corrected in the order."""
    if row.told_address is None:
        return newer
    ship_to = correcting.kept(row.told_address, row.document.ship_to, newer.ship_to)
    row.told_address = None if ship_to == newer.ship_to else newer.ship_to or correcting.EMPTY
    orders.keep_told_address(unit.db, unit.vault, [row])
    return newer.model_copy(update={"ship_to": ship_to})


def _note(unit: Unit, row: OrderRow, actor: str, fields: Sequence[str]) -> None:
    detail = {"fields": list(fields), "version": row.version}
    event = timeline.Event(row.merchant, row.id, "address_corrected", detail, None, actor)
    timeline.note(unit.db, [event])
    subject = f"order:{row.id}"
    audit_trail.record(unit.db, row.merchant, actor, "order.address", subject, detail, unit.at)
