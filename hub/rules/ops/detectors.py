"""What tells that something is stuck: one row a detector. What it looks at is measured in
`hub/store/ops/measures.py`; here stands from when on that is trouble, and what is said of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.rules.ops import disk
from hub.rules.ops.condition import in_words

MISSED_ORDERS = 7.0
"""So many orders would have come in by now: none would by chance once in a thousand times."""
LEAST_QUIET_S = 600.0
LEARNT_FROM = 20
"""Orders of which a channel's usual pace can be learnt."""
_LONGEST_QUIET = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Detector:
    """`is_trouble` is asked with what was measured and, where there is one, what is usual.
    `sentence` names what it is about as %(what)s, and what was seen of it by other names.
    """

    kind: str
    sentence: str
    is_trouble: Callable[[float, float], bool]


def over(limit: float) -> Callable[[float, float], bool]:
    """Trouble above a limit."""
    return lambda value, _: value > limit


DETECTORS: tuple[Detector, ...] = (
    Detector("worker_dead", "Worker %(what)s died, and none was started in its place.", over(10)),
    Detector(
        "worker_frozen",
        "Worker %(what)s is not heard any more: others took its work; end and restart it.",
        over(30),
    ),
    Detector("no_worker", "No worker runs, and work waits: start one.", over(15)),
    Detector(
        "worker_silent",
        "Worker %(what)s lives but does not get on, while work waits: restart it.",
        over(60),
    ),
    Detector(
        "lease_expired",
        "Lane %(what)s was not given back in time: it is freed for others.",
        over(10),
    ),
    Detector(
        "backlog_old",
        "Messages of %(what)s wait longer than they should: more workers, or a slow partner.",
        over(120),
    ),
    Detector("bulk_old", "Bulk messages of %(what)s have waited for an hour.", over(3600)),
    Detector(
        "orders_silent",
        "No order has come from %(what)s for longer than is usual: see its webhooks.",
        over(MISSED_ORDERS),
    ),
    Detector(
        "key_blocked",
        "Parked messages of %(what)s hold back others: mend or discard them.",
        over(300),
    ),
    Detector(
        "partner_away",
        "%(what)s has not answered for an hour: what is to be told waits.",
        over(3600),
    ),
    Detector(
        "poll_late",
        "%(what)s could not be asked what changed for a quarter of an hour: see its connection.",
        over(900),
    ),
    Detector(
        "connection_unusable",
        "%(process)s cannot use %(what)s, for want of %(lacks)s %(name)s: others go on.",
        over(10),
    ),
    Detector(
        "deliveries_refused",
        "Deliveries of %(what)s held good and are refused now, as %(code)s: its %(secret)s may have"
        " been changed on one side.",
        over(4),
    ),
    Detector(
        "orders_wait",
        "Orders wait because %(what)s is paused: resume it, or change the rules.",
        over(0),
    ),
    Detector(
        "orders_stand",
        "Orders of %(what)s are open for a day and no warehouse works on them: each says why.",
        over(0),
    ),
    Detector(
        "orders_unseen",
        "What orders wait for has come, and they were not looked at for a minute.",
        over(60),
    ),
    Detector(
        "long_transaction",
        "A transaction of %(what)s has been open for over a minute: it slows everything down.",
        over(60),
    ),
    Detector(
        "clock_apart",
        "The clock of %(what)s differs from the database's: set both by NTP.",
        lambda value, _: abs(value) > 5,
    ),
    Detector(
        "broker_away",
        "%(what)s does not reach the broker: nothing is lost, everything is slower.",
        over(0),
    ),
    Detector(
        "disk_low",
        "The disk of %(what)s is nearly full: make room.",
        lambda free, whole: disk.judged(free, whole) != "ok",
    ),
)
BY_KIND: Mapping[str, Detector] = {one.kind: one for one in DETECTORS}
OF_A_HOST = frozenset({"broker_away", "disk_low"})
"""What each host says of itself; all else is the same whoever looks."""


def what_of(subject: str) -> str:
    """What a subject (`connection:shop`, `worker:host:41`) is about."""
    return subject.partition(":")[2]


def sentence(kind: str, subject: str, detail: Mapping[str, str]) -> str:
    """What is said of trouble."""
    return BY_KIND[kind].sentence % {**in_words(detail), "what": what_of(subject)}


def missed(orders: Sequence[float], days: float, last: datetime, at: datetime) -> float:
    """How many orders would usually have come since the last one. `orders`: how many came in each
    hour of the day (UTC) in so many days. 0 where too little is known, or it is quiet for a moment
    only.
    """
    quiet = at - last
    if sum(orders) < LEARNT_FROM or days < 1 or quiet.total_seconds() < LEAST_QUIET_S:
        return 0.0
    since, expected = max(last, at - _LONGEST_QUIET), 0.0
    while since < at:
        hour = since.replace(minute=0, second=0, microsecond=0)
        until = min(hour + timedelta(hours=1), at)
        expected += orders[hour.hour] / days * (until - since).total_seconds() / 3600
        since = until
    return expected
