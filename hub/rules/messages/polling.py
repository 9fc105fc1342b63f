"""From where a partner is asked what changed, how far it was heard, and when it is asked again.

What a cursor says is the partner's own time. Our clock bounds only from when on the first poll
asks, and how far ahead of us a partner may be believed: by days, where clocks differ by minutes.
"""

from datetime import datetime, timedelta
from random import Random

from hub.rules.messages import retry

AHEAD = timedelta(days=1)
"""A change that claims to be further in the future than this moves no cursor: all that comes before
it would be missed. It is listed again each time, and known."""
LONGEST_WAIT_S = 3600.0
EXPIRED = (
    "%(what)s did not know where polling of %(topic)s stood: it is asked for what changed since"
    " %(since)s. Where it was not asked for longer, see what changed there before."
)


def start(
    reached_at: datetime | None, overlap_s: float, look_back_s: float, now: datetime
) -> datetime:
    """The partner's time from which a poll asks: some time before the last change, since changes
    are committed late; at first from a bounded look-back.
    """
    if reached_at is None:
        return now - timedelta(seconds=look_back_s)
    return reached_at - timedelta(seconds=overlap_s)


def resumed(at: datetime, overlap_s: float, stood_s: float) -> datetime:
    """From where a poll goes on that broke off there. Where it stood for long, some time before: by
    its end the overlap of the next one would not reach back to what was committed late meanwhile.
    """
    return at - timedelta(seconds=overlap_s) if stood_s > overlap_s / 2 else at


def anew(
    reached_at: datetime | None, overlap_s: float, look_back_s: float, now: datetime
) -> datetime:
    """The same where the partner does not know our cursor any more: as far back as it was to be,
    but no further than the look-back.
    """
    earliest = now - timedelta(seconds=look_back_s)
    return max(start(reached_at, overlap_s, look_back_s, now), earliest)


def reached(before: datetime | None, told: datetime | None, now: datetime) -> datetime | None:
    """The newest change that was heard of. It never goes back."""
    if told is None or told > now + AHEAD:
        return before
    return told if before is None else max(before, told)


def wait_s(failures: int, every_s: float, rng: Random, retry_after: float | None = None) -> float:
    """Seconds until a poll that failed so often (from 1) is tried again. It never gives up, and is
    seldom put off for longer than it would rest anyway.
    """
    longest = max(every_s, LONGEST_WAIT_S)
    tries = min(failures, len(retry.SCHEDULE_S))
    wait = retry.next_try(tries, rng)
    least = 0.0 if retry_after is None else retry.bounded(retry_after)
    return max(min(wait if wait is not None else longest, longest), least)
