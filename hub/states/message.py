"""Life cycles of a message: inbox (received, to be worked) and outbox (decided, to be told).

`new` stands for "not stored yet" and is never written. These tables say which moves there are; each
is a statement of `hub/store/messages`, with what belongs to it, so that no effect is named here.
"""

from collections.abc import Collection
from enum import StrEnum
from itertools import zip_longest

from hub.states.machine import Row, Table


class In(StrEnum):
    """Where a received message stands."""

    NEW = "new"
    RECEIVED = "received"
    BEHIND = "behind"
    PROCESSING = "processing"
    RETRY = "retry"
    WAITING = "waiting"
    PARKED = "parked"
    DONE = "done"
    IGNORED = "ignored"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


class InEvent(StrEnum):
    """What can happen to it.

    `…_behind`: while its key has unfinished work; `free`: that work is finished; `overtake`: a
    newer telling of the same thing can be read.
    """

    ARRIVE = "arrive"
    ARRIVE_BEHIND = "arrive_behind"
    ARRIVE_AGAIN = "arrive_again"
    FREE = "free"
    CLAIM = "claim"
    COMMIT = "commit"
    IGNORE = "ignore"
    TRY_LATER = "try_later"
    MISS_FACT = "miss_fact"
    FACT_APPEARS = "fact_appears"
    PARK = "park"
    OVERTAKE = "overtake"
    LOSE_LEASE = "lose_lease"
    CRASH_ALONE = "crash_alone"
    REPLAY = "replay"
    REPLAY_BEHIND = "replay_behind"
    DISCARD = "discard"


class Out(StrEnum):
    """Where a message to be told stands."""

    NEW = "new"
    PENDING = "pending"
    BEHIND = "behind"
    SENDING = "sending"
    RETRY = "retry"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    PARKED = "parked"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


class OutEvent(StrEnum):
    """What can happen to it. `supersede`: a newer one takes its place, or it is taken back, which
    needs that it was never attempted; `overtake`: what it would tell is over.
    """

    ADD = "add"
    ADD_BEHIND = "add_behind"
    FREE = "free"
    CLAIM = "claim"
    RECEIPT = "receipt"
    ALREADY_DONE = "already_done"
    TRY_LATER = "try_later"
    OUTCOME_UNKNOWN = "outcome_unknown"
    REPEAT_SAFELY = "repeat_safely"
    FOUND = "found"
    NOT_FOUND = "not_found"
    CANNOT_ASK = "cannot_ask"
    REFUSED = "refused"
    MISS_FACT = "miss_fact"
    FACT_APPEARS = "fact_appears"
    SUPERSEDE = "supersede"
    OVERTAKE = "overtake"
    IT_ARRIVED = "it_arrived"
    IT_DID_NOT = "it_did_not"
    REPLAY = "replay"
    REPLAY_BEHIND = "replay_behind"
    DISCARD = "discard"


def _inbox_rows() -> tuple[Row[In, InEvent], ...]:
    s, e = In, InEvent
    # fmt: off
    return (
        Row(s.NEW,        e.ARRIVE,        s.RECEIVED),
        Row(s.NEW,        e.ARRIVE_BEHIND, s.BEHIND),
        Row(s.NEW,        e.ARRIVE_AGAIN,  s.NEW),
        Row(s.BEHIND,     e.FREE,          s.RECEIVED),
        Row(s.RECEIVED,   e.CLAIM,         s.PROCESSING),
        Row(s.RETRY,      e.CLAIM,         s.PROCESSING),
        Row(s.PROCESSING, e.COMMIT,        s.DONE),
        Row(s.PROCESSING, e.IGNORE,        s.IGNORED),
        Row(s.PROCESSING, e.TRY_LATER,     s.RETRY),
        Row(s.PROCESSING, e.MISS_FACT,     s.WAITING),
        Row(s.WAITING,    e.FACT_APPEARS,  s.RECEIVED),
        Row(s.PROCESSING, e.PARK,          s.PARKED),
        Row(s.PARKED,     e.OVERTAKE,      s.SUPERSEDED),
        Row(s.PROCESSING, e.LOSE_LEASE,    s.RECEIVED),
        Row(s.PROCESSING, e.CRASH_ALONE,   s.PARKED),
        *(
            row
            for state in (s.PARKED, s.WAITING, s.DONE, s.IGNORED)
            for row in (
                Row(state, e.REPLAY,        s.RECEIVED),
                Row(state, e.REPLAY_BEHIND, s.BEHIND),
            )
        ),
        *(
            Row(state, e.DISCARD, s.DISCARDED)
            for state in (s.PARKED, s.WAITING, s.RECEIVED, s.RETRY)
        ),
    )
    # fmt: on


