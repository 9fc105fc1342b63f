"""What a merchant's terms say of new returns, with all that the rules ask for in a few queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.flows.returns import desk as desks
from hub.flows.returns.desk import Desk, Moved
from hub.flows.returns.terms import terms_of
from hub.flows.unit import Unit
from hub.model.money import add, split
from hub.model.returns import Return
from hub.rules.fulfilment import serving
from hub.rules.returns import asking, reviewing
from hub.rules.returns.policy import Policy
from hub.rules.returns.reviewing import Facts, Judgement
from hub.states.returns import Event
from hub.store.orders.orders import OrderRow
from hub.store.returns import facts
from hub.store.returns.returns import LineRow, ReturnRow


@dataclass(frozen=True, slots=True)
class Judged:
    """What is decided of each return, and who shipped its order."""

    said: Mapping[UUID, Judgement]
    shipped: Mapping[UUID, Sequence[str]]
    countries: Mapping[UUID, str | None]

    def sent_from(self, row: ReturnRow) -> Sequence[str]:
        """The warehouses that shipped the order of a return."""
        return self.shipped.get(row.order_id, ()) if row.order_id else ()


def judge(unit: Unit, rows: Sequence[tuple[ReturnRow, OrderRow]]) -> Judged:
    """Ask each merchant's terms."""
    if not rows:
        return Judged({}, {}, {})
    order_ids = [order.id for _, order in rows]
    asked = facts_of(unit, rows)
    said = {
        row.id: reviewing.judge(
            terms_of(unit, row.merchant, row.document), row.document, asked[row.id]
        )
        for row, _ in rows
    }
    countries = {
        row.id: order.document.ship_to.country if order.document.ship_to else None
        for row, order in rows
    }
    return Judged(said, facts.sent_from(unit.db, order_ids), countries)


def facts_of(unit: Unit, rows: Sequence[tuple[ReturnRow, OrderRow]]) -> dict[UUID, Facts]:
    """What rules ask of each return."""
    goods = {(row.merchant, sku) for row, _ in rows for line in row.lines for sku in _skus(line)}
    products = facts.categories(unit.db, goods)
    before = facts.earlier(unit.db, [order.id for _, order in rows])
    return {
        row.id: Facts(
            order.document.placed_at,
            order.channel,
            _value(row),
            _categories(row, products),
            max(before.get(order.id, 0) - 1, 0),
        )
        for row, order in rows
    }


def _value(row: ReturnRow) -> Any:
    """What the pieces cost the customer."""
    cost = {it.order_line: (it.ordered, it.paid) for it in row.lines if it.ordered}
    asked = serving.whole(line.serving(line.quantity) for line in row.lines)
    shares = [
        split(paid, [asked[line or 0], max(ordered - asked[line or 0], ordered * 0)], row.currency)
        for line, (ordered, paid) in cost.items()
    ]
    return add(*(share[0] for share in shares))


def _categories(row: ReturnRow, products: Mapping[tuple[str, str], Any]) -> list[str]:
    found = (products.get((row.merchant, sku)) for line in row.lines for sku in _skus(line))
    return sorted({str(word) for it in found if it is not None for word in it.categories})


def _skus(line: LineRow) -> set[str]:
    """The article, and the kit that it is a part of."""
    return {sku for sku in (line.sku, line.kit and line.kit.sku) if sku}


def late(terms: Policy, document: Return, order: OrderRow) -> str | None:
    """The sentence that a customer asks too late, where nothing lets it pass."""
    asked = Facts(order.document.placed_at, order.channel)
    if not reviewing.is_late(terms, document, asked):
        return None
    judged = reviewing.judge(terms, document, asked)
    if judged.decision == "approve":
        return None
    return f"the order's window of {terms.window_days} days is over"


def carry_out(unit: Unit, desk: Desk, judged: Judged, moved: Moved) -> None:
    """Do what the terms say: approve, refuse, or leave it to a person with the reason."""
    row, said = moved.row, judged.said[moved.row.id]
    if said.decision == "refuse":
        desks.move(unit, desk, Event.REJECT, moved)
        row.asked = said.because
        return
    placed = place(unit, row, judged.sent_from(row), judged.countries.get(row.id))
    if said.decision == "approve" and (placed or row.document.cause == "lost"):
        desks.move(unit, desk, Event.APPROVE, moved)
        return
    row.asked = said.because if said.decision == "ask" else "no warehouse is known to take it"


def place(
    unit: Unit, row: ReturnRow, sent_from: Sequence[str], country: str | None = None
) -> str | None:
    """Say which warehouse shall take it: as asked, by rule, else the one that sent it."""
    terms = terms_of(unit, row.merchant, row.document)
    code = asking.place(row.document, terms.warehouses, country, sent_from)
    partner = unit.directory.connections.get(code or "")
    if partner is None or partner.kind != "warehouse":
        code = None
    row.document = row.document.model_copy(update={"warehouse": code})
    return code
