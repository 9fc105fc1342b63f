"""How a connection does, by what is written down of it: which processes cannot use it, how the
deliveries at its door fare, and how far its polls are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

LIVES_S = 30.0
"""A process that did not repeat itself for so long is gone."""


@dataclass(frozen=True, slots=True)
class Hindered:
    """A process that cannot use a connection now."""

    connection: str
    directions: tuple[str, ...]
    lacks: str
    name: str
    process: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Deliveries:
    """How a connection's deliveries fare. `hour` and `day`: code -> how many were refused."""

    accepted_at: datetime | None = None
    refused_at: datetime | None = None
    refused_code: str | None = None
    unproved: int = 0
    unproved_code: str | None = None
    secrets: str = ""
    hour: Mapping[str, int] = field(default_factory=dict)
    day: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Polled:
    """How the polls of a topic do. `lag_s`: for how long its last success has been too
    long ago, 0 where it is not.
    """

    topic: str
    every_s: float
    due: datetime
    reached_at: datetime | None
    began_at: datetime | None
    done_at: datetime | None
    failures: int
    error: Mapping[str, str] | None
    failed_at: datetime | None
    lag_s: float


def hindered(db: Connection, code: str | None = None) -> dict[str, list[Hindered]]:
    """Connection -> the living processes that cannot use it."""
    hindered_by_code: dict[str, list[Hindered]] = {}
    for row in db.execute(_HINDERED, {"code": code, "lives": LIVES_S}):
        process = Hindered(
            row.connection,
            tuple(row.directions),
            row.lacks,
            row.name,
            f"{row.kind} {row.host}:{row.pid}",
            row.since,
        )
        hindered_by_code.setdefault(process.connection, []).append(process)
    return hindered_by_code


def deliveries(db: Connection, code: str | None = None) -> dict[str, Deliveries]:
    """Connection -> how its deliveries fare, where anything ever came."""
    return {row.connection: _deliveries(row) for row in db.execute(_DELIVERIES, {"code": code})}


def polls(db: Connection, code: str | None = None) -> dict[str, list[Polled]]:
    """Connection -> how its polls do, by topic."""
    polls_by_code: dict[str, list[Polled]] = {}
    for row in db.execute(_POLLS, {"code": code}):
        polls_by_code.setdefault(row.connection, []).append(_polled(row))
    return polls_by_code


def _deliveries(row: Any) -> Deliveries:
    return Deliveries(
        row.accepted_at,
        row.refused_at,
        row.refused_code,
        row.unproved,
        row.unproved_code,
        row.secrets,
        row.hour or {},
        row.day or {},
    )


def _polled(row: Any) -> Polled:
    when = (row.due, row.reached_at, row.began_at, row.done_at)
    went = (row.failures, row.error, row.failed_at, float(row.lag_s))
    return Polled(row.topic, row.every_s, *when, *went)


_HINDERED = sa.text(
    """SELECT h.connection, h.kind, h.host, h.pid, h.lacks, h.name,
      array_agg(h.direction ORDER BY h.direction) AS directions, min(h.since) AS since
    FROM hindrance AS h JOIN connection AS c ON c.code = h.connection
    WHERE h.seen_at > now() - :lives * interval '1 s'
      AND (CAST(:code AS text) IS NULL OR h.connection = :code)
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6"""
)
_DELIVERIES = sa.text(
    """SELECT i.connection, i.accepted_at, i.refused_at, i.refused_code, i.unproved,
      i.unproved_code, i.secrets, r.hour, r.day
    FROM intake AS i JOIN connection AS c ON c.code = i.connection
    LEFT JOIN (
      SELECT connection, jsonb_object_agg(code, day) AS day,
        jsonb_object_agg(code, hour) FILTER (WHERE hour > 0) AS hour
      FROM (
        SELECT connection, code, sum(count) AS day,
          coalesce(sum(count) FILTER (WHERE slot > now() - interval '1 hour'), 0) AS hour
        FROM refusal WHERE slot > now() - interval '24 hours' GROUP BY 1, 2
      ) AS by_code GROUP BY 1
    ) AS r ON r.connection = i.connection
    WHERE CAST(:code AS text) IS NULL OR i.connection = :code"""
)
_POLLS = sa.text(
    """SELECT *, greatest(0,
      extract(epoch FROM now() - coalesce(done_at, planned_at)) - every_s) AS lag_s FROM poll
    WHERE due IS NOT NULL AND (CAST(:code AS text) IS NULL OR connection = :code)
    ORDER BY connection, topic"""
)
