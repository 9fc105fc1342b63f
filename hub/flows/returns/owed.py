"""What of a return is still to be paid back: pieces that came, and what is asked for them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from hub.flows.returns import desk as desks
from hub.flows.unit import Unit
from hub.model.document import Amount as Money
from hub.model.document import OptText, Pieces, Value
from hub.model.errors import BadData
from hub.rules.returns import kits
from hub.rules.returns.kits import Asked, Paid
from hub.rules.returns.money import Wish
from hub.store.returns import facts, receipts
from hub.store.returns import money as money_store
from hub.store.returns.returns import LineRow, ReturnRow

_ZERO = Decimal(0)
_Asked = tuple[LineRow, Decimal, Decimal | None]
"""A line of the return, pieces of it, and the amount where one is named."""


class LineWish(Value):
    """What is to be given back for a line of the return: pieces by their worth, or an amount; an
    amount without pieces is a difference in price.
    """

    line_no: int
    quantity: Pieces | None = None
    amount: Money | None = None


class RefundWish(Value):
    """What a refund is to be made of. Without `lines`: all pieces that came back and were not paid
    back yet; `[]`: no goods. Without `restocking_fee`: what the merchant's terms keep back.
    """

    lines: tuple[LineWish, ...] | None = None
    shipping: Money | None = None
    goodwill: Money = _ZERO
    restocking_fee: Money | None = None
    note: OptText = None


def accepted(unit: Unit, row: ReturnRow) -> Mapping[int, Decimal]:
    """Line -> pieces that came back and were not paid back yet; where the customer keeps the goods,
    or other goods leave first, all that were asked for.
    """
    came = receipts.came(unit.db, [row.id]).get(row.id, {})
    paid: dict[tuple[int | None, str | None], Decimal] = {}
    for part in money_store.of(unit.db, [row.id]):
        for sku, pieces in (part.parts or {None: part.quantity}).items():
            key = (part.order_line, sku)
            paid[key] = paid.get(key, _ZERO) + Decimal(pieces)
    pieces_of = {}
    for line, known in zip(row.lines, desks.awaited(row, came), strict=True):
        key = (line.order_line, line.sku if line.kit else None)
        here = min(known.there, line.quantity) if came else line.quantity
        used = min(here, paid.get(key, _ZERO))
        paid[key] = paid.get(key, _ZERO) - used
        pieces_of[line.line_no] = Decimal(int(here - used))
    return pieces_of


def wishes(unit: Unit, row: ReturnRow, wish: RefundWish) -> list[Wish]:
    """What is to be paid back of each line of the order. BadData names what did not come back."""
    asked = _asked(row, accepted(unit, row), wish)
    of_pieces = [
        Wish(line.order_line or 0, pieces, amount)
        for line, pieces, amount in asked
        if line.kit is None
    ]
    return [*of_pieces, *_of_kits(unit, row, [it for it in asked if it[0].kit is not None])]


def _asked(row: ReturnRow, open_: Mapping[int, Decimal], wish: RefundWish) -> list[_Asked]:
    by_number = {line.line_no: line for line in row.lines}
    if wish.lines is None:
        return [(by_number[number], pieces, None) for number, pieces in open_.items() if pieces]
    asked_for = list[_Asked]()
    for at, asked in enumerate(wish.lines):
        known = by_number.get(asked.line_no)
        if known is None:
            message = "the return has no such line"
            raise BadData(message, path=f"lines.{at}.line_no", code="unknown_line")
        pieces = asked.quantity or _ZERO
        if pieces > open_.get(asked.line_no, _ZERO):
            message = f"{open_.get(asked.line_no, _ZERO).normalize():f} pieces of it came back"
            raise BadData(message, path=f"lines.{at}.quantity", code="more_than_received")
        asked_for.append((known, pieces, asked.amount))
    return asked_for


def _of_kits(unit: Unit, row: ReturnRow, asked: Sequence[_Asked]) -> list[Wish]:
    """Parts of kits by their share of the kit; what any return paid back of it counts."""
    if not asked or row.order_id is None:
        return []
    by_line: dict[int, list[_Asked]] = {}
    for it in asked:
        by_line.setdefault(it[0].order_line or 0, []).append(it)
    paid = money_store.of_kits(unit.db, row.order_id)
    recipes = {line: its[0][0].kit for line, its in by_line.items()}
    goods = {(row.merchant, sku) for kit in recipes.values() if kit for sku in kits.articles(kit)}
    prices = {
        sku: it.price if it.currency == row.currency else None
        for (_, sku), it in facts.categories(unit.db, goods).items()
    }
    return [
        wish
        for line, kit in recipes.items()
        if kit is not None
        for wish in kits.wishes(
            line,
            kit,
            [Asked(it.sku or "", pieces, amount) for it, pieces, amount in by_line[line]],
            [Paid(*it) for it in paid.get(line, ())],
            prices,
        )
    ]
