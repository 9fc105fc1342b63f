"""Life cycles of a message: inbox (received, to be worked) and outbox (decided, to be told).

`new` stands for "not stored yet" and is never written. An effect names what must happen in the same
transaction; the store carries it out in SQL, and these tables say which moves there are.
"""

from enum import StrEnum

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
    DISCARDED = "discarded"


class InEvent(StrEnum):
    """What can happen to it.

    `…_behind`: while its key has unfinished work; `free`: that work is finished.
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
    """What can happen to it. `supersede` needs that it was never attempted."""

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
    IT_ARRIVED = "it_arrived"
    IT_DID_NOT = "it_did_not"
    REPLAY = "replay"
    REPLAY_BEHIND = "replay_behind"
    DISCARD = "discard"


def _inbox_rows() -> tuple[Row[In, InEvent], ...]:
    s, e = In, InEvent
    # fmt: off
    return (
        Row(s.NEW,        e.ARRIVE,        s.RECEIVED,   "keep"),
        Row(s.NEW,        e.ARRIVE_BEHIND, s.BEHIND,     "keep"),
        Row(s.NEW,        e.ARRIVE_AGAIN,  s.NEW,        "count_repeat"),
        Row(s.BEHIND,     e.FREE,          s.RECEIVED),
        Row(s.RECEIVED,   e.CLAIM,         s.PROCESSING, "count_attempt"),
        Row(s.RETRY,      e.CLAIM,         s.PROCESSING, "count_attempt"),
        Row(s.PROCESSING, e.COMMIT,        s.DONE,       "finish"),
        Row(s.PROCESSING, e.IGNORE,        s.IGNORED,    "finish"),
        Row(s.PROCESSING, e.TRY_LATER,     s.RETRY,      "note_attempt"),
        Row(s.PROCESSING, e.MISS_FACT,     s.WAITING,    "uncount_attempt"),
        Row(s.WAITING,    e.FACT_APPEARS,  s.RECEIVED),
        Row(s.PROCESSING, e.PARK,          s.PARKED,     "note_reason"),
        Row(s.PROCESSING, e.LOSE_LEASE,    s.RECEIVED,   "count_crash"),
        Row(s.PROCESSING, e.CRASH_ALONE,   s.PARKED,     "note_reason"),
        *(
            row
            for state in (s.PARKED, s.WAITING, s.DONE, s.IGNORED)
            for row in (
                Row(state, e.REPLAY,        s.RECEIVED, "audit"),
                Row(state, e.REPLAY_BEHIND, s.BEHIND,   "audit"),
            )
        ),
        *(
            Row(state, e.DISCARD, s.DISCARDED, "audit_and_finish")
            for state in (s.PARKED, s.WAITING, s.RECEIVED, s.RETRY)
        ),
    )
    # fmt: on


def _outbox_rows() -> tuple[Row[Out, OutEvent], ...]:
    s, e = Out, OutEvent
    # fmt: off
    return (
        Row(s.NEW,     e.ADD,             s.PENDING,   "supersede_older"),
        Row(s.NEW,     e.ADD_BEHIND,      s.BEHIND,    "supersede_older"),
        Row(s.BEHIND,  e.FREE,            s.PENDING),
        Row(s.PENDING, e.CLAIM,           s.SENDING,   "count_attempt"),
        Row(s.RETRY,   e.CLAIM,           s.SENDING,   "count_attempt"),
        Row(s.SENDING, e.RECEIPT,         s.DELIVERED, "finish"),
        Row(s.SENDING, e.ALREADY_DONE,    s.DELIVERED, "finish"),
        Row(s.SENDING, e.TRY_LATER,       s.RETRY,     "note_attempt"),
        Row(s.SENDING, e.OUTCOME_UNKNOWN, s.UNKNOWN,   "note_attempt"),
        Row(s.SENDING, e.REPEAT_SAFELY,   s.RETRY,     "note_attempt"),  # keys honoured
        Row(s.UNKNOWN, e.FOUND,           s.DELIVERED, "finish"),
        Row(s.UNKNOWN, e.NOT_FOUND,       s.RETRY,     "note_attempt"),  # twice, settled
        Row(s.UNKNOWN, e.CANNOT_ASK,      s.PARKED,    "note_reason"),
        Row(s.SENDING, e.REFUSED,         s.PARKED,    "note_reason"),
        Row(s.PENDING, e.MISS_FACT,       s.WAITING,   "uncount_attempt"),
        Row(s.RETRY,   e.MISS_FACT,       s.WAITING,   "uncount_attempt"),
        Row(s.SENDING, e.MISS_FACT,       s.WAITING,   "uncount_attempt"),
        Row(s.WAITING, e.FACT_APPEARS,    s.PENDING),
        Row(s.PENDING, e.SUPERSEDE,       s.SUPERSEDED, "finish"),
        Row(s.BEHIND,  e.SUPERSEDE,       s.SUPERSEDED, "finish"),  # latest wins
        Row(s.RETRY,   e.SUPERSEDE,       s.SUPERSEDED, "finish"),
        Row(s.PARKED,  e.IT_ARRIVED,      s.DELIVERED, "audit_and_finish"),
        Row(s.PARKED,  e.IT_DID_NOT,      s.PENDING,   "audit"),
        *(
            row
            for state in (s.PARKED, s.WAITING, s.DELIVERED)
            for row in (
                Row(state, e.REPLAY,        s.PENDING, "audit"),
                Row(state, e.REPLAY_BEHIND, s.BEHIND,  "audit"),
            )
        ),
        *(
            Row(state, e.DISCARD, s.DISCARDED, "audit_and_finish")
            for state in (s.PARKED, s.WAITING, s.PENDING, s.RETRY)
        ),
    )
    # fmt: on


INBOX = Table(
    document="received message",
    start=In.NEW,
    final=frozenset({In.DONE, In.IGNORED, In.DISCARDED}),
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

UNFINISHED = frozenset(
    {
        *(In.RECEIVED, In.BEHIND, In.PROCESSING, In.RETRY, In.WAITING),
        *(Out.PENDING, Out.BEHIND, Out.SENDING, Out.RETRY, Out.UNKNOWN, Out.WAITING),
    }
)
"""Statuses that have a row of work. `parked` keeps its row too, and needs a person."""
