"""A batch halved until its culprits stand alone."""

from collections.abc import Sequence

import pytest

from hub.store.base.failures import DatabaseAway
from hub.store.messages.lanes import LeaseLost
from workers.inbound.bisecting import bisect


def halves(batch: list[int], culprits: set[int]) -> tuple[list[list[int]], list[int]]:
    """What was worked together, and what failed."""
    failed: list[int] = []

    def work(some: Sequence[int]) -> list[int]:
        if culprits & {*some}:
            raise ValueError(culprits)
        return [*some]

    made = list(bisect(batch, work, lambda one, error: failed.append(one)))
    return made, failed


@pytest.mark.parametrize(
    ("culprits", "made"),
    [
        (set(), [[0, 1, 2, 3, 4, 5, 6, 7]]),
        ({0}, [[1], [2, 3], [4, 5, 6, 7]]),
        ({5}, [[0, 1, 2, 3], [4], [6, 7]]),
        ({3, 4}, [[0, 1], [2], [5], [6, 7]]),
        (set(range(8)), []),
    ],
)
def test_only_the_culprits_fail_and_what_is_good_stays_together(
    culprits: set[int], made: list[list[int]]
) -> None:
    assert halves([*range(8)], culprits) == (made, sorted(culprits))


@pytest.mark.parametrize("lost", [LeaseLost, DatabaseAway])
def test_what_is_no_messages_fault_ends_the_batch(lost: type[Exception]) -> None:
    tried: list[int] = []

    def work(some: object) -> None:
        tried.append(1)
        raise lost("gone")

    with pytest.raises(lost):
        list(bisect([1, 2, 3], work, lambda one, error: None))
    assert tried == [1]


def test_what_was_made_is_heard_of_before_the_next_part_is_worked() -> None:
    heard: list[object] = []

    def work(some: Sequence[int]) -> int:
        if len(some) > 1:
            raise ValueError(some)
        heard.append(("worked", some[0]))
        return some[0]

    heard.extend(("heard", made) for made in bisect([1, 2], work, lambda one, error: None))
    assert heard == [("worked", 1), ("heard", 1), ("worked", 2), ("heard", 2)]
