"""What a partner posts, from the request to what is kept of it: type, headers, proof, arrival."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from adapters.kit import registry
from adapters.ports import Call, Delivery, Parts
from hub.model.errors import NotAuthentic
from hub.store.base.ids import new_id
from hub.store.config.snapshot import Connection
from hub.store.messages.inbox import LONGEST, Arrival, short

TYPES = frozenset(
    {
        "application/json",
        "application/xml",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "application/edi-x12",
        "application/edifact",
        "application/zip",
        "text/csv",
        "text/json",
        "text/plain",
        "text/tab-separated-values",
        "text/xml",
    }
)
"""Content types that are read; also every `+json` and `+xml`, and none at all."""


class Unreadable(Exception):
    """An adapter stumbled over a delivery before it knew who sent it."""


def is_read(content_type: str) -> bool:
    name = content_type.partition(";")[0].strip().lower()
    return not name or name in TYPES or name.endswith(("+json", "+xml"))


def headers(environ: Mapping[str, Any]) -> dict[str, str]:
    found = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    found["content-type"] = environ.get("CONTENT_TYPE", "")
    return found


def verified(adapter: Parts, call: Call) -> Delivery:
    """What the adapter says of an authentic delivery. NotAuthentic, Unreadable."""
    try:
        return adapter.verify(call, datetime.now(UTC))
    except NotAuthentic:
        raise
    except Exception as error:
        raise Unreadable from error


def arrival(partner: Connection, delivery: Delivery, raw: bytes, correlation: UUID) -> Arrival:
    return Arrival(
        id=new_id(),
        merchant=partner.merchant,
        connection=partner.code,
        shards=partner.shards,
        topic=delivery.topic[:LONGEST],
        delivery_id=delivery.id,
        content=delivery.content,
        key=short(delivery.key),
        payload=raw,
        correlation_id=correlation,
        bulk=delivery.topic in registry.entry(partner.adapter).manifest.bulk,
    )
