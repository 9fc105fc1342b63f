"""Any order of one order's events ends the same (G15), and a cancel against a shipment ends as the
warehouse's facts say, at whatever moment they come (behaviour 10).
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.simulation import invariants
from tests.simulation.orders import Timed, Together
from tests.simulation.stage import Stage

TWO = (("A", 2), ("B", 1))
THREE = (("A", 3), ("B", 1))


def version(
    lines: Any = TWO, pay: str = "paid", state: str = "open", city: str = "Amsterdam"
) -> dict[str, Any]:
    return {"lines": lines, "payment_state": pay, "state": state, "city": city}


LIFE = (version(pay="pending"), version(), version(THREE), version(THREE, city="Utrecht"))
TOLD = [("tell", (0, number, 0)) for number in range(len(LIFE))]
REFUND = ("refund", (0, 0))
CANCELLED = (version(pay="pending"), version(), version(THREE), version(THREE, state="cancelled"))
AT_ONCE = 120


def cases(orders: Sequence[Sequence[tuple[str, tuple[Any, ...]]]]) -> list[list[Timed]]:
    """Each event a tick after the one before it."""
    return [[(at, *event) for at, event in enumerate(order)] for order in orders]


def ends(stage: Stage, life: Any, told: Sequence[Sequence[Timed]], *, keys: bool) -> set[Any]:
    ticks = 1 + max(at for case in told for at, _, _ in case)
    found: set[Any] = set()
    for start in range(0, len(told), AT_ONCE):
        together = Together(stage, (life,), ticks, keys)
        together.run(told[start : start + AT_ONCE])
        assert invariants.at_rest(together.play) == []
        found |= set(together.ended())
    return found


@pytest.mark.parametrize("life", [LIFE, CANCELLED], ids=["bought", "cancelled"])
def test_G15_every_permutation_of_five_events_ends_in_the_same_state_stock_and_books(
    stage: Stage, life: Any
) -> None:
    every = cases(list(itertools.permutations([*TOLD, REFUND])))
    assert len(every) == 120
    (end,) = ends(stage, life, every, keys=False)
    status, revision, _ = end.order
    assert (status, revision) == ("cancelled" if life is CANCELLED else "completed",
                                  "2026-11-24T10:04:00Z")  # fmt: skip
    pieces = () if life is CANCELLED else ((1, 3), (2, 1))
    assert end.gone == pieces
    assert end.books[3] == 1 if end.books else life is CANCELLED


def test_G15_repetitions_and_what_warehouses_say_in_any_order_end_alike(stage: Stage) -> None:
    """Ten events: each telling twice, as the same delivery or another, and a warehouse's words."""
    chance = random.Random(15)  # noqa: S311  # seeded
    again = [("tell", (0, number, number % 2)) for number in range(len(LIFE))]
    words = [("word", (0, "accepted")), ("word", (0, "packed"))]
    some = [chance.sample([*TOLD, REFUND, *again, *words], k=11) for _ in range(AT_ONCE)]
    found = ends(stage, LIFE, cases(some), keys=True)
    assert len(found) == 1


# --- behaviour 10 --------------------------------------------------------------------------------

RACE = (version(), version(state="cancelled"))
TICKS = 9
MOTION = ("all", "all", "sweep")


def races() -> Iterator[list[Timed]]:
    """Cancel, accept, ship (at once, or in part first) and answer at every combination of
    moments.
    """
    for cancel, accept, ship in itertools.product(range(1, TICKS), repeat=3):
        for first in ("ship", "part"):
            yield [
                (0, "tell", (0, 0, 0)),
                (cancel, "tell", (0, 1, 0)),
                (accept, "word", (0, "accepted")),
                (ship, first, (0,)),
                (min(cancel + 2, TICKS - 1), "answer", (0,)),
            ]


def test_B10_cancel_accept_and_ship_at_any_moment_never_ship_and_cancel_in_silence(
    stage: Stage,
) -> None:
    every = list(races())
    chance = random.Random(10)  # noqa: S311  # seeded
    part = chance.sample(every, 240)
    ended: set[tuple[str, bool]] = set()
    for start in range(0, len(part), AT_ONCE):
        together = Together(stage, (RACE,), TICKS)
        together.run(part[start : start + AT_ONCE], MOTION)
        assert invariants.at_rest(together.play) == []
        ended |= {(one.order[0], bool(one.gone)) for one in together.ended()}
    assert ended == {("cancelled", False), ("completed", True)}
