"""The ledger follows what happened: a pass over the events that committed, in sets, beside the
flows that made them.

An order is compared with what is booked of it, so a pass may be repeated, and what a change of an
order means for money follows by itself. What belongs to a period that is closed goes to the next.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.order import Refund
from hub.model.settlement import ChargeItem, Entry
from hub.rules.fulfilment import serving
from hub.rules.settlement import postings, recognising, shipping, taking_back
from hub.store.settlement import entries, facts, items
from hub.store.settlement.facts import Known

ORDERS = "orders"
MARGIN_S = 2.0
"""The clocks of processes differ by no more."""
MOST = 500
_LOOK_BACK = timedelta(days=1)
_TURNOVER = frozenset({"sale", "refund", "shipping", "fee", "rounding"})


def post(unit: Unit, *, margin_s: float = MARGIN_S, most: int = MOST) -> bool:
    """Book the next orders. False: there is nothing more to book now."""
    facts.lock(unit.db)
    until = facts.horizon(unit.db, margin_s)
    touched, last = facts.touched(unit.db, facts.after(unit.db, ORDERS), until, most)
    if last is None:
        return False
    book(unit, touched)
    facts.came_to(unit.db, ORDERS, last)
    return True


def catch_up(unit: Unit, most: int = MOST) -> int:
    """Book orders of which something left long ago and nothing is in the ledger. Returns how many
    were looked at.
    """
    facts.lock(unit.db)
    found = facts.missed(unit.db, unit.at - _LOOK_BACK, most)
    book(unit, dict.fromkeys(found))
    return len(found)


def book(unit: Unit, touched: Mapping[UUID, UUID | None]) -> None:
    """Bring the ledger in line with these orders, each with the message that led to it."""
    if not touched:
        return
    orders = facts.known(unit.db, unit.vault, touched)
    articles = facts.products(unit.db, _articles(orders.values()))
    sums = items.sums(unit.db, orders)
    merchants = {name for it in orders.values() for name in (it.merchant, *it.owners.values())}
    closed = facts.closed_until(unit.db, sorted(merchants))
    had = entries.counted(unit.db, orders)
    made_of_all: list[Entry] = []
    for order in orders.values():
        ours = {sku: it for name in merchants for sku, it in articles.get(name, {}).items()}
        ours |= articles.get(order.merchant, {})
        booked = sums.get(order.id, {})
        sold = recognising.sale(
            order.document, order.channel, serving.whole(order.left), ours, booked, order.owners
        )
        made = list(_sale(unit, order, sold))
        earned = booked | {
            (it.kind, it.line): items.Sum(it.owner, it.quantity, it.amount, it.tax, it.traits)
            for it in sold
            if (it.kind, it.line) not in booked
        }
        back = taking_back.refunds(
            order.document, order.channel, [it for _, it in order.refunds], ours, earned,
            order.owners,
        )  # fmt: skip
        numbers = {refund.refund_id: id_ for id_, refund in order.refunds}
        for refund, taken in back:
            made += _refund(unit, order, numbers[refund.refund_id], refund, taken)
        made += _parcels(unit, order)
        made_of_all += (_numbered(it, had, touched[order.id]) for it in made)
    entries.book(unit.db, [settled(it, closed) for it in made_of_all])


def _articles(orders: Iterable[Known]) -> Iterator[tuple[str, str]]:
    for order in orders:
        for line in order.document.lines:
            if line.sku:
                yield order.owners.get(line.line_no, order.merchant), line.sku


def _sale(unit: Unit, order: Known, sold: Sequence[ChargeItem]) -> Iterator[Entry]:
    left = [shipment.shipped_at for _, _, shipment in order.shipments]
    at = min(max(left, default=order.document.placed_at), unit.at)
    for owner in sorted({item.owner or order.merchant for item in sold}):
        yield _entry(order, owner, f"order:{order.id}", "sale", at, sold)


def _refund(
    unit: Unit, order: Known, id_: UUID, refund: Refund, taken: Sequence[ChargeItem]
) -> Iterator[Entry]:
    at = min(refund.created_at, unit.at)
    for owner in sorted({item.owner or order.merchant for item in taken}):
        yield _entry(order, owner, f"refund:{id_}", "refund", at, taken)


def _parcels(unit: Unit, order: Known) -> Iterator[Entry]:
    """What parcels and carriers' costs are charged by: no money moves before a statement."""
    for id_, merchant, shipment in order.shipments:
        at = min(shipment.shipped_at, unit.at)
        document, currency = f"shipment:{id_}", order.document.currency
        made = {("parcels", currency): shipping.parcels(shipment, order.channel)} | {
            (f"carriage:{paid_in}", paid_in): costs
            for paid_in, costs in shipping.carriage(shipment, order.channel).items()
        }
        for (reason, paid_in), counted in made.items():
            yield Entry(merchant, document, reason, paid_in, at, at, (), order.id, items=counted)


def _entry(
    order: Known, owner: str, document: str, reason: str, at: datetime, all_: Sequence[ChargeItem]
) -> Entry:
    own = [item for item in all_ if (item.owner or order.merchant) == owner]
    lines = postings.turnover(item for item in own if item.kind in _TURNOVER)
    detail = {"channel": order.channel, "order": order.document.order_number}
    return Entry(
        owner or order.merchant, document, reason, order.document.currency, at, at, lines,
        order.id, None, detail, own,
    )  # fmt: skip


def _numbered(entry: Entry, had: Mapping[tuple[str, str], int], cause: UUID | None) -> Entry:
    """With the number it has among the entries of its document, and what led to it."""
    before = had.get((entry.merchant, entry.document), 0)
    reason = entry.reason
    if reason == "sale" or (reason == "refund" and before):
        reason = f"{reason}:{before + 1}"
    return replace(entry, reason=reason, message_id=cause)


def settled(entry: Entry, closed: Mapping[tuple[str, str], datetime]) -> Entry:
    """In a period that is still open."""
    until = closed.get((entry.merchant, entry.currency), entry.at)
    return replace(entry, settle_at=max(entry.at, until))
