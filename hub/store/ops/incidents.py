"""Incidents: opened with their cause, closed when it is gone or when somebody says so."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import new_ids
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that needs a person. At most one of a kind and subject is open."""

    merchant: str
    kind: str
    subject: str
    sentence: str
    order_id: UUID | None = None
    message_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    """What the sentence names, for readers of other languages."""


def carrier_subject(connection: str, word: str) -> str:
    """What an incident about a connection's word for a carrier is about."""
    return f"carrier:{connection}:{word.casefold()[:100]}"


def open_new(db: Connection, incidents: Sequence[Incident]) -> None:
    """Open incidents; one that stands open already is left as it is."""
    if incidents:
        write(db, _OPEN, _rows(incidents))


def close(db: Connection, subjects: Iterable[str], kinds: Sequence[str]) -> None:
    """Close what stands open of these kinds about these subjects."""
    db.execute(_CLOSE, {"subjects": sorted(subjects), "kinds": list(kinds)})


def close_one(db: Connection, incident_id: UUID, at: datetime) -> Any:
    """Close an open incident: its merchant_id, kind and subject. None where there is none such in
    reach.
    """
    return db.execute(_CLOSE_ONE, {"id": incident_id, "at": at}).one_or_none()


def settle(
    db: Connection,
    kinds: Collection[str],
    current: Sequence[Incident],
    *,
    subject: str | None = None,
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Make the open incidents of these kinds the current ones: new ones are opened, what is no
    more is closed, as far as it is about `subject` where one is given. Returns the (kind,
    subject) of those opened and those closed.
    """
    stay = _CURRENT.of((incident.kind, incident.subject, incident.merchant) for incident in current)
    closed = db.execute(_CLOSE_OTHERS, {**stay, "all": list(kinds), "about": subject}).all()
    opened = db.execute(_OPENED, _rows(current)).all() if current else []
    return [(row.kind, row.subject) for row in opened], [(row.kind, row.subject) for row in closed]


def _rows(incidents: Sequence[Incident]) -> dict[str, list[Any]]:
    return _INCIDENTS.of(
        (
            *(id_, incident.merchant, incident.kind, incident.subject, incident.sentence),
            *(incident.order_id, incident.message_id),
            json.dumps(dict(incident.detail), default=str),
        )
        for id_, incident in zip(new_ids(len(incidents)), incidents, strict=True)
    )


def open_by_kind(db: Connection) -> dict[str, int]:
    """How many incidents of each kind stand open."""
    return {row.kind: row.total for row in db.execute(_BY_KIND)}


def standing(db: Connection, kinds: Collection[str]) -> list[Any]:
    """The open incidents of these kinds (kind, subject, sentence), oldest first."""
    return list(db.execute(_STANDING, {"kinds": list(kinds)}))


_STANDING = sa.text(
    """SELECT kind, subject, sentence FROM incident
    WHERE status = 'open' AND kind = ANY (:kinds) ORDER BY opened_at, id LIMIT 100"""
)
_CLOSE = sa.text(
    """UPDATE incident SET status = 'closed', closed_at = now()
    WHERE status = 'open' AND subject = ANY (:subjects) AND kind = ANY (:kinds)"""
)
_CLOSE_ONE = sa.text(
    """UPDATE incident SET status = 'closed', closed_at = :at
    WHERE id = :id AND status = 'open' RETURNING merchant_id, kind, subject"""
)
_CURRENT = Rows(kind="text", subject="text", merchant="text")
_CLOSE_OTHERS = sa.text(
    f"""UPDATE incident SET status = 'closed', closed_at = now()
    WHERE status = 'open' AND kind = ANY (:all)
      AND (CAST(:about AS text) IS NULL OR subject = :about) AND NOT EXISTS (
      SELECT FROM {_CURRENT.named("f")}
      WHERE f.kind = incident.kind AND f.subject = incident.subject
        AND f.merchant = incident.merchant_id)
    RETURNING kind, subject"""  # noqa: S608  # ours
)
_INCIDENTS = Rows(
    id="uuid",
    merchant="text",
    kind="text",
    subject="text",
    sentence="text",
    order_id="uuid",
    message="uuid",
    detail="text",
)
_NEW = f"""INSERT INTO incident (id, merchant_id, kind, subject, sentence, order_id, message_id,
      detail)
    SELECT id, merchant, kind, subject, sentence, order_id, message, CAST(detail AS jsonb)
    FROM {_INCIDENTS.named("i")}
    ON CONFLICT DO NOTHING"""  # noqa: S608  # ours
_OPEN, _OPENED = sa.text(_NEW), sa.text(f"{_NEW} RETURNING kind, subject")
_BY_KIND = sa.text(
    "SELECT kind, count(*) AS total FROM incident WHERE status = 'open' GROUP BY kind"
)
