"""Work the inbox: claim a batch, decode it, let the flows decide in one transaction, bisect where
one message spoils it.
"""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from hub import flows, logs
from hub.flows.unit import Told, Unit, Verdict
from hub.model.document import Document
from hub.model.errors import (
    AlreadyDone,
    BadData,
    Contradiction,
    Ignored,
    IllegalTransition,
    NeedsPerson,
    NotAuthorised,
    OutcomeUnknown,
    TryLater,
    UnknownCode,
)
from hub.rules import retry
from hub.store import ending, lanes, work
from hub.store.database import DatabaseAway, is_passing
from hub.store.directory import Directory, Partner
from hub.store.lanes import Lane, LeaseLost
from hub.store.work import Claimed, Ended
from workers.engine import Engine, where
from workers.pausing import pause

log = logs.get("inbound")
_CHANCE = SystemRandom()
_RANK = {"ignored": 0, "done": 1, "waiting": 2, "parked": 3}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message with the documents it holds."""

    message: Claimed
    documents: tuple[Document, ...]


class HalfApplied(Exception):
    """A message holds several documents and one of them cannot be applied: none of them is."""


def drain_once(engine: Engine, lane: Lane) -> Sequence[Claimed]:
    """One batch. Returns what was claimed."""
    with engine.database.begin() as db:
        lanes.guard(db, lane)
        claimed = work.load(
            db, engine.vault, work.claim(db, lane, work.BATCH["in"], engine.identity.name)
        )
        directory = engine.directories.read(db)
    if not claimed:
        return []
    partner = directory.partners.get(lane.connection)
    try:
        if partner is None or partner.status == "paused":
            _write(engine, lane, [_paused(one) for one in claimed])
        else:
            _work(engine, lane, directory, partner, claimed)
    except (DatabaseAway, DBAPIError):
        engine.give_back(lane, claimed)
        raise
    return claimed


def _work(
    engine: Engine, lane: Lane, directory: Directory, partner: Partner, claimed: Sequence[Claimed]
) -> None:
    try:
        adapter = engine.adapter(partner, directory)
    except BadData as error:
        log.error("connection_unusable", connection=partner.code, path=error.path)
        _write(engine, lane, [_paused(one) for one in claimed], partner, "unusable")
        return
    decoded, spoilt, refused = [], [], False
    for message in claimed:
        try:
            documents = adapter.decode(message.topic, message.read())
            decoded.append(Decoded(message, tuple(documents)))
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, it is this message's fate and no other's
            spoilt.append(ended(message, error))
            refused = refused or isinstance(error, NotAuthorised)
    if spoilt:
        _write(engine, lane, spoilt, partner, "not_authorised" if refused else None)
    if decoded:
        _apply(engine, lane, directory, partner, decoded)


def _apply(
    engine: Engine, lane: Lane, directory: Directory, partner: Partner, batch: Sequence[Decoded]
) -> None:
    """All of the batch in one transaction; if that fails, each half in its own, down to the
    culprit.
    """
    try:
        rings = engine.database.unit(
            lambda db: _transact(
                Unit(db, engine.vault, directory, datetime.now(UTC)), lane, partner, batch
            )
        )
    except (LeaseLost, DatabaseAway):
        raise
    except Exception as error:  # noqa: BLE001  # see above
        if len(batch) > 1:
            middle = len(batch) // 2
            _apply(engine, lane, directory, partner, batch[:middle])
            _apply(engine, lane, directory, partner, batch[middle:])
            return
        _write(engine, lane, [ended(batch[0].message, error)])
        return
    engine.bell.ring(rings)
    engine.identity.progress()


def _transact(
    unit: Unit, lane: Lane, partner: Partner, batch: Sequence[Decoded]
) -> set[tuple[str, str, int]]:
    lanes.guard(unit.db, lane)
    ending.lock_keys(unit.db, lane.direction, lane.connection, [one.message.key for one in batch])
    told, owners = [], []
    for index, one in enumerate(batch):
        for document in one.documents:
            told.append(Told(document, partner, one.message.id, one.message.correlation_id))
            owners.append(index)
    verdicts: list[list[Verdict]] = [[] for _ in batch]
    for owner, verdict in zip(owners, flows.take(unit, told), strict=True):
        verdicts[owner].append(verdict)
    ending.end(
        unit.db,
        unit.vault,
        lane,
        [_judged(one.message, found) for one, found in zip(batch, verdicts, strict=True)],
    )
    return unit.rings


def _judged(message: Claimed, verdicts: Sequence[Verdict]) -> Ended:
    if not verdicts:
        return Ended(message, "ignored", "ignored", _error("nothing_in_it", "it holds no document"))
    worst = max(verdicts, key=lambda verdict: _RANK[verdict.status])
    half = any(verdict.status == "done" for verdict in verdicts)
    if half and _RANK[worst.status] >= _RANK["waiting"]:
        raise HalfApplied(f"{worst.code}: {worst.message}")
    order_id = next((verdict.order_id for verdict in verdicts if verdict.order_id), None)
    error = _error(worst.code, worst.message, worst.path) if worst.code else None
    return Ended(
        message,
        worst.status,
        worst.status,
        error,
        waits_for=worst.waits_for,
        counted=worst.status != "waiting",
        order_id=order_id,
    )


def ended(message: Claimed, error: Exception) -> Ended:
    """The fate of an inbound message that failed. A table, top to bottom."""
    match error:
        case Ignored():
            return Ended(message, "ignored", "ignored", _error(error.code, str(error)))
        case UnknownCode():
            fact = f"{error.waits_for}:{message.connection}"
            found = _error(error.code, str(error), error.path)
            return Ended(message, "waiting", "waiting", found, waits_for=fact, counted=False)
        case NotAuthorised():
            fact = f"connection:{message.connection}"
            found = _error(error.code, str(error))
            return Ended(message, "waiting", "not_authorised", found, waits_for=fact, counted=False)
        case NeedsPerson():
            return Ended(message, "parked", "parked", _error(error.code, str(error), error.path))
        case IllegalTransition():
            return Ended(message, "parked", "parked", _error(Contradiction.code, str(error)))
        case HalfApplied():
            return Ended(message, "parked", "parked", _error(Contradiction.code, str(error)))
        case TryLater() | OutcomeUnknown() | AlreadyDone():
            return _later(message, error)
        case DBAPIError() if is_passing(error):
            return _later(message, TryLater("the database had no time for it"))
        case _:
            return _our_bug(message, error)


def _later(message: Claimed, error: Exception) -> Ended:
    after = error.retry_after if isinstance(error, TryLater) else None
    wait = retry.next_try(message.attempts, _CHANCE, retry_after=after)
    if wait is None:
        return Ended(message, "parked", "gave_up", _error("gave_up", str(error)))
    return Ended(message, "retry", "try_later", _error("try_later", str(error)), wait_s=wait)


def _our_bug(message: Claimed, error: Exception) -> Ended:
    log.error(
        "internal_error", message=str(message.id), reason=type(error).__name__, where=where(error)
    )
    exchange = "".join(traceback.format_exception(error, limit=-8)).encode()[:20_000]
    found = _error("internal_error", f"{type(error).__name__}: our own fault")
    if message.attempts <= len(retry.BUG_SCHEDULE_S):
        wait = retry.BUG_SCHEDULE_S[message.attempts - 1]
        return Ended(message, "retry", "internal_error", found, wait_s=wait, exchange=exchange)
    return Ended(message, "parked", "internal_error", found, exchange=exchange)


def _paused(message: Claimed) -> Ended:
    found = _error("connection_paused", f"connection {message.connection} is paused")
    fact = f"connection:{message.connection}"
    return Ended(message, "waiting", "waiting", found, waits_for=fact, counted=False)


def _error(code: str, message: str, path: str = "") -> dict[str, str]:
    return {"code": code, "message": message[:2000], "path": path}


def _write(
    engine: Engine,
    lane: Lane,
    rows: Sequence[Ended],
    partner: Partner | None = None,
    because: str | None = None,
) -> None:
    """Write how messages ended; where the partner refuses us, `because` pauses its connection."""

    def write(db: Connection) -> None:
        lanes.guard(db, lane)
        ending.lock_keys(db, lane.direction, lane.connection, [one.message.key for one in rows])
        ending.end(db, engine.vault, lane, rows)
        if partner is not None and because is not None:
            pause(db, partner, because)

    engine.database.unit(write)
