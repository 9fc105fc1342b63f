"""Incidents that end by themselves: closed when their cause is gone."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.ids import new_id
from hub.store.timeline import Incident


def close(db: Connection, subject: str, kinds: Sequence[str]) -> None:
    """Close what stands open of these kinds about a subject."""
    db.execute(_CLOSE, {"subject": subject, "kinds": list(kinds)})


def settle(
    db: Connection,
    kinds: Collection[str],
    found: Sequence[Incident],
    *,
    subject: str | None = None,
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Make the open incidents of these kinds those found: new ones are opened, what was not found
    any more is closed, as far as it is about `subject` where one is given. Returns the (kind,
    subject) of those opened and those closed.
    """
    rows = {
        "ids": [new_id() for _ in found],
        "merchants": [one.merchant for one in found],
        "kinds": [one.kind for one in found],
        "subjects": [one.subject for one in found],
        "sentences": [one.sentence for one in found],
    }
    closed = db.execute(_CLOSE_OTHERS, {**rows, "all": list(kinds), "subject": subject}).all()
    opened = db.execute(_OPEN, rows).all() if found else []
    return [(one.kind, one.subject) for one in opened], [(one.kind, one.subject) for one in closed]


def open_by_kind(db: Connection) -> dict[str, int]:
    """How many incidents of each kind stand open."""
    return {row.kind: row.total for row in db.execute(_BY_KIND)}


def standing(db: Connection, kinds: Collection[str]) -> list[Any]:
    """The open incidents of these kinds (kind, subject, sentence), oldest first."""
    return list(db.execute(_STANDING, {"kinds": list(kinds)}))


_STANDING = sa.text(
    """SELECT kind, subject, sentence FROM incident
    WHERE status = 'open' AND kind = ANY (:kinds) ORDER BY opened_at LIMIT 100"""
)
_CLOSE = sa.text(
    """UPDATE incident SET status = 'closed', closed_at = now()
    WHERE status = 'open' AND subject = :subject AND kind = ANY (:kinds)"""
)
_CLOSE_OTHERS = sa.text(
    """UPDATE incident SET status = 'closed', closed_at = now()
    WHERE status = 'open' AND kind = ANY (:all)
      AND (CAST(:subject AS text) IS NULL OR subject = :subject) AND NOT EXISTS (
      SELECT FROM unnest(CAST(:kinds AS text[]), CAST(:subjects AS text[]),
        CAST(:merchants AS text[])) AS f (kind, subject, merchant)
      WHERE f.kind = incident.kind AND f.subject = incident.subject
        AND f.merchant = incident.merchant_id)
    RETURNING kind, subject"""
)
_OPEN = sa.text(
    """INSERT INTO incident (id, merchant_id, kind, subject, sentence)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]), CAST(:kinds AS text[]),
      CAST(:subjects AS text[]), CAST(:sentences AS text[]))
    ON CONFLICT DO NOTHING RETURNING kind, subject"""
)
_BY_KIND = sa.text(
    "SELECT kind, count(*) AS total FROM incident WHERE status = 'open' GROUP BY kind"
)
