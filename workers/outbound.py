"""Work the outbox: claim what the breaker and the pace allow, tell the partner, keep its receipt.

No transaction is open during a call. The attempt, with its deadline, is committed before the first
byte; what becomes of it is written afterwards under the lane's fence (`fates.py`). An unknown
outcome is asked about before anything is sent again.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.engine import Connection

from adapters.ports import Adapter
from hub import logs
from hub.flows import pace
from hub.model.errors import BadData
from hub.rules.pace import Waiting
from hub.store import lanes, waking, work
from hub.store.database import DatabaseAway
from hub.store.directory import Partner
from hub.store.lanes import LEASE_S, Lane
from hub.store.outbox import BULK, URGENT
from hub.store.work import Claimed
from workers.calls import Outcome, in_turn, prepare
from workers.engine import Engine
from workers.fates import keep
from workers.gate import Gate
from workers.pausing import pause
from workers.terms import BEGIN_S, Terms, terms_of
from workers.window import Window

log = logs.get("outbound")
_PACE_S = 0.1
"""Where the pace is what a lane waits for, it asks no more often than this."""
_FIRST_GATHER, _CALL_S = 4, 1.0
"""Where calls go one by one: how many messages are claimed at first, and how long a batch may take.
A slow partner gets few at a time, so that it never outlasts the lease, a quick one many."""
_STRETCH_S, _AHEAD_S = 5.0, 0.5
"""Where several calls go at a time: for how long more is claimed while some are under way, and for
how long there is to be something in hand to begin with."""


@dataclass(frozen=True, slots=True)
class _Batch:
    terms: Terms
    adapter: Adapter
    messages: list[Claimed]


_Told = tuple[Sequence[Claimed], set[UUID]]
"""What was claimed, and the ids of what was called or decided."""


def drain_once(engine: Engine, lane: Lane) -> Sequence[Claimed]:
    """One batch, or a stretch of them where calls go side by side. Returns what was claimed."""
    since = time.monotonic()
    first = _next(engine, lane, None)
    if first is None:
        return []

    def may_begin() -> bool:
        return time.monotonic() < since + BEGIN_S and not engine.stopping.is_set()

    gate = Gate(first.terms.partner.code, engine.quiet, may_begin)
    tell = _in_turn if first.terms.threads == 1 else _side_by_side
    try:
        claimed, called = tell(engine, lane, first, gate)
    except DatabaseAway:
        log.warning("database_away", lane=lane.id, reason="outcomes are found again by asking")
        raise
    left = [one for one in claimed if one.id not in called]
    if left:
        _give_back(engine, lane, first.terms.partner, left)
    return claimed


def _next(engine: Engine, lane: Lane, most: int | None) -> _Batch | None:
    """The next messages to tell, at most so many beside others that are under way; None where there
    are none.
    """
    with engine.database.begin() as db:
        terms = terms_of(engine, engine.directories.read(db), lane)
        lanes.guard(db, lane, terms.lease_s if terms else LEASE_S)
        adapter = _adapter(engine, db, terms) if terms else None
        if terms is None or adapter is None:
            waking.wait_all(db, lane, f"connection:{lane.connection}")
            return None
        messages = _claim(engine, db, lane, terms, most)
    return _Batch(terms, adapter, messages) if messages else None


def _in_turn(engine: Engine, lane: Lane, batch: _Batch, gate: Gate) -> _Told:
    """Call after call, their outcomes kept together."""
    since, terms = time.monotonic(), batch.terms
    outcomes, jobs = prepare(batch.adapter, batch.messages, terms.manifest.batch)
    outcomes += in_turn(jobs, gate)
    engine.gather[terms.partner.code] = _next_gather(len(outcomes), time.monotonic() - since)
    keep(engine, lane, terms, outcomes)
    return batch.messages, {one.message.id for one in outcomes}


def _side_by_side(engine: Engine, lane: Lane, first: _Batch, gate: Gate) -> _Told:
    """Several calls at a time for a while: outcomes are kept and more is claimed meanwhile. What
    crashed before is alone in hand.
    """
    since, terms = time.monotonic(), first.terms
    batch: _Batch | None = first
    code, claimed, called = terms.partner.code, list[Claimed](), set[UUID]()
    alone = any(one.crashes for one in first.messages)
    window = Window(engine.callers, terms.threads, gate)

    def room() -> int:
        """For how many more to claim."""
        over = alone or time.monotonic() > since + _STRETCH_S or not gate.is_open()
        if over or engine.seats.gives_way(lane.id) is not None:
            return 0
        wanted = max(engine.gather[code], terms.manifest.batch)
        free = wanted - (len(claimed) - len(called))
        return free if free >= min(wanted, max(terms.manifest.batch, wanted // 4)) else 0

    try:
        while batch is not None or len(called) < len(claimed):
            outcomes: list[Outcome] = []
            if batch is not None:
                terms = batch.terms
                claimed += batch.messages
                outcomes, jobs = prepare(batch.adapter, batch.messages, terms.manifest.batch)
                window.add(jobs)
            outcomes += window.some(max((len(claimed) - len(called)) // 2, 1))
            if outcomes:
                keep(engine, lane, terms, outcomes)
                called |= {one.message.id for one in outcomes}
                rate = len(called) / (time.monotonic() - since)
                engine.gather[code] = terms.threads + min(int(rate * _AHEAD_S), work.BATCH["out"])
            elif not window.is_busy:
                break
            more = room()
            batch = _next(engine, lane, more) if more else None
    finally:
        window.stop()
    return claimed, called


def _give_back(engine: Engine, lane: Lane, partner: Partner, left: Sequence[Claimed]) -> None:
    """What was not called goes back untouched, and its share of the pace with it. Neither does once
    the lane is somebody else's: who is late must not open the door to a second probe.
    """
    engine.give_back(lane, left, lambda db: pace.give_back(db, partner.code, len(left)))


def _adapter(engine: Engine, db: Connection, terms: Terms) -> Adapter | None:
    """None where the connection's settings do not fit: it is paused until somebody mends them."""
    try:
        return engine.adapter(terms.partner, terms.directory)
    except BadData as error:
        log.error("connection_unusable", connection=terms.partner.code, path=error.path)
        pause(db, terms.partner, "unusable")
        return None


