"""The pace of a connection: a token bucket that all its workers share, urgent before bulk."""

from dataclasses import dataclass, replace
from datetime import datetime

BULK_SHARE = 0.2
"""At least this part of the pace is left for bulk (stock, catalogue) while bulk waits."""
RAMP_PER_CALL_S = 10.0
"""Where a connection names no rate, its recovery is paced as if each of its concurrent calls took
a tenth of a second; once recovered, it goes as fast as it answers."""
_WHOLE = 1.0 - 1e-9


@dataclass(frozen=True, slots=True)
class Bucket:
    """Calls that may go at once, as of `at`; `bulk_due` is what bulk has coming to it."""

    tokens: float
    at: datetime
    bulk_due: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is due: in the lane that asks, and whether other lanes of the connection have some."""

    urgent: int = 0
    bulk: int = 0
    urgent_elsewhere: bool = False
    bulk_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """How many calls of each class may go now, the bucket after it, and after how
    long to ask for more, 0 where nothing more is wanted."""

    urgent: int
    bulk: int
    bucket: Bucket
    wait_s: float


def grant(
    bucket: Bucket,
    rate_per_s: float,
    burst: float,
    at: datetime,
    waiting: Waiting,
    most: int | None = None,
) -> Granted:
    """Share out what has come in since: urgent calls first, but never all of it while bulk waits.

    A lane leaves to others what is theirs: to urgent ones what is not bulk's, to bulk what it has
    coming. `burst` is the most that gathers, at least one call; `most` is what is granted at once.
    A clock that went back adds nothing.
    """
    burst = max(burst, 1.0)
    since = max((at - bucket.at).total_seconds(), 0.0)
    tokens = min(bucket.tokens + since * rate_per_s, burst)
    given, left = _share(replace(bucket, tokens=tokens), burst, waiting, most)
    more = sum(given) < waiting.urgent + waiting.bulk and left.tokens < _WHOLE + left.bulk_due
    wait = (1 - left.tokens % 1) / rate_per_s if more and rate_per_s > 0 else 0.0
    return Granted(given[0], given[1], replace(left, at=max(at, bucket.at)), wait)


def grant_all(bucket: Bucket, most: int, waiting: Waiting) -> Granted:
    """The same for a connection that goes as fast as it answers: `most` calls, shared alike."""
    mine = Waiting(waiting.urgent, waiting.bulk)
    given, left = _share(replace(bucket, tokens=float(most)), float(most), mine)
    return Granted(given[0], given[1], replace(bucket, bulk_due=left.bulk_due), 0.0)


def _share(
    bucket: Bucket, burst: float, waiting: Waiting, most: int | None = None
) -> tuple[tuple[int, int], Bucket]:
    urgent, bulk, due, tokens = waiting.urgent, waiting.bulk, bucket.bulk_due, bucket.tokens
    most_due = max(burst / 2, 1.0)  # where bulk never comes, half of the burst is kept, no more
    unused = tokens >= burst  # a full bucket: whoever has more right to it does not come for it
    room = most if most is not None else waiting.urgent + waiting.bulk
    while tokens >= _WHOLE and (urgent or bulk) and room:
        bulk_waits = bool(bulk) or waiting.bulk_elsewhere
        urgent_waits = bool(urgent) or (waiting.urgent_elsewhere and not unused)
        due = min(due + BULK_SHARE, most_due) if bulk_waits else 0.0
        if bulk and (due >= _WHOLE or not urgent_waits):
            bulk, due = bulk - 1, max(due - 1.0, 0.0)
        elif urgent and (bulk or unused or tokens - int(due) >= _WHOLE):
            urgent -= 1
        else:
            due = max(due - BULK_SHARE, 0.0)
            break
        tokens, unused, room = tokens - 1, False, room - 1
    given = (waiting.urgent - urgent, waiting.bulk - bulk)
    return given, replace(bucket, tokens=tokens, bulk_due=due)
