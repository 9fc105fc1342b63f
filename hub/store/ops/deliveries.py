"""Deliveries at the door: when one was last taken and refused, and how many were refused for what.

Nothing of what a stranger sent is kept, only that he knocked. Rows are few: a count for each
connection, code and five minutes of the last day. All gateways add to the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows


@dataclass(slots=True)
class Knocks:
    """What came to one connection since it was written down last. Moments are seconds of a clock
    that only goes forward. `unproved`: those since the last that was taken whose signature did not
    hold; `secrets`: what proves them.
    """

    accepted_at: float | None = None
    refused_at: float | None = None
    code: str | None = None
    refused: dict[str, int] = field(default_factory=dict)
    unproved: int = 0
    unproved_code: str | None = None
    secrets: str = ""


def add(db: Connection, knocks: Mapping[str, Knocks], now: float) -> None:
    """Write down what came, in one statement."""
    arrived = sorted(knocks.items())
    refused = (
        (connection, code, count)
        for connection, came in arrived
        for code, count in sorted(came.refused.items())
    )
    came = (_came(connection, knocked, now) for connection, knocked in arrived)
    db.execute(_ADD, {**_REFUSED.of(refused), **_CAME.of(came)})


def forget_old(db: Connection) -> None:
    """Drop counts that nobody asks for any more."""
    db.execute(sa.text("DELETE FROM refusal WHERE slot < now() - interval '25 hours'"))


def _came(connection: str, came: Knocks, now: float) -> tuple[Any, ...]:
    when = (_ago(came.accepted_at, now), _ago(came.refused_at, now))
    return (connection, *when, came.code, came.unproved, came.unproved_code, came.secrets)


def _ago(moment: float | None, now: float) -> float | None:
    return None if moment is None else max(now - moment, 0.0)


_REFUSED = Rows(refused_by="text", refused_as="text", count="int")
_CAME = Rows(
    connection="text",
    accepted="float",
    refused="float",
    why="text",
    unproved="int",
    unproved_why="text",
    secrets="text",
)
_ADD = sa.text(
    f"""WITH counted AS (
      INSERT INTO refusal AS known (connection, code, slot, count)
      SELECT refused_by, refused_as, date_bin('5 minutes', now(), 'epoch'), count
      FROM {_REFUSED.named("c")}
      ON CONFLICT (connection, slot, code) DO UPDATE SET count = known.count + excluded.count
    )
    INSERT INTO intake AS known (connection, accepted_at, refused_at, refused_code, unproved,
      unproved_code, secrets)
    SELECT connection, now() - accepted * interval '1 s', now() - refused * interval '1 s', why,
      unproved, unproved_why, secrets
    FROM {_CAME.named("k")}
    ON CONFLICT (connection) DO UPDATE SET
      accepted_at = greatest(known.accepted_at, excluded.accepted_at),
      refused_at = greatest(known.refused_at, excluded.refused_at),
      refused_code = CASE WHEN excluded.refused_at >= coalesce(known.refused_at, '-infinity')
        THEN excluded.refused_code ELSE known.refused_code END,
      unproved = excluded.unproved
        + CASE WHEN excluded.accepted_at IS NULL THEN known.unproved ELSE 0 END,
      unproved_code = coalesce(excluded.unproved_code, known.unproved_code),
      secrets = coalesce(nullif(excluded.secrets, ''), known.secrets)"""  # noqa: S608  # ours
)