def _claim(
    engine: Engine, db: Connection, lane: Lane, terms: Terms, room: int | None
) -> list[Claimed]:
    partner = terms.partner
    first = _FIRST_GATHER if terms.threads == 1 else 2 * terms.threads
    gathered = engine.gather.setdefault(partner.code, first) if room is None else room
    most = min(max(terms.manifest.batch, gathered), work.BATCH["out"])
    due = work.waiting(db, lane, most)
    waiting = Waiting(
        urgent=due.get((True, URGENT), 0),
        bulk=due.get((True, BULK), 0),
        urgent_elsewhere=(False, URGENT) in due,
        bulk_elsewhere=(False, BULK) in due,
    )
    may = pace.permit(db, partner.code, waiting, most, partner.limits)
    allowed = may.urgent + may.bulk
    if may.wait_s:
        engine.bell.ring_later(lane.id, max(may.wait_s, _PACE_S))
    if not allowed:
        return []
    claimed = work.claim(
        db,
        lane,
        allowed,
        engine.identity.name,
        terms.deadline_s,
        may.bulk,
        beside=room is not None,
    )
    pace.give_back(db, partner.code, allowed - len(claimed))
    return work.load(db, engine.vault, claimed)


def _next_gather(calls: int, took_s: float) -> int:
    """As many as would have fitted into the time, at most twice as many as before."""
    fitting = int(calls * _CALL_S / max(took_s, 0.001))
    return max(1, min(fitting, 2 * calls))
