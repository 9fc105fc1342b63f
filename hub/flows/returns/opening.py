"""A new return: its number, its lines, and the pieces that are to come back. Of a kit that was sent
as parts these are its parts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from hub.flows.returns import judging
from hub.flows.returns.terms import terms_of
from hub.flows.unit import Told, Unit
from hub.model.order import OrderLine, SalesOrder
from hub.model.product import Served
from hub.model.returns import Return
from hub.rules.messages import revision
from hub.rules.messages.receiving import Verdict
from hub.rules.returns import asking, kits
from hub.rules.returns.kits import Left
from hub.rules.returns.parcels import plain, tail
from hub.states.returns import State
from hub.store.base.ids import new_id
from hub.store.orders.orders import OrderRow
from hub.store.returns import facts, finding, returns
from hub.store.returns.returns import LineRow, ReturnRow

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Goods:
    """Of each order what left, and what other returns bring back or brought."""

    served: Mapping[UUID, Sequence[Served]]
    back: dict[UUID, list[Served]]


def goods_of(unit: Unit, orders: Iterable[UUID]) -> Goods:
    """What is known of the goods of these orders."""
    ids, back = list(orders), dict[UUID, list[Served]]()
    for row in finding.of_orders(unit.db, unit.vault, ids):
        if row.status not in (State.CANCELLED, State.REJECTED) and row.order_id is not None:
            its = [line.serving(line.quantity) for line in row.lines]
            back.setdefault(row.order_id, []).extend(its)
    return Goods(facts.left(unit.db, ids), back)


def document_of(telling: Told) -> Return:
    """What was told, as a return."""
    assert isinstance(telling.document, Return)
    return telling.document


def order_key(telling: Told) -> tuple[str, str]:
    """The channel and its number of the order."""
    return telling.partner.code, document_of(telling).channel_order_id


def channel_id(telling: Told) -> str:
    """The channel's id of the return."""
    return document_of(telling).channel_return_id or document_of(telling).return_id


def new(
    unit: Unit,
    goods: Goods,
    order: OrderRow,
    telling: Told,
    *,
    is_own: bool,
    allow_late: bool,
) -> ReturnRow | Verdict:
    """A return of an order as it is asked for, line by line, or why there is none. `is_own`: its
    number is the merchant's; `allow_late`: also after the window.
    """
    document = document_of(telling)
    back, served = goods.back.setdefault(order.id, []), goods.served.get(order.id, ())
    meant = asking.meant(document, order.document, served, back)
    if meant.faults:
        fault = meant.faults[0]
        return Verdict("parked", fault.code, fault.message, fault.path, order_id=order.id)
    if document.merchant not in (None, order.merchant):
        message = "the order is another merchant's"
        return Verdict("parked", "wrong_merchant", message, "merchant", order_id=order.id)
    terms = terms_of(unit, order.merchant, document)
    left = {
        it.line_no: its for it in meant.lines if it and (its := kits.left(it.line_no, served, back))
    }
    lines, sold = zip(*kits.in_parts(document.lines, meant.lines, left), strict=True)
    document = document.model_copy(update={"lines": lines})
    whole = asking.completed(document, order.document, sold, terms)
    late = None if allow_late else judging.late(terms, whole, order)
    if late is not None:
        return Verdict("parked", "after_window", late, "requested_at", order_id=order.id)
    row = _row(unit, order, telling, whole, sold, left, is_own=is_own)
    back += [line.serving(line.quantity) for line in row.lines]
    return row


def _row(
    unit: Unit,
    order: OrderRow,
    telling: Told,
    document: Return,
    sold: Sequence[OrderLine | None],
    left: Mapping[int, Left],
    *,
    is_own: bool,
) -> ReturnRow:
    id_, age = new_id(), revision.telling(document_of(telling))
    number = document.return_id if is_own else returns.id_text(id_)
    update = {
        "return_id": number,
        "channel_return_id": document.channel_return_id if is_own else channel_id(telling),
        "merchant": order.merchant,
    }
    return ReturnRow(
        id=id_,
        merchant=order.merchant,
        status=State.REQUESTED,
        document=document.model_copy(update=update),
        order_id=order.id,
        channel=order.channel,
        currency=order.document.currency,
        correlation_id=order.correlation_id,
        lines=[
            LineRow(
                at,
                known.line_no if known else None,
                known.channel_line_id if known else None,
                *(line.sku, line.quantity, line.reason),
                ordered=known.quantity if known else _ZERO,
                paid=known.total if known else _ZERO,
                kit=left[known.line_no][0] if known and known.line_no in left else None,
            )
            for at, (line, known) in enumerate(zip(document.lines, sold, strict=True), start=1)
        ],
        tracking=plain(document.tracking_number),
        phone=returns.phone_mark(unit.vault, order.merchant, _tail(order.document)),
        digest=returns.digest(document_of(telling)),
        source_revision=age.revision,
        occurred_at=age.at,
    )


def _tail(order: SalesOrder) -> str | None:
    return tail(
        (
            order.ship_to.phone if order.ship_to else None,
            order.customer.phone if order.customer else None,
        )
    )
