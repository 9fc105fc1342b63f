"""Judge orders: recorded, held with reasons, or released, told to the books and routed."""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from hub.flows import articles, route, telling
from hub.flows.articles import Articles
from hub.flows.route import Wanted
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.rules import holds
from hub.rules.holds import HoldFacts
from hub.states.machine import step
from hub.states.order import ORDER, Event, State
from hub.store import orders, timeline
from hub.store.orders import OrderRow

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


def judge(
    unit: Unit, rows: Sequence[tuple[OrderRow, UUID | None]], known: Articles
) -> list[Judged]:
    """What speaks against each order, waived reasons left out. Decides nothing."""
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


def settle(unit: Unit, judged: Sequence[Judged], known: Articles) -> None:
    """Move orders by their judgement: recorded, held with reasons,
      or released and routed. Rows are stored by the caller
    first, and their status here."""
    events, waits, told, wanted = [], [], [], []
    for one in judged:
        row = one.row
        if one.settled:
            row.status = step(ORDER, State(row.status), _RECORDED[one.settled]).state
            row.hold_reasons = []
            events.append(
                timeline.Event(
                    row.merchant, row.id, "recorded", {"because": one.settled}, one.cause
                )
            )
            told.append(one)
        elif one.reasons:
            row.status = step(ORDER, State(row.status), Event.HOLD).state
            row.hold_reasons = [reason.as_dict() for reason in one.reasons]
            codes = sorted({reason.code for reason in one.reasons})
            events.append(
                timeline.Event(row.merchant, row.id, "held", {"reasons": codes}, one.cause)
            )
            facts = articles.facts_for(row.document, row.channel, known.known_to(row.merchant))
            waits += [(row.merchant, row.id, fact) for fact in facts]
        else:
            row.status = step(ORDER, State(row.status), Event.RELEASE).state
            row.hold_reasons = []
            events.append(timeline.Event(row.merchant, row.id, "released", {}, one.cause))
            told.append(one)
            wanted.append(
                Wanted(row, route.demand_of(row.document, row.merchant, known), one.cause)
            )
    orders.set_status(unit.db, [one.row for one in judged])
    orders.wait_for(unit.db, waits)
    timeline.note(unit.db, events)
    tell_books(unit, [(one.row, one.cause) for one in told])
    route.route(unit, wanted)


def tell_books(unit: Unit, rows: Sequence[tuple[OrderRow, UUID | None]]) -> None:
    """Tell the books of these orders and of the refunds that are known of them."""
    cause = {row.id: cause for row, cause in rows}
    unit.tell(
        one for row, why in rows for one in telling.to_books(unit, [(row.document, row)], why)
    )
    refunds = orders.refunds_of(unit.db, unit.vault, [row for row, _ in rows])
    unit.tell(
        one
        for refund, row in refunds
        for one in telling.to_books(unit, [(refund, row)], cause[row.id])
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
