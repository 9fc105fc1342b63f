"""Karrio, both ways: parcels that it is to track, and how they are. Source: OpenAPI 2026.1.32.

Its trackers bear our fulfilment order in their metadata, and how many parcels left together. An
order has arrived when all of its parcels have; while one of them is not listed, nobody knows. One
that comes back or could not be handed over is for a person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from hub.model.document import Document, OptId, OptText
from hub.model.errors import Ignored
from hub.model.fulfilment import FulfilmentStatus, Package, Shipment
from mappings.kit import Context, Decoders, Encoders, shape
from mappings.kit.fields import (
    CountSeen,
    Flag,
    Many,
    MomentSeen,
    Part,
    Perhaps,
    UtcSeen,
    Word,
    needed,
)
from mappings.kit.readers.envelope import resources

_STATUSES = "fulfilment_statuses"
Clock = Callable[[], datetime]
# fmt: off
_TAKEN = frozenset({
    "aramex", "asendia", "asendia_us", "australiapost", "boxknight", "bpost", "canadapost",
    "canpar", "chronopost", "colissimo", "dhl_express", "dhl_parcel_de", "dhl_poland",
    "dhl_universal", "dicom", "dpd", "dpd_meta", "dtdc", "fedex", "generic", "geodis", "gls",
    "hay_post", "hermes", "landmark", "laposte", "locate2u", "mydhl", "nationex", "postat",
    "purolator", "roadie", "royalmail", "seko", "sendle", "smartkargo", "spring", "teleship", "tge",
    "tnt", "ups", "usps", "usps_international", "veho", "zoom2u",
})
# fmt: on
"""Names of carriers that a tracker is made for."""
_KNOWN_BY = frozenset({"tracking_number"})


class Event(Part):
    """A step of a parcel. `time` is a clock's of a country that nobody names."""

    date: MomentSeen = None
    timestamp: UtcSeen = None
    status: OptText = None
    reason: OptText = None
    description: OptText = None
    location: OptText = None

    @property
    def at(self) -> datetime | None:
        return self.timestamp or self.date


class Ours(Part):
    """What we gave along."""

    fulfilment_order: OptId = None
    shipment: OptId = None
    parcels: CountSeen = None


class Info(Part):
    signed_by: OptText = None
    shipment_delivery_date: MomentSeen = None


class Tracker(Part):
    id: OptId = None
    tracking_number: OptId = None
    carrier_name: OptText = None
    status: Word = None
    delivered: Flag = None
    metadata: Perhaps[Ours] = None
    info: Perhaps[Info] = None
    events: Many[Event] = ()

    @property
    def order(self) -> str | None:
        return self.metadata.fulfilment_order if self.metadata else None

    @property
    def state(self) -> str:
        return "delivered" if self.delivered else self.status or "unknown"

    @property
    def latest(self) -> Event:
        """The last step of the state it is in, else the last that has a time."""
        timed = [one for one in self.events if one.at]
        same = [one for one in timed if one.status == self.state] or timed
        return max(same, key=lambda one: needed(one.at, "events.timestamp"), default=Event())


def trackers(raw: bytes, at: Context, *, clock: Clock) -> list[Document]:
    """What became of orders, of all of whose parcels the trackers are here. `clock` is asked where
    a carrier says what became of a parcel, and not when.
    """
    rows = [shape(Tracker, it, at) for it in resources(
        raw, at.warn, around=["results", "data", "tracking"], marks=_KNOWN_BY)]  # fmt: skip
    parcels: dict[str, list[Tracker]] = {}
    for row in rows:
        if row.order:
            parcels.setdefault(row.order, []).append(row)
    said = [status for order, some in parcels.items() for status in _said(order, some, clock, at)]
    if not said:
        raise Ignored("no_consequence", "no parcel of ours arrived or went astray")
    return list(said)


def _said(
    order: str, parcels: Sequence[Tracker], clock: Clock, at: Context
) -> Iterator[FulfilmentStatus]:
    words = [at.ours(_STATUSES, one.state, path="status") for one in parcels]
    for one, word in zip(parcels, words, strict=True):
        if word == "exception":
            yield _status(order, one, word, _when(one, clock, at), at)
    if all(word == "delivered" for word in words) and _are_all(parcels):
        timed = [(_when(one, clock, at), one) for one in parcels]
        when, last = max(timed, key=lambda it: it[0])
        yield _status(order, last, "delivered", when, at)


def _are_all(parcels: Sequence[Tracker]) -> bool:
    """Whether of each shipment as many are here as left together."""
    left = {one.metadata.shipment: one.metadata.parcels or 0 for one in parcels if one.metadata}
    here = {(one.metadata.shipment, one.tracking_number) for one in parcels if one.metadata}
    return all(sum(of == it for of, _ in here) >= count for it, count in left.items())


def _when(one: Tracker, clock: Clock, at: Context) -> datetime:
    told = one.latest.at or (one.info.shipment_delivery_date if one.info else None)
    if told is None:
        at.warn("no_date", "no event says when: the time of reading is taken", path="events")
    return told or clock()


def _status(order: str, one: Tracker, word: Any, when: datetime, at: Context) -> FulfilmentStatus:
    step = one.latest
    said = {"tracking_number": one.tracking_number, "carrier": one.carrier_name}
    return FulfilmentStatus(
        source=at.source(
            f"{order}:{one.tracking_number}:{one.state}:{when:%Y%m%d%H%M%S}", occurred_at=when
        ),
        fulfilment_order_id=order,
        status=word,
        at=when,
        reason=step.reason or (one.state if word == "exception" else None),
        message=step.description,
        attributes={name: told for name, told in said.items() if told},
    )


def parcels(document: Shipment, context: Context) -> list[dict[str, Any]]:
    """The bodies of POST /v1/trackers, one for each parcel with a number of a carrier it knows. All
    that left are counted: of one that nobody tracks nobody knows whether it arrived.
    """
    known = [
        (one, named)
        for one in document.packages
        if one.tracking_number and (named := _carrier(one, context))
    ]
    ours = {
        "fulfilment_order": document.fulfilment_order_id,
        "shipment": document.source.id,
        "parcels": len({one.tracking_number or at for at, one in enumerate(document.packages)}),
    }
    return [_parcel(one, named, ours) for one, named in known]


def _carrier(one: Package, at: Context) -> str | None:
    """Their name of the carrier; None where no list has it."""
    known = at.codes.get("carriers", {}).items()
    return next((it for it, ours in known if ours == one.carrier and it in _TAKEN), None)


def _parcel(one: Package, carrier: str, ours: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tracking_number": one.tracking_number,
        "carrier_name": carrier,
        "reference": ours["fulfilment_order"],
        "metadata": dict(ours),
    }


def decoders(clock: Clock = lambda: datetime.now(UTC)) -> Decoders:
    """The decode table."""
    return {"trackers": partial(trackers, clock=clock)}


ENCODE: Encoders = {Shipment: parcels}
