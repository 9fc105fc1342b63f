"""The pace of a connection: a token bucket that all its workers share, urgent before bulk."""

from dataclasses import dataclass, replace
from datetime import datetime

BULK_SHARE = 0.2
"""At least this part of the pace is left for bulk (stock, catalogue) while bulk waits."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Calls that may go at once, as of `at`; `bulk_due` is what bulk has coming to it."""

    tokens: float
    at: datetime
    bulk_due: float = 0.0


@dataclass(frozen=True, slots=True)
class Granted:
    """How many calls of each class may go now, the bucket after it, and when to ask for more."""

    urgent: int
    bulk: int
    bucket: Bucket
    wait_s: float


def grant(
    bucket: Bucket, rate_per_s: float, burst: float, at: datetime, *, urgent: int = 0, bulk: int = 0
) -> Granted:
    """Share out what has come in since: urgent calls first, but never all of it while bulk waits.

    `burst` is the most that gathers, at least one call. A clock that went back adds nothing.
    """
    burst = max(burst, 1.0)
    since = max((at - bucket.at).total_seconds(), 0.0)
    tokens = min(bucket.tokens + since * rate_per_s, burst)
    due = bucket.bulk_due
    given_urgent = given_bulk = 0
    for _ in range(min(int(tokens), urgent + bulk)):
        due = min(due + BULK_SHARE, 1.0) if given_bulk < bulk else 0.0
        if given_bulk < bulk and (due >= 1.0 - 1e-9 or given_urgent >= urgent):
            given_bulk, due = given_bulk + 1, 0.0
        else:
            given_urgent += 1
    left = tokens - given_urgent - given_bulk
    after = replace(bucket, tokens=left, at=max(at, bucket.at), bulk_due=due if bulk else 0.0)
    wait = 0.0 if left >= 1 or rate_per_s <= 0 else (1 - left) / rate_per_s
    return Granted(given_urgent, given_bulk, after, wait)
