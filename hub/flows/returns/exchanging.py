"""Other goods for what comes back, the same anew, or mended ones: a linked order of their own.

It is priced as an exchange: what came back pays for it as far as that goes. The rest is to be paid
by the customer, and the order waits for it, or goes back as money.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from hub.flows.orders import receive
from hub.flows.returns import desk as desks
from hub.flows.returns import owed, settling
from hub.flows.returns.desk import Desk, Moved
from hub.flows.returns.terms import terms_of
from hub.flows.unit import Told, Unit
from hub.model.errors import BadData, Contradiction, IllegalTransition
from hub.model.money import add
from hub.model.order import SalesOrder
from hub.model.product import Kit
from hub.model.returns import ExchangeLine
from hub.rules.returns import kits, papers
from hub.rules.returns.papers import Sent
from hub.states.returns import Event, State
from hub.store.base.ids import new_id
from hub.store.orders.orders import OrderRow
from hub.store.returns import facts
from hub.store.returns.returns import ReturnRow
from hub.store.stock import articles

_ZERO = Decimal(0)
_BEFORE = frozenset({State.APPROVED, State.AWAITING_GOODS, State.RECEIVED, State.INSPECTED})


def exchange(unit: Unit, desk: Desk, moved: Moved, lines: Sequence[ExchangeLine]) -> SalesOrder:
    """Send other goods. BadData or Contradiction names what speaks against it."""
    row, order = moved.row, desk.order(unit, moved.row)
    _refuse(unit, row)
    sent = _priced(unit, row, order, lines)
    parts = settling.credit(unit, row, order)
    worth, price = add(*(it.amount for it in parts)), add(*(it.total for it in sent))
    update = {"exchange_lines": tuple(it.line for it in sent)}
    row.document = row.document.model_copy(update=update)
    linked = papers.linked(row.document, order.document, sent, worth, unit.at)
    row.exchange_credit, row.exchange_price = worth, price
    sums = settling.split_credit(parts, price, row.currency)
    if sums:
        settling.pay(unit, desk, moved, order, sums)
    row.exchange_order_id = _send(unit, order, linked)
    row.document = row.document.model_copy(update={"exchange_order_id": linked.channel_order_id})
    desk.touched[row.id] = row
    desks.note(desk, moved, {"exchange": linked.channel_order_id})
    if row.status == State.CONFIRMED:
        desks.move(unit, desk, Event.EXCHANGE, moved)
    return linked


def preview(
    unit: Unit, desk: Desk, row: ReturnRow, lines: Sequence[ExchangeLine]
) -> tuple[Decimal, Decimal]:
    """What came back is worth, and what other goods cost. Touches nothing."""
    order = desk.order(unit, row)
    sent = _priced(unit, row, order, lines)
    parts = settling.credit(unit, row, order)
    return add(*(it.amount for it in parts)), add(*(it.total for it in sent))


def _refuse(unit: Unit, row: ReturnRow) -> None:
    if row.document.kind == "refund":
        message = "the return is to be settled as a refund: name another kind"
        raise Contradiction(message, path="kind", code="not_an_exchange")
    if row.exchange_order_id is not None:
        raise Contradiction("other goods were sent already", path="kind", code="exchanged")
    terms = terms_of(unit, row.merchant, row.document)
    early = terms.exchange == "before" and row.status in _BEFORE
    if row.status != State.CONFIRMED and not early:
        raise IllegalTransition("return", row.status, Event.EXCHANGE)


def _priced(
    unit: Unit, row: ReturnRow, order: OrderRow, lines: Sequence[ExchangeLine]
) -> list[Sent]:
    wanted = list(lines or row.document.exchange_lines)
    if row.document.kind != "exchange":
        wanted = wanted or _same(unit, row)
        wanted = [it.model_copy(update={"unit_price": _ZERO}) for it in wanted]
    if not wanted:
        raise BadData("at least one article is expected", path="exchange_lines", code="no_lines")
    goods = [(row.merchant, it.sku) for it in wanted]
    owners = articles.owners(unit.db, [it.sku for it in wanted])
    listed = facts.categories(unit.db, goods)
    for at, it in enumerate(wanted):
        if row.merchant not in owners.get(it.sku, ()):
            message = f"no product {it.sku[:60]!r} of this merchant"
            raise BadData(message, path=f"exchange_lines.{at}.sku", code="unknown_sku")
    prices = [_listed(listed.get(key), row.currency) for key in goods]
    sent = []
    for at, priced in enumerate(papers.priced(wanted, order.document, prices)):
        if priced is None:
            path = f"exchange_lines.{at}.unit_price"
            raise BadData("nothing says what it costs", path=path, code="missing_price")
        sent.append(priced)
    return sent


def _listed(product: object, currency: str) -> Decimal | None:
    price = getattr(product, "price", None)
    return Decimal(price) if price and getattr(product, "currency", None) == currency else None


def _same(unit: Unit, row: ReturnRow) -> list[ExchangeLine]:
    """The articles of the return, as many as came back; parts of kits as kits where none of one is
    missing.
    """
    pieces, of_kits = owed.accepted(unit, row), dict[int, tuple[Kit, dict[str, Decimal]]]()
    same = list[tuple[str, Decimal]]()
    for line in row.lines:
        if line.sku and pieces[line.line_no] and line.kit is None:
            same.append((line.sku, pieces[line.line_no]))
        elif line.sku and pieces[line.line_no] and line.kit is not None:
            _, parts = of_kits.setdefault(line.order_line or 0, (line.kit, {}))
            parts[line.sku] = parts.get(line.sku, _ZERO) + pieces[line.line_no]
    for kit, parts in of_kits.values():
        same += kits.put_together(kit, parts).items()
    return [ExchangeLine(sku=sku, quantity=quantity) for sku, quantity in same]


def _send(unit: Unit, order: OrderRow, linked: SalesOrder) -> UUID:
    partner = unit.directory.connections.get(order.channel)
    if partner is None:
        raise Contradiction("the order's channel is no more", path="channel")
    telling = Told(linked, partner, new_id(), order.correlation_id)
    (verdict,) = receive.receive(unit, [telling])
    if verdict.order_id is None or verdict.status != "done":
        raise Contradiction("the linked order is there already", path="kind", code="exchanged")
    return verdict.order_id
