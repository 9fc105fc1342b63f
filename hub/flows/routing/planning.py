"""What is still to be shipped of an order, and the plan for it, on the ground that `ground.py` has
read. Nothing is written; `route.py` does that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from hub.flows import sku_lookup
from hub.flows.routing import ground
from hub.flows.routing.ground import Ground, Shelves
from hub.flows.sku_lookup import Articles
from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.model.order import OrderLine, SalesOrder
from hub.model.product import Kit, Served
from hub.rules.fulfilment import serving
from hub.rules.orders import review_effects
from hub.rules.routing import refusals, replay, sourcing
from hub.rules.routing.refusals import Tried
from hub.rules.routing.sourcing import Demand, Plan, Request
from hub.states.fulfilment_order import FULFILMENT_ORDER, State
from hub.store.base.ids import new_id
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow
from hub.store.orders.routing_decisions import Decided

MOVED = "rerouted"
"""Why a fulfilment order was asked back, where it is to go to another warehouse."""


@dataclass(slots=True)
class Wanted:
    """An order with what is still to be shipped of it, the warehouses that already said no, and
    `circle`: its plans that came to nothing, where they are so many that it must not go on.
    """

    row: OrderRow
    demand: list[Demand]
    cause: UUID | None = None
    exclude: frozenset[str] = frozenset()
    is_first: bool = True
    circle: Sequence[Tried] = ()

    @property
    def is_under_way(self) -> bool:
        """Whether pieces of it are with warehouses or gone. Such an order goes on, its rest waiting
        for stock: held, it would be released as if nothing had been planned.
        """
        if any(need.is_loose for need in self.demand):
            return True
        lines = (line for line in self.row.document.lines if line.ours_to_ship and line.sku)
        wanted = sum((line.quantity - line.cancelled_quantity for line in lines), Decimal(0))
        return sum((need.quantity for need in self.demand), Decimal(0)) < wanted


def demand_of(
    order: SalesOrder, merchant: str, articles: Articles, taken: Sequence[Served] = ()
) -> list[Demand]:
    """Pieces of each line that a warehouse of ours must still ship; `taken` are those planned or
    gone already, and so are those that the channel shows as sent. Of kits of which some parts are,
    the others. Of a cancelled order none, whatever was too late to be stopped.
    """
    if order.state == "cancelled":
        return []
    demand, begun = [], serving.begun(taken)
    for line in order.lines:
        wanted = line.quantity - line.cancelled_quantity
        open_ = wanted - max(begun.get(line.line_no, Decimal(0)), line.fulfilled_quantity)
        if not line.ours_to_ship or not line.sku or wanted <= line.fulfilled_quantity:
            continue
        owner = articles.owner(merchant, line.sku)
        kit, lacking = _lacking(line, taken, wanted)
        if open_ > 0:
            kit = kit or articles.kits.get((owner, line.sku))
            demand.append(
                Demand(line.line_no, line.sku, open_, owner, only=line.warehouse, kit=kit)
            )
        demand += [
            Demand(line.line_no, sku, pieces, owner, only=line.warehouse, kit=kit)
            for sku, pieces in sorted(lacking.items())
        ]
    return demand


def _lacking(
    line: OrderLine, taken: Sequence[Served], wanted: Decimal
) -> tuple[Kit | None, Mapping[str, Decimal]]:
    """What a line was planned as, where that is a kit, and the parts that its begun ones lack."""
    made = serving.parts_of(line.line_no, taken) if taken else None
    if made is None or made[0].sku != line.sku:
        return None, {}
    kit, parts = made
    if kit.ended:
        return None, {}
    ready = sum(
        (it.pieces for it in taken if it.order_line == line.line_no and not it.kit), Decimal(0)
    )
    return kit, serving.completed(kit, parts, max(wanted - ready, Decimal(0)))[1]


def taken(fulfilment: Iterable[FulfilmentRow]) -> list[Served]:
    """Pieces for order lines that have left or are under way."""
    served = []
    for row in fulfilment:
        living = row.status not in FULFILMENT_ORDER.final
        for line in row.lines:
            pieces = max(line.ordered - line.short, line.shipped) if living else line.shipped
            served.append(line.serving(pieces))
    return served


def wanted(
    unit: Unit,
    row: OrderRow,
    had: Sequence[FulfilmentRow],
    articles: Articles,
    cause: UUID | None,
) -> Wanted:
    """What is still to be shipped of an order, by the fulfilment orders that it had."""
    demand = demand_of(row.document, row.merchant, articles, taken(had))
    if not had:
        return Wanted(row, demand, cause)
    tries = [_tried(earlier) for earlier in had]
    directory = unit.directory

    def lifted_at(warehouse: str) -> datetime | None:
        partner = directory.connections.get(warehouse)
        ruled_at = directory.ruled_at.get(row.merchant) or directory.ruled_at.get(OPERATOR)
        times = (row.lifted_at, ruled_at, partner.changed_at if partner else None)
        return max((at for at in times if at is not None), default=None)

    return Wanted(
        row,
        demand,
        cause,
        refusals.refused(tries, lifted_at),
        is_first=False,
        circle=refusals.circling(
            tries, len(ground.partners_of(directory, row.merchant)), unit.at, row.lifted_at
        ),
    )


def anew(
    unit: Unit, orders: Sequence[tuple[OrderRow, Sequence[FulfilmentRow], UUID]]
) -> list[Wanted]:
    """What is still to be shipped of orders of which warehouses let go something."""
    known = sku_lookup.load(unit, [(row.channel, row.document) for row, _, _ in orders])
    return [wanted(unit, row, had, known, cause) for row, had, cause in orders]


def _tried(row: FulfilmentRow) -> Tried:
    assert row.created_at is not None
    assert row.updated_at is not None
    return Tried(
        row.warehouse,
        State(row.status),
        row.created_at,
        row.updated_at,
        asked_back=row.asked_back,
        moved=row.reason == MOVED,
        gave_up=any(line.short > 0 for line in row.lines),
        shipped=any(line.shipped > 0 for line in row.lines),
    )


def grounds(unit: Unit, wanted: Iterable[Wanted], shelves: Shelves) -> dict[str, Ground]:
    """The ground of each merchant whose orders are wanted."""
    demands: dict[str, list[list[Demand]]] = {}
    for want in wanted:
        demands.setdefault(want.row.merchant, []).append(want.demand)
    return ground.grounds(unit, demands, shelves)


def plan(unit: Unit, want: Wanted, on: Ground) -> Plan:
    """Who would ship what of an order now. Touches nothing."""
    first = _first(want)
    book = on.book.preferring(first) if first else on.book
    places = on.places(want.row.channel)
    return sourcing.decide(on.known(want.demand), places, book, request(unit, want))


def _first(want: Wanted) -> str | None:
    return review_effects.preferred(want.row.document)


def request(unit: Unit, want: Wanted) -> Request:
    """What routing asks of it beside its goods."""
    asked = ground.request_of(unit, want.row.document, want.row.channel, want.exclude)
    if want.circle:
        why = f"planned {len(want.circle)} times within an hour, and each time let go of"
        asked = replace(asked, stopped=why)
    return asked


def decided(unit: Unit, want: Wanted, plan: Plan, on: Ground) -> Decided:
    """The decision with what it was made on, as long as nothing was taken off the shelves."""
    row, owner = want.row, ground.rules_owner(unit.directory, want.row.merchant)
    return Decided(
        new_id(),
        row.merchant,
        row.id,
        plan.reasoning,
        owner,
        unit.directory.rules_version.get(owner) if owner else None,
        replay.facts_of(
            want.demand, on.places(row.channel), request(unit, want), plan, _first(want)
        ),
    )


def what_if(
    unit: Unit, order: SalesOrder, merchant: str, demand: list[Demand], channel: str
) -> Plan:
    """The plan that an order would get that the hub does not have. Touches nothing."""
    shelves = ground.read_shelves(unit, [demand])
    on = ground.grounds(unit, {merchant: [demand]}, shelves)[merchant]
    asked = ground.request_of(unit, order, channel)
    return sourcing.decide(on.known(demand), on.places(channel), on.book, asked)