def _outbox_rows() -> tuple[Row[Out, OutEvent], ...]:
    s, e = Out, OutEvent
    # fmt: off
    return (
        Row(s.NEW,     e.ADD,             s.PENDING),
        Row(s.NEW,     e.ADD_BEHIND,      s.BEHIND),
        Row(s.BEHIND,  e.FREE,            s.PENDING),
        Row(s.PENDING, e.CLAIM,           s.SENDING),
        Row(s.RETRY,   e.CLAIM,           s.SENDING),
        Row(s.SENDING, e.RECEIPT,         s.DELIVERED),
        Row(s.SENDING, e.ALREADY_DONE,    s.DELIVERED),
        Row(s.SENDING, e.TRY_LATER,       s.RETRY),
        Row(s.SENDING, e.OUTCOME_UNKNOWN, s.UNKNOWN),
        Row(s.SENDING, e.REPEAT_SAFELY,   s.RETRY),  # keys honoured
        Row(s.UNKNOWN, e.FOUND,           s.DELIVERED),
        Row(s.UNKNOWN, e.NOT_FOUND,       s.RETRY),  # twice, settled
        Row(s.UNKNOWN, e.CANNOT_ASK,      s.PARKED),
        Row(s.SENDING, e.REFUSED,         s.PARKED),
        Row(s.PENDING, e.MISS_FACT,       s.WAITING),
        Row(s.RETRY,   e.MISS_FACT,       s.WAITING),
        Row(s.SENDING, e.MISS_FACT,       s.WAITING),
        Row(s.WAITING, e.FACT_APPEARS,    s.PENDING),
        Row(s.PENDING, e.SUPERSEDE,       s.SUPERSEDED),
        Row(s.BEHIND,  e.SUPERSEDE,       s.SUPERSEDED),  # latest wins
        Row(s.RETRY,   e.SUPERSEDE,       s.SUPERSEDED),
        Row(s.WAITING, e.SUPERSEDE,       s.SUPERSEDED),  # latest wins
        Row(s.PARKED,  e.SUPERSEDE,       s.SUPERSEDED),  # latest wins
        *(
            Row(state, e.OVERTAKE, s.SUPERSEDED)
            for state in (
                s.PENDING, s.BEHIND, s.SENDING, s.RETRY, s.UNKNOWN, s.WAITING, s.PARKED,
            )
        ),
        Row(s.PARKED,  e.IT_ARRIVED,      s.DELIVERED),
        Row(s.PARKED,  e.IT_DID_NOT,      s.PENDING),
        *(
            row
            for state in (s.PARKED, s.WAITING, s.DELIVERED)
            for row in (
                Row(state, e.REPLAY,        s.PENDING),
                Row(state, e.REPLAY_BEHIND, s.BEHIND),
            )
        ),
        *(
            Row(state, e.DISCARD, s.DISCARDED)
            for state in (s.PARKED, s.WAITING, s.PENDING, s.RETRY)
        ),
    )
    # fmt: on


INBOX = Table(
    document="received message",
    start=In.NEW,
    final=frozenset({In.DONE, In.IGNORED, In.SUPERSEDED, In.DISCARDED}),
    people=frozenset({InEvent.REPLAY, InEvent.DISCARD}),
    rows=_inbox_rows(),
)

OUTBOX = Table(
    document="message to be told",
    start=Out.NEW,
    final=frozenset({Out.DELIVERED, Out.SUPERSEDED, Out.DISCARDED}),
    people=frozenset({OutEvent.IT_ARRIVED, OutEvent.IT_DID_NOT, OutEvent.REPLAY, OutEvent.DISCARD}),
    rows=_outbox_rows(),
)


def _before(*events: InEvent | OutEvent) -> frozenset[str]:
    """The statuses in which one of these may happen."""
    return frozenset(
        str(row.state) for table in (INBOX, OUTBOX) for row in table.rows if row.event in events
    )


FINAL = frozenset(map(str, INBOX.final | OUTBOX.final))
"""Nothing is left to do: it stands in no queue."""
UNFINISHED = frozenset({*map(str, In), *map(str, Out)}) - FINAL - {"new", "parked"}
"""Statuses that have a row of work. `parked` keeps its row too, and needs a person."""
WORKABLE = _before(InEvent.CLAIM, OutEvent.CLAIM)
"""Once it is due it may be worked, or told."""
CLAIMABLE = WORKABLE | {str(Out.UNKNOWN)}
"""Once it is due a worker may take it; an unknown outcome only to ask."""
IN_HAND = frozenset({str(In.PROCESSING), str(Out.SENDING)})
"""A worker has it."""
REPLACEABLE = _before(OutEvent.SUPERSEDE)
"""A newer one may take its place: nothing is under way, nor may it have arrived unknown to us."""
REVOCABLE = REPLACEABLE - {str(Out.PARKED)}
"""It may be taken back, where it was never attempted."""

_PASSED = [str(one) for pair in zip_longest(In, Out) for one in pair if one is not None]


def in_order(statuses: Collection[str]) -> list[str]:
    """Statuses in the order in which messages pass through them."""
    return sorted(statuses, key=_PASSED.index)
