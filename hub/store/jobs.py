"""Jobs: work on many rows that a person asked for, and how far it got."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.ids import new_id


@dataclass(frozen=True, slots=True)
class Job:
    """A job. `merchant` None: it concerns several."""

    id: UUID
    merchant: str | None
    kind: str
    status: str
    detail: Mapping[str, Any]
    done: int
    total: int
    created_at: datetime
    finished_at: datetime | None


def finished(
    db: Connection, kind: str, merchant: str | None, counts: tuple[int, int], detail: Any
) -> Job:
    """Write down a job that is done in this transaction. `counts`: done, and out of how many."""
    values = {
        "id": new_id(),
        "merchant": merchant,
        "kind": kind,
        "done": counts[0],
        "total": counts[1],
        "detail": json.dumps(detail, default=str),
    }
    return _job(db.execute(_FINISHED, values).one())


def one(db: Connection, job_id: UUID, merchant: str | None) -> Job | None:
    """A job; None where there is none, or it is another merchant's."""
    row = db.execute(_ONE, {"id": job_id, "merchant": merchant}).one_or_none()
    return None if row is None else _job(row)


def _job(row: Any) -> Job:
    return Job(
        id=row.id,
        merchant=row.merchant_id,
        kind=row.kind,
        status=row.status,
        detail=row.detail,
        done=row.done,
        total=row.total,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


_FINISHED = sa.text(
    """INSERT INTO job (id, merchant_id, kind, status, detail, done, total, finished_at)
    VALUES (:id, :merchant, :kind, 'done', CAST(:detail AS jsonb), :done, :total, now())
    RETURNING *"""
)
_ONE = sa.text(
    """SELECT * FROM job WHERE id = :id
      AND (CAST(:merchant AS text) IS NULL OR merchant_id = :merchant)"""
)
