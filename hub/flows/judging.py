"""Judge orders: recorded, held with reasons, or released, told to the books and routed."""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from hub.flows import articles, planning, refunds, route, telling
from hub.flows.articles import Articles
from hub.flows.planning import Shelves, Wanted
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.rules import holds
from hub.rules.holds import HoldFacts
from hub.rules.sourcing import Plan
from hub.states.machine import step
from hub.states.order import ORDER, Event, State
from hub.store import orders, timeline
from hub.store import refunds as refund_store
from hub.store.orders import OrderRow
from hub.store.refunds import RefundRow

_RECORDED = {
    "cancelled": Event.CANCEL,
    "refunded": Event.RECORD,
    "shipped": Event.RECORD,
    "no_shipping": Event.RECORD,
}
_FOR_EVER = frozenset({"no_shipping"})
"""Settled only once it is paid: a digital order that is not is held like any other."""


@dataclass(slots=True)
class Judged:
    """An order with what caused the judgement, and what came of it."""

    row: OrderRow
    cause: UUID | None
    reasons: list[Problem]
    settled: str | None = None

    @property
    def is_held(self) -> bool:
        return bool(self.reasons) and not self.settled


@dataclass(frozen=True, slots=True)
class Judgement:
    """Orders judged, with all that was read for what follows: nothing need be read once something
    is written, so that the database can work while we go on.
    """

    judged: list[Judged]
    refunds: list[RefundRow]
    wanted: list[Wanted]
    shelves: Shelves


def judge(unit: Unit, rows: Sequence[tuple[OrderRow, UUID | None]], known: Articles) -> Judgement:
    """What speaks against each order, waived reasons left out. Decides nothing."""
    judged = _judged(unit, rows, known)
    wanted = [
        Wanted(one.row, planning.demand_of(one.row.document, one.row.merchant, known), one.cause)
        for one in judged
        if not one.settled and not one.reasons
    ]
    return Judgement(
        judged,
        refund_store.of_orders(unit.db, unit.vault, [one.row for one in judged if not one.is_held]),
        wanted,
        planning.read_shelves(unit, [one.demand for one in wanted]),
    )


def _judged(
    unit: Unit, rows: Sequence[tuple[OrderRow, UUID | None]], known: Articles
) -> list[Judged]:
    twins = orders.twins(unit.db, [row for row, _ in rows])
    found = []
    for row, cause in rows:
        settled = holds.nothing_to_ship(row.document)
        facts = _facts(unit, row, known, twins)
        reasons = [
            one for one in holds.why_hold(row.document, facts) if one.code not in row.overrides
        ]
        if settled in _FOR_EVER and reasons:
            settled = None
        found.append(Judged(row, cause, reasons, settled))
    return found


def news(unit: Unit, judgement: Judgement) -> Judgement:
    """A judgement without the orders that would go on being held for what they are held for."""
    on = planning.grounds(unit, judgement.wanted, judgement.shelves)
    plans = {
        one.row.id: planning.plan(unit, one, on[one.row.merchant])
        for one in judgement.wanted
        if one.demand
    }
    stays = {one.row.id for one in judgement.judged if _would_stay(one, plans.get(one.row.id))}
    return Judgement(
        [one for one in judgement.judged if one.row.id not in stays],
        [one for one in judgement.refunds if one.order.id not in stays],
        [one for one in judgement.wanted if one.row.id not in stays],
        judgement.shelves,
    )


def _would_stay(one: Judged, plan: Plan | None) -> bool:
    if one.is_held:
        return [reason.as_dict() for reason in one.reasons] == one.row.hold_reasons
    if plan is None or plan.fallback != "hold":
        return False
    return [route.why_unfilled(plan).as_dict()] == one.row.hold_reasons


def settle(unit: Unit, judgement: Judgement, known: Articles) -> None:
    """Move stored orders by their judgement: recorded, held with reasons, or released and
    routed.
    """
    events = decide(judgement)
    orders.set_status(unit.db, [one.row for one in judgement.judged])
    timeline.note(unit.db, events)
    follow(unit, judgement, known)


def decide(judgement: Judgement) -> list[timeline.Event]:
    """Give the orders the status that their judgement asks for. Returns what to note of it."""
    return [_decided(one) for one in judgement.judged]


def _decided(one: Judged) -> timeline.Event:
    row, detail = one.row, dict[str, Any]()
    row.hold_reasons = []
    if one.settled:
        event, name, detail = _RECORDED[one.settled], "recorded", {"because": one.settled}
    elif one.reasons:
        event, name = Event.HOLD, "held"
        detail = {"reasons": sorted({reason.code for reason in one.reasons})}
        row.hold_reasons = [reason.as_dict() for reason in one.reasons]
    else:
        event, name = Event.RELEASE, "released"
    row.status = step(ORDER, State(row.status), event).state
    return timeline.Event(row.merchant, row.id, name, detail, one.cause)


def follow(unit: Unit, judgement: Judgement, known: Articles) -> None:
    """What follows from a judgement: the held wait for facts, the books hear of the others, the
    released are routed.
    """
    waits = [
        (one.row.merchant, one.row.id, fact)
        for one in judgement.judged
        if one.is_held
        for fact in articles.facts_for(
            one.row.document, one.row.channel, known.known_to(one.row.merchant)
        )
    ]
    unit.wait_for(waits)
    told = [(one.row, one.cause) for one in judgement.judged if not one.is_held]
    tell_books(unit, told, judgement.refunds)
    route.route(unit, judgement.wanted, judgement.shelves)


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
        one for row, why in rows for one in telling.to_books(unit, [(row.document, row)], why)
    )
    borne = refunds.attach(unit, [row for row, _ in rows], lambda one: cause[one.order.id], kept)
    unit.tell(
        notice
        for one in borne
        for notice in telling.to_books(unit, [(one.refund, one.order)], cause[one.order.id])
    )


def fingerprint(unit: Unit, row: OrderRow) -> bytes | None:
    """What makes the same purchase on two channels look alike: who, where to, and how much. Keyed,
    so it tells nothing.
    """
    order = row.document
    who = (order.customer and (order.customer.email or order.customer.phone)) or None
    if who is None or order.ship_to is None:
        return None
    skus = sorted(f"{line.sku}*{line.quantity}" for line in order.lines)
    text = "|".join([row.merchant, who.lower(), order.ship_to.postal_code or "", *skus])
    return hmac.new(unit.vault.index_key, text.encode(), sha256).digest()[:16]


def _facts(unit: Unit, row: OrderRow, known: Articles, twins: dict[bytes, list[str]]) -> HoldFacts:
    options = (
        unit.directory.partners[row.channel].options
        if row.channel in unit.directory.partners
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
