"""What single processes cannot use: which connection, in which direction, for want of what.

A process writes its own rows anew every few seconds; those of one that is gone count no more
(`views/connection_health.py`).
"""

from collections.abc import Collection
from dataclasses import astuple, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection as Db

from hub.model.errors import BadData
from hub.store.base.rows import Rows
from hub.store.config.snapshot import Connection


@dataclass(frozen=True, slots=True)
class Hindrance:
    """`lacks`: `env`, `file` or `enc` (a secret kept so), `adapter`, or `setting`; `name`: the
    variable, the file, the secret, the adapter or the setting.
    """

    connection: str
    direction: str
    lacks: str
    name: str


def of(partner: Connection, direction: str, error: BadData) -> Hindrance:
    """What a connection lacks, by the error that its adapter could not be made for."""
    if error.path == "adapter":
        return Hindrance(partner.code, direction, "adapter", partner.adapter)
    place, _, name = error.path.partition(".")
    if error.code == "missing_secret" and place == "secrets":
        kind, _, where = str(partner.secrets.get(name, "")).partition(":")
        return Hindrance(partner.code, direction, kind, name if kind == "enc" else where)
    return Hindrance(partner.code, direction, "setting", error.path)


def save(db: Db, host: str, pid: int, kind: str, hindrances: Collection[Hindrance]) -> None:
    """Make these the ones of a process."""
    ordered = sorted(hindrances, key=lambda hindrance: (hindrance.connection, hindrance.direction))
    at: dict[str, Any] = {"host": host, "pid": pid, "kind": kind}
    stay = _PLACES.of((hindrance.connection, hindrance.direction) for hindrance in ordered)
    db.execute(_FORGET, {**at, **stay})
    if ordered:
        db.execute(_SAVE, {**at, **_HINDRANCES.of(map(astuple, ordered))})


def forget_old(db: Db) -> None:
    """Drop the rows of processes that are gone."""
    db.execute(sa.text("DELETE FROM hindrance WHERE seen_at < now() - interval '1 hour'"))


_PLACES = Rows(connection="text", direction="text")
_HINDRANCES = Rows(connection="text", direction="text", lacks="text", name="text")
_FORGET = sa.text(
    f"""DELETE FROM hindrance WHERE host = :host AND pid = :pid AND kind = :kind
      AND (connection, direction) NOT IN (
        SELECT * FROM {_PLACES.arrays})"""  # noqa: S608  # ours
)
_SAVE = sa.text(
    f"""INSERT INTO hindrance AS known (host, pid, kind, connection, direction, lacks, name)
    SELECT :host, :pid, :kind, * FROM {_HINDRANCES.arrays}
    ON CONFLICT (host, pid, kind, connection, direction) DO UPDATE
    SET lacks = excluded.lacks, name = excluded.name, seen_at = now()"""  # noqa: S608  # ours
)
