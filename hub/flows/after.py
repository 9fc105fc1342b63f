"""What the hub makes of how a telling ended: a warehouse that has the notice, one that refused it,
a lost credential.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.flows import ship_out
from hub.flows.unit import Told, Unit
from hub.model.document import Document, Source
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    FulfilmentStatus,
    WarehouseWord,
)
from hub.store import connections_state, timeline
from hub.store.directory import Partner
from hub.store.timeline import Event, Incident


@dataclass(frozen=True, slots=True)
class Settled:
    """How one telling stands after an attempt."""

    document: Document
    message_id: UUID
    correlation_id: UUID
    order_id: UUID | None
    status: str
    fate: str
    sentence: str
    reference: str | None
    facts: tuple[Document, ...]
    pause: str | None


def after(unit: Unit, partner: Partner, settled: Sequence[Settled]) -> None:
    """Note what was told, take in what the partner's answers already state, and pause a connection
    that is refused.
    """
    statuses = [
        Told(_status(unit, partner, one, word), partner, one.message_id, one.correlation_id)
        for one in settled
        if (word := _word(one)) is not None
    ]
    facts = [
        Told(document, partner, one.message_id, one.correlation_id)
        for one in settled
        for document in one.facts
    ]
    reported = [one for one in [*statuses, *facts] if isinstance(one.document, FulfilmentStatus)]
    if reported:
        ship_out.report(unit, reported)
    timeline.note(unit.db, [event for one in settled if (event := _event(partner, one))])
    refused = next((one for one in settled if one.pause), None)
    if refused is not None:
        connections_state.pause(unit.db, partner.code, refused.pause or "")
        sentence = (
            f"connection {partner.code} is paused: the partner does not accept its credentials"
        )
        incident = Incident(
            partner.merchant, "connection_paused", f"connection:{partner.code}", sentence
        )
        timeline.open_incidents(unit.db, [incident])


def _word(one: Settled) -> WarehouseWord | None:
    """A refusal of a notice ends the fulfilment order; a refused cancellation means that it is
    shipped.
    """
    if one.status != "parked" or one.fate != "rejected":
        return None
    if isinstance(one.document, FulfilmentOrder):
        return "rejected"
    return "cancel_refused" if isinstance(one.document, FulfilmentCancellation) else None


def _status(unit: Unit, partner: Partner, one: Settled, word: WarehouseWord) -> FulfilmentStatus:
    assert isinstance(one.document, FulfilmentOrder | FulfilmentCancellation)
    return FulfilmentStatus(
        source=Source(connection=partner.code, id=f"answer:{one.message_id}", occurred_at=unit.at),
        fulfilment_order_id=one.document.fulfilment_order_id,
        status=word,
        at=unit.at,
        reason=one.fate,
        message=one.sentence[:500] or None,
    )


def _event(partner: Partner, one: Settled) -> Event | None:
    if one.order_id is None or one.status not in {"delivered", "parked"}:
        return None
    event = "told" if one.status == "delivered" else "telling_parked"
    detail = {"partner": partner.code, "document": one.document.type, "reference": one.reference}
    if one.status == "parked":
        detail["code"] = one.fate
    return Event(partner.merchant, one.order_id, event, detail, one.message_id)
