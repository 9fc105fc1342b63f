"""What people ask for on messages: replay, edit and replay, discard, or say how an unknown outcome
ended.

The original never changes: an edit is a new version of it. A replay runs again however often it ran
before, and what it tells partners still carries the first key, so that they recognise it.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.errors import BadData, IllegalTransition, NotFound
from hub.store import archiving, audit, ending, mending
from hub.store.inbox import shard_of
from hub.store.work import HEAD

_REPLAYABLE = {
    "in": {"parked", "waiting", "done", "ignored"},
    "out": {"parked", "waiting", "delivered"},
}
_DISCARDABLE = {
    "in": {"parked", "waiting", "received", "retry"},
    "out": {"parked", "waiting", "pending", "retry"},
}


def replay(unit: Unit, message_ids: Sequence[UUID], actor: str, reason: str) -> int:
    """Work messages again. NotFound or IllegalTransition names the first that cannot be; then none
    is.
    """
    rows = _load(unit, message_ids)
    for row in rows:
        _replay(unit, row, actor, reason)
    return len(rows)


def edit(unit: Unit, message_id: UUID, payload: bytes, actor: str, reason: str) -> int:
    """Keep a new version of a message and work that. Returns its number."""
    row = _load(unit, [message_id])[0]
    if not payload:
        raise BadData("the new version is empty", path="payload", code="empty_body")
    _allow(row, _REPLAYABLE, "edit")
    version = mending.add_version(unit.db, unit.vault, row, payload, actor, reason)
    _replay(unit, row, actor, reason, action="message.edit")
    return version


def discard(unit: Unit, message_ids: Sequence[UUID], actor: str, reason: str) -> int:
    """Give messages up, with the reason; what stood behind them goes on."""
    rows = _load(unit, message_ids)
    for row in rows:
        _allow(row, _DISCARDABLE, "discard")
        _finish(unit, row, "discarded")
        _audit(unit, row, actor, "message.discard", reason)
    return len(rows)


def settle_unknown(unit: Unit, message_id: UUID, actor: str, *, arrived: bool) -> str:
    """A person looked: it arrived, so it is delivered; or it did not, so it is sent. Returns the
    new status.
    """
    row = _load(unit, [message_id])[0]
    if row.status not in {"parked", "unknown"} or row.direction != "out":
        raise IllegalTransition("message", row.status, "settle")
    if arrived:
        _finish(unit, row, "delivered")
    else:
        _queue(unit, row)
    _audit(unit, row, actor, "message.settle", "it arrived" if arrived else "it did not arrive")
    return "delivered" if arrived else "pending"


def _replay(unit: Unit, row: Any, actor: str, reason: str, action: str = "message.replay") -> None:
    _allow(row, _REPLAYABLE, "replay")
    # what may have happened is asked about again before it is told again
    ask = row.direction == "out" and row.reason in {"unknown_outcome", "crashes_worker"}
    _queue(unit, row, "unknown" if ask else None)
    _audit(unit, row, actor, action, reason)


def _queue(unit: Unit, row: Any, status: str | None = None) -> None:
    """Make it claimable: at once where it is queued already, else behind its key's others."""
    if row.unfinished:
        mending.requeue(unit.db, row, status or HEAD[row.direction])
        shard = row.shard
    else:
        partner = unit.directory.partners.get(row.connection)
        shard = shard_of(row.key, partner.shards if partner else 1)
        archiving.bring_back(unit.db, unit.vault, row.id)
        mending.enqueue(unit.db, row, shard)
    unit.rings.add((row.direction, row.connection, shard))


def _finish(unit: Unit, row: Any, status: str) -> None:
    mending.end(unit.db, row, status)
    ending.lock_keys(unit.db, row.direction, row.connection, [row.key])
    ending.finish(unit.db, row.direction, row.connection, [(row.id, row.key)])
    unit.rings.add((row.direction, row.connection, row.shard))


def _allow(row: Any, allowed: dict[str, set[str]], what: str) -> None:
    if row.status not in allowed[row.direction]:
        raise IllegalTransition("message", row.status, what)


def _load(unit: Unit, ids: Sequence[UUID]) -> list[Any]:
    rows = mending.find(unit.db, ids)
    for id_ in ids:
        if id_ not in rows:
            raise NotFound(f"no message {id_}")
    return [rows[id_] for id_ in dict.fromkeys(ids)]


def _audit(unit: Unit, row: Any, actor: str, action: str, reason: str) -> None:
    audit.record(
        unit.db, row.merchant_id, actor, action, f"message:{row.id}", {"reason": reason}, unit.at
    )
