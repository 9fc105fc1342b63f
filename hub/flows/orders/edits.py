"""What staff change on an order: foreseen first, then carried out, by the same steps.

Foreseeing is carrying out in a transaction that is taken back: what the page shows is what the
deciders did, read from what they wrote and told. `seen` is what an order looked like when it was
foreseen; where it looks otherwise by now, nothing is applied.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from hub.flows import sku_lookup, telling
from hub.flows.orders import amend, order_steps
from hub.flows.orders.amend import Update
from hub.flows.routing import ground
from hub.flows.sku_lookup import Articles
from hub.flows.unit import Unit
from hub.model.errors import BadData, IllegalTransition, NotFound
from hub.model.order import SalesOrder
from hub.rules.orders import cancelling, changes, correcting, edited, editing
from hub.rules.orders.changes import Kind
from hub.rules.orders.editing import Edit
from hub.states.order import State
from hub.store.messages.outbox import Telling
from hub.store.orders import fulfilments, orders
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow
from hub.store.people import audit_trail

EDITABLE = frozenset({State.RECEIVED, State.HELD, State.OPEN, State.COMPLETED})


@dataclass(frozen=True, slots=True)
class ChangedOrder:
    """What becomes of a fulfilment order: `made`, `withdrawn` (nobody was told), `asked` (its
    warehouse must be asked, it may refuse), `too_late` (it has left). `number` is null for one
    that is to be made. `lines`: (SKU, pieces).
    """

    outcome: str
    warehouse: str
    number: str | None
    lines: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A document that a connection is told."""

    connection: str
    kind: str
    document: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an edit does. `status`, `holds`: of the order after it; `untold`: why its channel hears
    nothing, None where it does; `before` and `after` are the order's worth in its currency without
    what is given up; `credit`: what is given up is billed until the channel refunds it.
    """

    seen: str
    status: str
    holds: tuple[Mapping[str, str], ...]
    parts: tuple[ChangedOrder, ...]
    notices: tuple[Notice, ...]
    untold: str | None
    currency: str
    before: Decimal
    after: Decimal
    credit: Decimal

    @property
    def difference(self) -> Decimal:
        """What the order is worth more after it; negative where it is less."""
        return self.after - self.before


class Changed(IllegalTransition):
    """The order looks otherwise than it was foreseen; `foreseen` is what the edit would do now."""

    def __init__(self, status: str, foreseen: Foreseen) -> None:
        super().__init__("order", status, "change")
        self.foreseen = foreseen


@dataclass(slots=True)
class Listening(Unit):
    """A unit that remembers what was told in it."""

    heard: list[Telling] = field(default_factory=list)

    def tell(self, tellings: Iterable[Telling]) -> list[UUID]:
        """Hold documents in the outbox, and remember them."""
        held = list(tellings)
        self.heard += held
        return Unit.tell(self, held)


def foresee(unit: Unit, order_id: UUID, edit: Edit, actor: str) -> Foreseen:
    """What an edit would do. Nothing of it stays. BadData and IllegalTransition as for `apply`."""
    with unit.db.begin_nested() as savepoint:
        foreseen = _carry_out(_listening(unit), order_id, edit, actor)
        savepoint.rollback()
    return foreseen


def apply(unit: Unit, order_id: UUID, edit: Edit, seen: str, actor: str) -> Foreseen:
    """Do it, if the order looks as it was `seen`; raises Changed where it does not, BadData where
    the edit cannot be, IllegalTransition where the order is over.
    """
    row, had = _load(unit, order_id)
    if _seen(row, had) != seen:
        raise Changed(row.status, foresee(unit, order_id, edit, actor))
    listening = _listening(unit)
    done = _carry_out(listening, order_id, edit, actor)
    unit.rings |= listening.rings
    return done


def _listening(unit: Unit) -> Listening:
    return Listening(unit.db, unit.vault, unit.directory, unit.at)


def _carry_out(unit: Listening, order_id: UUID, edit: Edit, actor: str) -> Foreseen:
    row, had = _load(unit, order_id)
    if row.status not in EDITABLE or row.is_erased:
        raise IllegalTransition("order", row.status, "change")
    before, seen, was = row.document, _seen(row, had), {it.number: it.status for it in had}
    after = editing.apply(before, edit, order_steps.begun(had))
    known = sku_lookup.load(unit, [(row.channel, after)])
    _check(unit, row, before, after, known)
    difference = changes.compare(before, after)
    if not difference:
        raise BadData("nothing is different", code="nothing_changed")
    late = {
        action.fulfilment_order_id
        for action in changes.react(difference, [amend.as_rule_sees(it) for it in had])
        if action.kind is Kind.REFUSE
    }
    _keep_told(unit, row, before, edit)
    amend.apply(unit, [Update(row, None, after, None, actor)], known)
    notice = cancelling.notice(before, after, row.channel, row.version)
    if notice is not None:
        unit.tell(telling.to_channel(unit, notice, row, None))
    detail = {"what": list(editing.changed_parts(edit)), "version": row.version}
    audit_trail.record(
        unit.db, row.merchant, actor, "order.edit", f"order:{row.id}", detail, unit.at
    )
    row, have = _load(unit, order_id)
    return Foreseen(
        seen=seen,
        status=row.status,
        holds=tuple(row.hold_reasons),
        parts=tuple(_parts(was, have, late)),
        notices=tuple(_notice(unit, heard) for heard in unit.heard),
        untold=_untold(unit, row, has_notice=notice is not None),
        currency=before.currency,
        before=edited.worth(before),
        after=edited.worth(row.document),
        credit=edited.given_up(row.document) - edited.given_up(before),
    )


def _check(
    unit: Unit, row: OrderRow, before: SalesOrder, after: SalesOrder, known: Articles
) -> None:
    """New articles are the merchant's, new warehouses work for it."""
    had = {(line.line_no, line.sku) for line in before.lines}
    for at, line in enumerate(after.lines):
        is_new = (line.line_no, line.sku) not in had
        if is_new and line.sku not in known.known_to(row.merchant):
            text = f"{row.merchant} has no product {line.sku}"
            raise BadData(text, path=f"lines.{at}.sku", code="unknown_sku")
    ours = {line.warehouse for line in before.lines}
    ours |= {place.code for place in ground.partners_of(unit.directory, row.merchant)}
    for line in after.lines:
        if line.warehouse and line.warehouse not in ours:
            text = f"{row.merchant} has no warehouse {line.warehouse}"
            raise BadData(text, path="warehouse", code="unknown_warehouse")


