"""What the hub makes of how a telling ended: a warehouse that has the notice, one that refused
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.flows.fulfilment import heard
from hub.flows.orders import refunds
from hub.flows.unit import Told, Unit
from hub.model.document import Document, Source
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    FulfilmentStatus,
    WarehouseWord,
)
from hub.model.order import Refund
from hub.model.settlement import JournalEntry
from hub.model.stock import StockLevel
from hub.store.books import told as books
from hub.store.config.snapshot import Connection
from hub.store.orders import timeline
from hub.store.orders.timeline import Event
from hub.store.stock import levels_told


@dataclass(frozen=True, slots=True)
class Settled:
    """How one telling stands after an attempt. `was_told`: the partner has it from one before."""

    document: Document
    message_id: UUID
    correlation_id: UUID
    order_id: UUID | None
    status: str
    fate: str
    sentence: str
    reference: str | None
    facts: tuple[Document, ...]
    kept: bool = True
    was_told: bool = False


def after(unit: Unit, partner: Connection, settled: Sequence[Settled]) -> None:
    """Note what was told, and take in what the partner's answers already state."""
    statuses = [
        Told(
            _status(unit, partner, attempt, word),
            partner,
            attempt.message_id,
            attempt.correlation_id,
        )
        for attempt in settled
        if (word := _word(attempt)) is not None
    ]
    facts = [
        Told(document, partner, attempt.message_id, attempt.correlation_id)
        for attempt in settled
        for document in attempt.facts
    ]
    reported = [fact for fact in [*statuses, *facts] if isinstance(fact.document, FulfilmentStatus)]
    if reported:
        heard.report(unit, reported)
    named = [
        (attempt.document.refund_id, attempt.reference)
        for attempt in settled
        if isinstance(attempt.document, Refund)
        and attempt.status == "delivered"
        and attempt.reference not in (None, attempt.document.refund_id)
    ]
    if partner.kind == "channel" and named:
        refunds.delivered(unit, partner.code, [(ours, theirs or "") for ours, theirs in named])
    levels_told.forget(
        unit.db, partner.code, (sku for attempt in settled if (sku := _unheard(attempt)))
    )
    booked = (it for it in settled if isinstance(it.document, JournalEntry))
    books.book(unit.db, {it.message_id: it.reference for it in booked if it.status == "delivered"})
    timeline.note(unit.db, [event for attempt in settled if (event := _event(partner, attempt))])


def _unheard(attempt: Settled) -> str | None:
    """The SKU whose level did not get there, and will not by itself."""
    if not isinstance(attempt.document, StockLevel) or (
        attempt.kept and attempt.status != "parked"
    ):
        return None
    return attempt.document.sku


def _word(attempt: Settled) -> WarehouseWord | None:
    """A refusal of a notice ends the fulfilment order; a refused cancellation means that it is
    shipped. That the same is not wanted a second time says nothing of the first.
    """
    if attempt.status != "parked" or attempt.fate != "rejected" or attempt.was_told:
        return None
    if isinstance(attempt.document, FulfilmentOrder):
        return "rejected"
    return "cancel_refused" if isinstance(attempt.document, FulfilmentCancellation) else None


def _status(
    unit: Unit, partner: Connection, attempt: Settled, word: WarehouseWord
) -> FulfilmentStatus:
    assert isinstance(attempt.document, FulfilmentOrder | FulfilmentCancellation)
    return FulfilmentStatus(
        source=Source(
            connection=partner.code, id=f"answer:{attempt.message_id}", occurred_at=unit.at
        ),
        fulfilment_order_id=attempt.document.fulfilment_order_id,
        status=word,
        at=unit.at,
        reason=None if attempt.sentence else attempt.fate,  # its own words say more
        message=attempt.sentence[:500] or None,
    )


def _event(partner: Connection, attempt: Settled) -> Event | None:
    if attempt.order_id is None or attempt.status not in {"delivered", "parked"}:
        return None
    event = "told" if attempt.status == "delivered" else "telling_parked"
    detail = {
        "partner": partner.code,
        "document": attempt.document.type,
        "reference": attempt.reference,
    }
    if attempt.status == "parked":
        detail["code"] = attempt.fate
    return Event(partner.merchant, attempt.order_id, event, detail, attempt.message_id)
