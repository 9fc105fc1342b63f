"""Work the outbox: claim what the breaker and the pace allow, tell the partner, keep its receipt.

No transaction is open during a call. The attempt, with its deadline, is committed before the first
byte; what becomes of it is written afterwards under the lane's fence (`fates.py`). An unknown
outcome is asked about before anything is sent again.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.engine import Connection as Db

from adapters.ports import Parts
from hub import logs
from hub.flows.messages import overtaking
from hub.flows.ops import pace
from hub.flows.unit import Unit
from hub.model.errors import Overtaken
from hub.rules.messages.overtaking import OF_GOODS
from hub.rules.ops.pace import Waiting
from hub.store.base.failures import DatabaseAway
from hub.store.config.snapshot import Connection
from hub.store.messages import lanes, message_waits, queue
from hub.store.messages.claimed import Claimed
from hub.store.messages.lanes import LEASE_S, Lane
from hub.store.messages.outbox import BULK, URGENT
from workers.context import Context
from workers.outbound.call_guard import Gate
from workers.outbound.call_pool import Window
from workers.outbound.calls import Job, Outcome, in_turn, prepare
from workers.outbound.fates import keep
from workers.outbound.terms import BEGIN_S, Terms, terms_of

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
    """What was claimed, and what of it is overtaken: that is closed instead of told."""

    terms: Terms
    adapter: Parts
    messages: list[Claimed]
    over: Mapping[UUID, Overtaken]

    def prepared(self) -> tuple[list[Outcome], list[Job]]:
        return prepare(self.adapter, self.messages, self.terms.manifest.batch, self.over)


_Told = tuple[Sequence[Claimed], set[UUID]]
"""What was claimed, and the ids of what was called or decided."""


def drain_once(context: Context, lane: Lane) -> Sequence[Claimed]:
    """One batch, or a stretch of them where calls go side by side. Returns what was claimed."""
    since = time.monotonic()
    first = _next(context, lane, None)
    if first is None:
        return []

    def may_begin() -> bool:
        return time.monotonic() < since + BEGIN_S and not context.stopping.is_set()

    gate = Gate(first.terms.partner.code, context.quiet, may_begin)
    tell = _in_turn if first.terms.threads == 1 else _side_by_side
    try:
        claimed, called = tell(context, lane, first, gate)
    except DatabaseAway:
        log.warning("database_away", lane=lane.id, reason="outcomes are found again by asking")
        raise
    left = [message for message in claimed if message.id not in called]
    if left:
        _give_back(context, lane, first.terms.partner, left)
    return claimed


def _next(context: Context, lane: Lane, most: int | None) -> _Batch | None:
    """The next messages to tell, at most so many beside others that are under way; None where there
    are none.
    """
    with context.database.begin() as db:
        terms = terms_of(context, context.directories.read(db), lane)
        lanes.guard(db, lane, terms.lease_s if terms else LEASE_S)
        if terms is None:
            message_waits.wait_all(db, lane, f"connection:{lane.connection}")
            return None
        if not context.can_use(terms.partner, terms.directory, lane.direction):
            return None
        adapter = context.adapter(terms.partner, terms.directory, lane.direction)
        messages = _claim(context, db, lane, terms, most)
        unit = Unit(db, context.vault, terms.directory, datetime.now(UTC))
        goods = [message for message in messages if message.topic in OF_GOODS]
        over = overtaking.overtaken(unit, goods)
    return _Batch(terms, adapter, messages, over) if messages else None


def _in_turn(context: Context, lane: Lane, batch: _Batch, gate: Gate) -> _Told:
    """Call after call, their outcomes kept together."""
    since, terms = time.monotonic(), batch.terms
    outcomes, jobs = batch.prepared()
    outcomes += in_turn(jobs, gate)
    context.gather[terms.partner.code] = _next_gather(len(outcomes), time.monotonic() - since)
    keep(context, lane, terms, outcomes)
    return batch.messages, {one.message.id for one in outcomes}


def _side_by_side(context: Context, lane: Lane, first: _Batch, gate: Gate) -> _Told:
    """Several calls at a time for a while: outcomes are kept and more is claimed meanwhile. What
    crashed before is alone in hand.
    """
    since, terms = time.monotonic(), first.terms
    batch: _Batch | None = first
    code, claimed, called = terms.partner.code, list[Claimed](), set[UUID]()
    alone = any(message.crashes for message in first.messages)
    window = Window(context.callers, terms.threads, gate)

    def room() -> int:
        """For how many more to claim."""
        over = alone or time.monotonic() > since + _STRETCH_S or not gate.is_open()
        if over or context.seats.gives_way(lane.id) is not None:
            return 0
        wanted = max(context.gather[code], terms.manifest.batch)
        free = wanted - (len(claimed) - len(called))
        return free if free >= min(wanted, max(terms.manifest.batch, wanted // 4)) else 0

    try:
        while batch is not None or len(called) < len(claimed):
            outcomes: list[Outcome] = []
            if batch is not None:
                terms = batch.terms
                claimed += batch.messages
                outcomes, jobs = batch.prepared()
                window.add(jobs)
            outcomes += window.some(max((len(claimed) - len(called)) // 2, 1))
            if outcomes:
                keep(context, lane, terms, outcomes)
                called |= {outcome.message.id for outcome in outcomes}
                rate = len(called) / (time.monotonic() - since)
                context.gather[code] = terms.threads + min(int(rate * _AHEAD_S), queue.BATCH["out"])
            elif not window.is_busy:
                break
            more = room()
            batch = _next(context, lane, more) if more else None
    finally:
        window.stop()
    return claimed, called


def _give_back(context: Context, lane: Lane, partner: Connection, left: Sequence[Claimed]) -> None:
    """What was not called goes back untouched, and its share of the pace with it. Neither does once
    the lane is somebody else's: who is late must not open the door to a second probe.
    """
    context.give_back(lane, left, lambda db: pace.give_back(db, partner.code, len(left)))


def _claim(context: Context, db: Db, lane: Lane, terms: Terms, room: int | None) -> list[Claimed]:
    partner = terms.partner
    first = _FIRST_GATHER if terms.threads == 1 else 2 * terms.threads
    gathered = context.gather.setdefault(partner.code, first) if room is None else room
    most = min(max(terms.manifest.batch, gathered), queue.BATCH["out"])
    due = queue.waiting(db, lane, most)
    waiting = Waiting(
        urgent=due.get((True, URGENT), 0),
        bulk=due.get((True, BULK), 0),
        urgent_elsewhere=(False, URGENT) in due,
        bulk_elsewhere=(False, BULK) in due,
    )
    may = pace.permit(db, partner.code, waiting, most, partner.limits)
    allowed = may.urgent + may.bulk
    if may.wait_s:
        context.bell.ring_later(lane.id, max(may.wait_s, _PACE_S))
    if not allowed:
        return []
    claimed = queue.claim(
        db,
        lane,
        allowed,
        context.identity.name,
        terms.deadline_s,
        may.bulk,
        beside=room is not None,
    )
    pace.give_back(db, partner.code, allowed - len(claimed))
    return queue.load(db, context.vault, claimed)


def _next_gather(calls: int, took_s: float) -> int:
    """As many as would have fitted into the time, at most twice as many as before."""
    fitting = int(calls * _CALL_S / max(took_s, 0.001))
    return max(1, min(fitting, 2 * calls))
