"""What people ask for on messages: replay, edit and replay, discard, or say how an unknown outcome
ended.

The original never changes: an edit is a new version of it. A replay runs again however often it ran
before, and what it tells partners still carries the first key, so that they recognise it. What it
would tell must still be so: an overtaken message is closed instead.

Many at once: `replay_selection.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.flows.messages import overtaking
from hub.flows.unit import Unit
from hub.model.errors import (
    BadData,
    IllegalTransition,
    NeedsPerson,
    NotFound,
    Overtaken,
    PayloadGone,
)
from hub.rules.messages import replaying
from hub.rules.messages.replaying import Refusal, Standing
from hub.store.base import sealed_words
from hub.store.base.statuses import HEAD
from hub.store.history import archiving
from hub.store.messages import finish, requeue
from hub.store.messages.inbox import shard_of
from hub.store.people import audit_trail


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many are on their way again, and those that were closed instead."""

    count: int
    overtaken: Mapping[UUID, Overtaken]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one message was left out."""

    reason: Refusal
    error: NeedsPerson | IllegalTransition

    @property
    def successor(self) -> str | None:
        """What took its place."""
        return self.error.successor if isinstance(self.error, Overtaken) else None


def replay(unit: Unit, message_ids: Sequence[UUID], actor: str, reason: str) -> Replayed:
    """Work messages again, but for those that are overtaken. NotFound, IllegalTransition or
    PayloadGone names the first that cannot be; then none is.
    """
    if not message_ids:
        return Replayed(0, {})
    rows = load(unit, message_ids)
    refused = work(unit, rows, actor, reason, is_named=True)
    over = {
        id_: refusal.error
        for id_, refusal in refused.items()
        if isinstance(refusal.error, Overtaken)
    }
    for id_, refusal in refused.items():
        if id_ not in over:
            raise refusal.error
    return Replayed(len(rows) - len(over), over)


def edit(unit: Unit, message_id: UUID, payload: bytes, actor: str, reason: str) -> int | Overtaken:
    """Keep a new version of a message and work that. Returns its number; or, as a replay does, why
    what it would tell is over: where it stood in a queue, it is closed.
    """
    row = load(unit, [message_id])[0]
    if not payload:
        raise BadData("the new version is empty", path="payload", code="empty_body")
    if over := overtaken(unit, [row]):
        _close(unit, [row], over, actor, reason)
        return over[row.id]
    _allow(row, replaying.REPLAYABLE, "edit")
    version = requeue.add_version(unit.db, unit.vault, row, payload, actor, reason)
    _replay(unit, row, actor, reason, action="message.edit")
    return version


def discard(unit: Unit, message_ids: Sequence[UUID], actor: str, reason: str) -> int:
    """Give messages up, with the reason; what stood behind them goes on."""
    rows = load(unit, message_ids)
    for row in rows:
        _allow(row, replaying.DISCARDABLE, "discard")
        _finish(unit, row, "discarded")
        _audit(unit, row, actor, "message.discard", reason)
    return len(rows)


def settle_unknown(unit: Unit, message_id: UUID, actor: str, *, arrived: bool) -> str:
    """A person looked: it arrived, so it is delivered; or it did not, so it is sent, unless it is
    overtaken. Returns the new status.
    """
    row = load(unit, [message_id])[0]
    _allow(row, replaying.SETTLEABLE, "settle")
    said, status = "it arrived", "delivered"
    if arrived:
        _finish(unit, row, status)
    else:
        said, status = "it did not arrive", "pending"
        if over := overtaken(unit, [row]):
            overtaking.close(unit, over)
            status = "superseded"
        else:
            _queue(unit, row)
    _audit(unit, row, actor, "message.settle", said)
    return status


def overtaken(unit: Unit, rows: Sequence[Any]) -> dict[UUID, Overtaken]:
    """What must not be told any more, and what something took the place of already."""
    over = overtaking.overtaken(unit, [row for row in rows if row.direction == "out"])
    for row in rows:
        if row.status == "superseded" and row.said:
            said = sealed_words.shown(
                unit.vault, row.said, "message.error", row.merchant_id, row.id
            )
            over[row.id] = Overtaken(said or "", successor=row.successor)
    return over


def load(unit: Unit, ids: Sequence[UUID]) -> list[Any]:
    """These messages, locked. NotFound names one that is not there."""
    return _in_order(requeue.find(unit.db, ids), ids)


def look(unit: Unit, ids: Sequence[UUID]) -> list[Any]:
    """These messages, none of them locked. NotFound names one that is not there."""
    return _in_order(requeue.look(unit.db, ids), ids)


def _in_order(rows: Mapping[UUID, Any], ids: Sequence[UUID]) -> list[Any]:
    for id_ in ids:
        if id_ not in rows:
            raise NotFound(f"no message {id_}")
    return [rows[id_] for id_ in dict.fromkeys(ids)]


def work(
    unit: Unit, rows: Sequence[Any], actor: str, reason: str, *, is_named: bool
) -> dict[UUID, Refused]:
    """Queue what may be worked again, close what is overtaken. Returns what was refused."""
    over = overtaken(unit, rows)
    _close(unit, rows, over, actor, reason)
    refused = judge(unit, rows, over, is_named=is_named)
    for row in rows:
        if row.id not in refused:
            _replay(unit, row, actor, reason)
    return refused


def _close(
    unit: Unit, rows: Sequence[Any], over: Mapping[UUID, Overtaken], actor: str, reason: str
) -> None:
    """Those overtaken that stand in a queue leave it."""
    overtaking.close(unit, over)
    for row in rows:
        if row.id in over and row.unfinished:
            _audit(unit, row, actor, "message.overtaken", reason)


def judge(
    unit: Unit, rows: Sequence[Any], over: Mapping[UUID, Overtaken], *, is_named: bool
) -> dict[UUID, Refused]:
    """What is not worked again, each with why."""
    refused = {}
    for row in rows:
        standing = Standing(
            direction=row.direction,
            status=row.status,
            code=row.reason,
            is_held=archiving.is_held(unit.db, unit.vault.shelf, row),
            is_overtaken=row.id in over,
        )
        reason = replaying.refusal(standing, is_named=is_named)
        if reason is not None:
            refused[row.id] = Refused(reason, over.get(row.id) or _said(row, reason))
    return refused


def _said(row: Any, reason: Refusal) -> NeedsPerson | IllegalTransition:
    if reason == Refusal.PAYLOAD_GONE:
        return PayloadGone("its payload cannot be had any more: edit it, or have it sent again")
    if reason == Refusal.TOLD:
        return NeedsPerson("the partner has it: name it to tell it again", code=reason)
    if reason == Refusal.UNKNOWN_OUTCOME:
        return NeedsPerson("it may have arrived: look at it by itself", code=reason)
    return IllegalTransition("message", row.status, "replay")


def _replay(unit: Unit, row: Any, actor: str, reason: str, action: str = "message.replay") -> None:
    # what may have happened is asked about again before it is told again
    ask = row.direction == "out" and row.reason in replaying.ASKED_FIRST
    _queue(unit, row, "unknown" if ask else None)
    _audit(unit, row, actor, action, reason)


def _queue(unit: Unit, row: Any, status: str | None = None) -> None:
    """Make it claimable: at once where it is queued already, else behind its key's others."""
    if row.unfinished:
        requeue.requeue(unit.db, row, status or HEAD[row.direction])
        shard = row.shard
    else:
        partner = unit.directory.connections.get(row.connection)
        shard = shard_of(row.key, partner.shards if partner else 1)
        archiving.bring_back(unit.db, unit.vault, row.id)
        requeue.enqueue(unit.db, row, shard)
    unit.rings.add((row.direction, row.connection, shard))


def _finish(unit: Unit, row: Any, status: str) -> None:
    requeue.end(unit.db, row, status)
    finish.lock_keys(unit.db, row.direction, row.connection, [row.key])
    finish.finish(unit.db, row.direction, row.connection, [(row.id, row.key)])
    unit.rings.add((row.direction, row.connection, row.shard))


def _allow(row: Any, allowed: Mapping[str, frozenset[str]], what: str) -> None:
    if row.status not in allowed[row.direction]:
        raise IllegalTransition("message", row.status, what)


def _audit(unit: Unit, row: Any, actor: str, action: str, reason: str) -> None:
    audit_trail.record(
        unit.db, row.merchant_id, actor, action, f"message:{row.id}", {"reason": reason}, unit.at
    )
