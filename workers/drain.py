"""Drain a lane: take it, recover what was in hand before, work in batches, give it back."""

import time
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.exc import DBAPIError

from hub import logs
from hub.store.base.failures import DatabaseAway, is_passing
from hub.store.messages import giving_back, lanes, queue
from hub.store.messages.claimed import Claimed
from hub.store.messages.lanes import IN, Lane, LeaseLost
from hub.store.messages.outbox import URGENT
from workers import counts
from workers.context import Context
from workers.faults import where

DRAIN_S = 30.0
"""After this long a drain rings its own lane again and gives way to others."""
_AGAIN_S = 0.5
"""After so long a drain that stood in another's way is tried again."""
_LEFT_S = 5.0
"""After so long it is tried again to give a lane back."""
_PASS_ON_S, _PASSED_S = 0.2, 1.0
"""A bell of a lane that this process cannot work is passed on after so long, at most once in that
time: another may hear it. Where none can, the sweep's bells are all there are."""

log = logs.get("drain")
Once = Callable[[Context, Lane], Sequence[Claimed]]


def drain(context: Context, lane_id: int, once: Mapping[str, Once]) -> None:
    """Drain a lane until it is empty, its time is over, others must come before, or the process
    stops. Somebody else's lane is left alone.
    """
    lane: Lane | None = None
    seated = False
    try:
        seated = _enter(context, lane_id)
        if not seated:
            return
        until = time.monotonic() + DRAIN_S
        while not context.stopping.is_set():
            lane = _take(context, lane_id)
            context.identity.progress()
            if lane is None:
                return
            more = _drain_held(context, lane, once[lane.direction], until)
            with context.database.begin() as db:
                lanes.free(db, lane)
                left = more and lane_id in lanes.due(db, (lane.direction,))
            if not left:
                return
            pause = context.seats.gives_way(lane_id)
            if pause is not None or time.monotonic() > until:
                context.bell.ring_later(lane_id, pause or 0.0)
                return
    except LeaseLost:
        log.warning("lease_lost", lane=lane_id)
    except Exception as error:  # noqa: BLE001  # what is in hand goes on by the rules of a crash
        _break_off(context, lane_id, lane, error)
    finally:
        if seated:
            context.bell.ring_lanes(context.seats.leave(lane_id))


def _enter(context: Context, lane_id: int) -> bool:
    """Take a seat, where this lane's connection has not too many already."""
    place = context.places.get(lane_id)
    if place is None:
        with context.database.begin() as db:
            place = lanes.place(db, lane_id)
        if place is None:
            return False
        context.places[lane_id] = place
    if context.hindrance(place[1], place[0]) is not None:
        context.identity.progress()
        _pass_on(context, lane_id)
        return False
    return context.seats.enter(lane_id, *place)


def _pass_on(context: Context, lane_id: int) -> None:
    """Ring a lane once more, for another process that can use its connection."""
    now = time.monotonic()
    if now - context.passed.get(lane_id, 0.0) > _PASSED_S:
        context.passed[lane_id] = now
        context.bell.ring_later(lane_id, _PASS_ON_S)


def _let_go(context: Context, lane: Lane | None) -> None:
    """Give a lane back, so that nobody need wait for its lease; where that fails, by and by."""
    if lane is None:
        return
    context.left[lane.id] = lane
    try:
        with context.database.begin() as db:
            lanes.let_go(db, lane)
    except (DatabaseAway, DBAPIError):
        return
    del context.left[lane.id]


def _break_off(context: Context, lane_id: int, lane: Lane | None, error: Exception) -> None:
    """Say why, let the lane go, and come back to it soon where what hindered passes."""
    reason = type(getattr(error, "orig", None) or error).__name__
    if isinstance(error, DatabaseAway):
        log.warning("database_away", lane=lane_id, reason=str(error))
    elif is_passing(error):
        log.warning("drain_put_off", lane=lane_id, reason=reason, where=where(error))
        context.bell.ring_later(lane_id, _AGAIN_S)
    else:
        log.error("drain_failed", lane=lane_id, reason=reason, where=where(error))
    _let_go(context, lane)
    if lane_id in context.left:
        context.bell.ring_later(lane_id, _LEFT_S)


def _take(context: Context, lane_id: int) -> Lane | None:
    left = context.left.get(lane_id)
    if left is not None:
        with context.database.begin() as db:
            lanes.let_go(db, left)
        del context.left[lane_id]
    with context.database.begin() as db:
        lane = lanes.take(db, lane_id, context.identity.number)
        if lane is None:
            return None
        rest = context.seats.bulk_rests(lane_id)
        if rest is not None and not queue.waiting(db, lane, 1).get((True, URGENT)):
            lanes.free(db, lane)
            context.bell.ring_later(lane_id, rest)
            return None
        directory = context.directories.read(db)
        partner = directory.connections.get(lane.connection)
        if partner is not None and not context.can_use(partner, directory, lane.direction):
            lanes.free(db, lane)
            _pass_on(context, lane_id)
            return None
        safe = lane.direction != IN and partner is not None and context.honours_keys(partner)
        for message_id in giving_back.recover(db, lane, repeats_are_safe=safe):
            log.error("parked", message=str(message_id), reason="crashes_worker")
    return lane


def _drain_held(context: Context, lane: Lane, once: Once, until: float) -> bool:
    """Work until nothing is due or others must come before. False where what is left must wait (a
    closed gate), so that nobody spins on it.
    """
    worked = False
    while not context.stopping.is_set() and time.monotonic() < until:
        since = time.monotonic()
        claimed = once(context, lane)
        if not claimed:
            return worked
        worked = True
        context.identity.progress()
        bulk = all(message.urgency != URGENT for message in claimed)
        took_s = time.monotonic() - since
        counts.BATCHES.labels(lane.direction).observe(took_s)
        context.seats.worked(lane.id, bulk=bulk, took_s=took_s)
        if context.seats.gives_way(lane.id) is not None:
            return True
    return True