def _keep_told(unit: Unit, row: OrderRow, before: SalesOrder, edit: Edit) -> None:
    """What the channel said of the address, so that its next telling does not undo ours."""
    if edit.address is not None and row.told_address is None:
        row.told_address = before.ship_to or correcting.EMPTY
        orders.keep_told_address(unit.db, unit.vault, [row])


def _parts(
    was: Mapping[str, str], have: Sequence[FulfilmentRow], late: set[str | None]
) -> Iterable[ChangedOrder]:
    for it in have:
        outcome = "too_late" if it.number in late else _outcome(was.get(it.number), it.status)
        if outcome is not None:
            lines = tuple((line.sku, line.ordered - line.short) for line in it.lines)
            number = it.number if it.number in was else None
            yield ChangedOrder(outcome, it.warehouse, number, lines)


def _outcome(was: str | None, now: str) -> str | None:
    if was is None:
        return "made"
    if was == now:
        return None
    return "asked" if now == "cancel_requested" else "withdrawn"


def _notice(unit: Unit, told: Telling) -> Notice:
    partner = unit.directory.connections.get(told.connection)
    return Notice(told.connection, partner.kind if partner else "", told.document.type)


def _untold(unit: Listening, row: OrderRow, *, has_notice: bool) -> str | None:
    if any(heard.connection == row.channel for heard in unit.heard):
        return None
    return "takes_no_cancellations" if has_notice else "nothing_it_sold_changes"


def _load(unit: Unit, order_id: UUID) -> tuple[OrderRow, list[FulfilmentRow]]:
    row = orders.load(unit.db, unit.vault, [order_id]).get(order_id)
    if row is None:
        raise NotFound(f"no order {order_id}")
    return row, fulfilments.of_orders(unit.db, unit.vault, [order_id]).get(order_id, [])


def _seen(row: OrderRow, had: Sequence[FulfilmentRow]) -> str:
    """What foreseeing went by, as a mark."""
    parts: list[Any] = sorted(
        [it.number, it.status, [[line.line_no, f"{line.shipped:f}"] for line in it.lines]]
        for it in had
    )
    standing = [row.version, row.status, row.hold_reasons, parts]
    return sha256(json.dumps(standing).encode()).hexdigest()[:32]
