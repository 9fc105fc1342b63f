"""How far each topic of a connection was listed at its partner, and when it is asked for again.

Where the partner was listed up to is kept in the transaction that keeps what it listed, under the
fence of the connection's lane (POLL). `reached_at` is the newest change by the partner's own clock
and never goes back; `run` is where a poll under way stands, or broke off. All else is the
database's time.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows


@dataclass(frozen=True, slots=True)
class Planned:
    """A topic that a connection's partner is to be asked for."""

    merchant: str
    connection: str
    topic: str
    every_s: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a poll under way stands, in the partner's own terms."""

    at: datetime | None = None
    id: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A topic that is due, as its row stands. `asked_since`: a person wants it from then on.
    `stood_s`: so long ago was the last page of `run` kept. `now` is the database's time.
    """

    merchant: str
    connection: str
    topic: str
    reached_at: datetime | None
    token: str
    run: Place | None
    asked_since: datetime | None
    failures: int
    now: datetime
    stood_s: float = 0.0


def plan(db: Connection, wanted: Sequence[Planned], known: Collection[str]) -> None:
    """Make these the topics that are asked for. `known`: the connections whose adapters are at
    hand; what others want is left as it is.
    """
    stands = {
        (row.connection, row.topic): row.every_s
        for row in db.execute(_PLANNED)
        if row.connection in known
    }
    if stands == {(planned.connection, planned.topic): planned.every_s for planned in wanted}:
        return
    rows = map(astuple, wanted)
    db.execute(_PLAN, _WANTED.of(sorted(rows)))
    names = [f"{planned.connection} {planned.topic}" for planned in wanted]
    db.execute(_RETIRE, {"wanted": names, "known": sorted(known)})
    db.execute(_LANES, {"connections": sorted({planned.connection for planned in wanted})})


def next_due(db: Connection, connection: str) -> Due | None:
    """The topic that has been due for longest."""
    row = db.execute(_NEXT, {"connection": connection}).one_or_none()
    if row is None:
        return None
    run = None if row.run is None else _place(row.run)
    whose = (row.merchant_id, row.connection, row.topic)
    return Due(
        *whose, row.reached_at, row.token, run, row.asked_since, row.failures, row.now, row.stood_s
    )


def begin(db: Connection, due: Due, start: Place) -> None:
    """A poll begins from there; what a person asked for is heard."""
    db.execute(_BEGIN, {**_whose(due), "run": _shown(start), "asked": due.asked_since})


def moved(
    db: Connection, due: Due, run: Place, reached_at: datetime | None, newest: bytes | None
) -> None:
    """A page is kept: the poll goes on after it. `newest`: what recognises its last change."""
    row = {**_whose(due), "run": _shown(run), "reached": reached_at, "newest": newest}
    db.execute(_MOVED, row)


def done(db: Connection, due: Due, token: str) -> None:
    """A poll came to its end. Who asked for another meanwhile gets it at once."""
    db.execute(_DONE, {**_whose(due), "token": token, "now": due.now})


def failed(
    db: Connection, due: Due, error: Mapping[str, str], wait_s: float, anew: Place | None = None
) -> None:
    """A poll broke off and goes on after so long, or begins `anew` from another place."""
    row = {**_whose(due), "error": json.dumps(dict(error)), "wait": wait_s}
    db.execute(_FAILED, row)
    if anew is not None:
        db.execute(_ANEW, {**_whose(due), "run": _shown(anew)})


def retire(db: Connection, due: Due) -> None:
    """It is not asked for any more, until `plan` says so."""
    db.execute(_REST, _whose(due))


def ask(db: Connection, connection: str, since: datetime | None) -> list[str]:
    """Have the topics of a connection asked for now, from `since` on where that is given. Returns
    the topics.
    """
    rows = db.execute(_ASK, {"connection": connection, "since": since})
    return sorted(row.topic for row in rows)


def _whose(due: Due) -> dict[str, Any]:
    return {"merchant": due.merchant, "connection": due.connection, "topic": due.topic}


def _place(tree: Mapping[str, Any]) -> Place:
    at = tree.get("at")
    moment = datetime.fromisoformat(at) if at else None
    return Place(moment, str(tree.get("id", "")), str(tree.get("token", "")))


def _shown(place: Place) -> str:
    at = place.at.isoformat() if place.at else None
    return json.dumps({"at": at, "id": place.id, "token": place.token})


_WANTED = Rows(merchant="text", connection="text", topic="text", every="float")
_ROW = "merchant_id = :merchant AND connection = :connection AND topic = :topic"
_PLANNED = sa.text("SELECT connection, topic, every_s FROM poll WHERE due IS NOT NULL")
_PLAN = sa.text(
    f"""INSERT INTO poll AS known (merchant_id, connection, topic, every_s, due)
    SELECT merchant, connection, topic, every, now() FROM {_WANTED.named("w")}
    ON CONFLICT (connection, topic, merchant_id) DO UPDATE SET every_s = excluded.every_s,
      due = least(coalesce(known.due, now()), now() + excluded.every_s * interval '1 s')"""  # noqa: S608  # ours
)
_RETIRE = sa.text(
    """UPDATE poll SET due = NULL WHERE due IS NOT NULL AND connection = ANY (:known)
      AND connection || ' ' || topic <> ALL (:wanted)"""
)
_LANES = sa.text(
    """INSERT INTO lane (direction, connection, shard)
    SELECT 'poll', wanted.code, 0 FROM unnest(CAST(:connections AS text[])) AS wanted (code)
    WHERE NOT EXISTS (SELECT FROM lane
      WHERE lane.direction = 'poll' AND lane.connection = wanted.code)
    ON CONFLICT DO NOTHING"""
)
_NEXT = sa.text(
    """SELECT poll.*, now() AS now, CAST(coalesce(extract(epoch FROM
        now() - CAST(run ->> 'kept_at' AS timestamptz)), 0) AS float) AS stood_s
    FROM poll
    WHERE connection = :connection AND due <= now() ORDER BY due, topic LIMIT 1"""
)
_BEGIN = sa.text(
    f"""UPDATE poll SET run = CAST(:run AS jsonb), began_at = now(),
      asked_since = nullif(asked_since, :asked) WHERE {_ROW}"""  # noqa: S608
)
_MOVED = sa.text(
    f"""UPDATE poll SET run = CAST(:run AS jsonb) || jsonb_build_object('kept_at', now()),
      reached_at = :reached,
      newest = coalesce(CAST(:newest AS bytea), newest), failures = 0, error = NULL,
      failed_at = NULL
    WHERE {_ROW}"""  # noqa: S608
)
_DONE = sa.text(
    f"""UPDATE poll SET run = NULL, token = :token, done_at = now(), failures = 0, error = NULL,
      failed_at = NULL, due = CASE WHEN due IS NULL OR due > :now THEN due
        ELSE now() + every_s * interval '1 s' END
    WHERE {_ROW}"""  # noqa: S608
)
_FAILED = sa.text(
    f"""UPDATE poll SET failures = failures + 1, error = CAST(:error AS jsonb), failed_at = now(),
      due = CASE WHEN due IS NULL THEN due ELSE now() + :wait * interval '1 s' END
    WHERE {_ROW}"""  # noqa: S608
)
_ANEW = sa.text(
    f"UPDATE poll SET run = CAST(:run AS jsonb), token = '' WHERE {_ROW}"  # noqa: S608
)
_REST = sa.text(f"UPDATE poll SET due = NULL WHERE {_ROW}")  # noqa: S608
_ASK = sa.text(
    """UPDATE poll SET due = now(), asked_since = coalesce(:since, asked_since)
    WHERE connection = :connection AND due IS NOT NULL RETURNING topic"""
)
