"""Judge orders: recorded, held with reasons, or released, told to the books and routed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from hub.flows import sku_lookup, telling
from hub.flows.orders import by_rule, order_steps, outcomes, refunds, stopping
from hub.flows.orders.order_steps import Following
from hub.flows.routing import ground, planning
from hub.flows.routing.ground import Shelves
from hub.flows.routing.planning import Wanted
from hub.flows.sku_lookup import Articles
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.rules.orders import holds, progress
from hub.rules.orders.holds import HoldFacts
from hub.rules.orders.obstacles import Standing, facts_of
from hub.rules.orders.reviewing import Decision
from hub.rules.routing import unfilled
from hub.rules.routing.sourcing import Plan
from hub.states.fulfilment_order import FULFILMENT_ORDER
from hub.states.order import Event
from hub.store.orders import fulfilments, orders, timeline
from hub.store.orders import refunds as refund_store
from hub.store.orders.orders import OrderRow
from hub.store.orders.refunds import RefundRow

_RECORDED = {
    "cancelled": Event.CALL_OFF,
    "refunded": Event.RECORD,
    "shipped": Event.RECORD,
    "no_shipping": Event.RECORD,
    "others_ship": Event.RECORD,
}
_ONCE_PAID = frozenset({"no_shipping", "others_ship"})
"""Settled only once it is paid: a digital order that is not is held like any other."""


@dataclass(slots=True)
class Judged:
    """An order with what caused the judgement, and what came of it. `ruled`: what review rules say;
    `is_rewritten`: they changed its document.
    """

    row: OrderRow
    cause: UUID | None
    reasons: list[Problem]
    settled: str | None = None
    ruled: Decision = by_rule.NOTHING
    is_rewritten: bool = False

    @property
    def is_held(self) -> bool:
        return bool(self.reasons) and not self.settled


@dataclass(frozen=True, slots=True)
class Judgement:
    """Orders judged, with all that was read for what follows: nothing need be read once something
    is written, so that the database can work while we go on. `stay`: held as they were, with what
    they wait for by now.
    """

    judged: list[Judged]
    refunds: list[RefundRow]
    wanted: list[Wanted]
    shelves: Shelves
    stay: list[tuple[OrderRow, list[str]]] = field(default_factory=list)


def judge(
    unit: Unit,
    rows: Sequence[tuple[OrderRow, UUID | None]],
    known: Articles,
    *,
    are_new: bool = False,
) -> Judgement:
    """What speaks against each order, waived reasons left out. Decides nothing. Of orders that are
    `new` no warehouse has heard.
    """
    refunded = refund_store.of_orders(unit.db, unit.vault, [row for row, _ in rows])
    disputed = {} if are_new else stopping.dispute_risks(unit, [row for row, _ in rows])
    judged = _judged(unit, rows, known, refunded, disputed)
    free = [case for case in judged if not case.settled and not case.reasons]
    had = {} if are_new else fulfilments.of_orders(unit.db, unit.vault, [o.row.id for o in free])
    wanted = []
    for case in free:
        goods = had.get(case.row.id, ())
        want = planning.wanted(unit, case.row, goods, known, case.cause)
        if goods and not want.demand and all(row.status in FULFILMENT_ORDER.final for row in goods):
            case.settled = "shipped"  # all left while it was held
        else:
            wanted.append(want)
    return Judgement(
        judged,
        _of_free(refunded, judged),
        wanted,
        ground.read_shelves(unit, [want.demand for want in wanted]),
    )


def _of_free(refunded: Sequence[RefundRow], judged: Sequence[Judged]) -> list[RefundRow]:
    """The refunds of orders that are not held."""
    held = {case.row.id for case in judged if case.is_held}
    return [row for row in refunded if row.order.id not in held]


def _judged(
    unit: Unit,
    rows: Sequence[tuple[OrderRow, UUID | None]],
    known: Articles,
    refunded: Sequence[RefundRow],
    disputed: Mapping[UUID, tuple[str, ...]],
) -> list[Judged]:
    twins = orders.twins(unit.db, [row for row, _ in rows])
    before = [row.document for row, _ in rows]
    ruled = by_rule.ask(unit, [row for row, _ in rows])
    back = refunds.under_way(refunded)
    cases = []
    for (row, cause), was in zip(rows, before, strict=True):
        settled = progress.nothing_to_ship(row.document)
        decision = ruled.get(row.id, by_rule.NOTHING)
        facts = _facts(unit, row, known, twins)
        if decision.against or row.id in back:
            facts = replace(facts, ruled=decision.against, refund_in_progress=row.id in back)
        if row.id in disputed:
            facts = replace(facts, risks=disputed[row.id])
        waived = decision.approved.union(row.overrides)
        reasons = [
            reason
            for reason in holds.why_hold(row.document, facts)
            if reason.code not in waived or holds.is_never_waived(row.document, reason)
        ]
        if settled in _ONCE_PAID and reasons:
            settled = None
        rewritten = row.document is not was
        cases.append(Judged(row, cause, reasons, settled, decision, rewritten))
    return cases


def news(unit: Unit, judgement: Judgement, known: Articles) -> Judgement:
    """A judgement without the orders that would go on being held for what they are held for."""
    on = planning.grounds(unit, judgement.wanted, judgement.shelves)
    plans = {
        want.row.id: planning.plan(unit, want, on[want.row.merchant])
        for want in judgement.wanted
        if want.demand
    }
    stays = {case.row.id for case in judgement.judged if _would_stay(case, plans.get(case.row.id))}
    stay = [
        (case.row, _waits_on(case, plans.get(case.row.id), known))
        for case in judgement.judged
        if case.row.id in stays
    ]
    return Judgement(
        [case for case in judgement.judged if case.row.id not in stays],
        [row for row in judgement.refunds if row.order.id not in stays],
        [want for want in judgement.wanted if want.row.id not in stays],
        judgement.shelves,
        stay,
    )


def _waits_on(case: Judged, plan: Plan | None, known: Articles) -> list[str]:
    if plan is None:
        return waits_of(case, known)
    return unfilled.waits_of(plan, case.row.merchant, case.row.channel)


def _would_stay(case: Judged, plan: Plan | None) -> bool:
    if case.is_held:
        return [reason.as_dict() for reason in case.reasons] == case.row.hold_reasons
    if plan is None or plan.fallback != "hold":
        return False
    return unfilled.reasons_of(plan) == case.row.hold_reasons


def settle(unit: Unit, judgement: Judgement, known: Articles) -> None:
    """Move stored orders by their judgement: recorded, held with reasons, or released and
    routed.
    """
    after = Following()
    events = decide(unit, judgement, after)
    changed = [case.row for case in judgement.judged if case.is_rewritten]
    orders.update(unit.db, unit.vault, changed)
    orders.set_status(unit.db, [case.row for case in judgement.judged if not case.is_rewritten])
    timeline.note(unit.db, events)
    follow(unit, judgement, known, after)


def decide(unit: Unit, judgement: Judgement, after: Following) -> list[timeline.Event]:
    """Give the orders the status that their judgement asks for. Returns what to note of it."""
    return [
        event
        for case in judgement.judged
        for event in (*_by_rules(case), _decided(unit, after, case))
    ]


def _by_rules(case: Judged) -> Iterator[timeline.Event]:
    """What review rules said of it, by their names."""
    if case.ruled.said and not case.settled:
        detail = {"rules": [f"{name}: {', '.join(did)}" for name, did in case.ruled.said.items()]}
        yield timeline.Event(case.row.merchant, case.row.id, "ruled", detail, case.cause)


def _decided(unit: Unit, after: Following, case: Judged) -> timeline.Event:
    row, detail = case.row, dict[str, Any]()
    row.hold_reasons = []
    if case.settled:
        event, name, detail = _RECORDED[case.settled], "recorded", {"because": case.settled}
    elif case.reasons:
        event, name = Event.HOLD, "held"
        detail = {"reasons": sorted({reason.code for reason in case.reasons})}
        row.hold_reasons = [reason.as_dict() for reason in case.reasons]
    else:
        event, name = Event.RELEASE, "released"
    order_steps.take(unit, after, row, event, case.cause)
    return timeline.Event(row.merchant, row.id, name, detail, case.cause)


def follow(unit: Unit, judgement: Judgement, known: Articles, after: Following) -> None:
    """What follows from a judgement: the held wait for facts, the books hear of the others, the
    released are routed.
    """
    waits = [
        (case.row.merchant, case.row.id, fact)
        for case in judgement.judged
        if case.is_held
        for fact in waits_of(case, known)
    ]
    order_steps.carry_out(unit, after)
    outcomes.tell_unfinished(unit, after.ended)
    unit.wait_for(waits)
    tell_books(unit, list(after.books.values()), judgement.refunds)
    order_steps.route(unit, judgement.wanted, judgement.shelves)


def waits_of(case: Judged, known: Articles) -> list[str]:
    """The facts that could let a held order go."""
    row = case.row
    articles_of = sku_lookup.facts_for(row.document, row.channel, known.known_to(row.merchant))
    standing = Standing(
        row.merchant, row.channel, articles_of, row.fingerprint, opens_at=case.ruled.until
    )
    return facts_of([reason.code for reason in case.reasons], standing)


def tell_books(
    unit: Unit,
    rows: Sequence[tuple[OrderRow, UUID | None]],
    kept: Sequence[RefundRow] | None = None,
) -> None:
    """Tell the books of these orders and of the refunds that they bear; `kept`: their refunds,
    where they were read already.
    """
    cause = {row.id: cause for row, cause in rows}
    unit.tell(
        notice for row, why in rows for notice in telling.to_books(unit, [(row.document, row)], why)
    )
    borne = refunds.attach(unit, [row for row, _ in rows], lambda row: cause[row.order.id], kept)
    unit.tell(
        notice
        for row in borne
        for notice in telling.to_books(unit, [(row.refund, row.order)], cause[row.order.id])
    )


def _facts(unit: Unit, row: OrderRow, known: Articles, twins: dict[bytes, list[str]]) -> HoldFacts:
    options = (
        unit.directory.connections[row.channel].options
        if row.channel in unit.directory.connections
        else {}
    )
    own = f"{row.channel} {row.document.order_number}"
    alike: Iterable[str] = twins.get(row.fingerprint or b"", ())
    return HoldFacts(
        known_skus=known.known_to(row.merchant),
        release_on=options.get("release_on", "authorized"),
        hold_on_note=bool(options.get("hold_on_note", False)),
        merchant_active=unit.directory.is_active(row.merchant),
        duplicates=tuple(
            sorted(
                {twin for twin in alike if twin != own and not twin.startswith(f"{row.channel} ")}
            )
        ),
        manual=any(
            reason["code"] == "manual" and not reason["path"] for reason in row.hold_reasons
        ),
    )
