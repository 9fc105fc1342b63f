"""Jobs: work on many rows that a person asked for, and how far it got."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import new_id


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


def begun(db: Connection, kind: str, merchant: str | None, total: int, detail: Any) -> Job:
    """Write down a job that is to be done."""
    values = {
        "id": new_id(),
        "merchant": merchant,
        "kind": kind,
        "total": total,
        "detail": json.dumps(detail, default=str),
    }
    return _job(db.execute(_BEGUN, values).one())


def take(db: Connection, kind: str) -> Job | None:
    """The oldest job of a kind that is not done and that nobody works on, until the transaction
    ends.
    """
    row = db.execute(_TAKE, {"kind": kind}).one_or_none()
    return None if row is None else _job(row)


def step(db: Connection, job_id: UUID, done: int, detail: Any, status: str) -> None:
    """How far a job is; `status` running, done or failed."""
    values = {"id": job_id, "done": done, "detail": json.dumps(detail, default=str)}
    db.execute(_STEP, {**values, "status": status})


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
_BEGUN = sa.text(
    """INSERT INTO job (id, merchant_id, kind, status, detail, done, total)
    VALUES (:id, :merchant, :kind, 'running', CAST(:detail AS jsonb), 0, :total)
    RETURNING *"""
)
_TAKE = sa.text(
    """SELECT * FROM job WHERE kind = :kind AND status = 'running' ORDER BY id LIMIT 1
    FOR UPDATE SKIP LOCKED"""
)
_STEP = sa.text(
    """UPDATE job SET done = :done, detail = CAST(:detail AS jsonb), status = :status,
      finished_at = CASE WHEN :status = 'running' THEN NULL ELSE now() END WHERE id = :id"""
)
_ONE = sa.text(
    """SELECT * FROM job WHERE id = :id
      AND (CAST(:merchant AS text) IS NULL OR merchant_id = :merchant)"""
)
