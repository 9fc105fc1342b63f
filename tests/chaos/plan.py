"""What goes wrong when, drawn from one seed: the same seed, the same plan."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

OVERLAP = 0.3
"""The share of faults that begin while the one before still holds."""
GAP_S = (1.0, 6.0)


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault. It begins `gap_s` after the one before has ended, or, where `beside`, after that
    one has begun. `seed` is for its own choices.
    """

    kind: str
    gap_s: float
    beside: bool
    seed: int


def draw(seed: int, weights: Mapping[str, int]) -> Iterator[Planned]:
    """Faults without end. Each kind comes once, in a drawn order, before any comes again."""
    die = random.Random(seed)  # noqa: S311  # repeatable on purpose
    while True:
        bag = [kind for kind, weight in sorted(weights.items()) for _ in range(weight)]
        die.shuffle(bag)
        for kind in bag:
            yield Planned(kind, die.uniform(*GAP_S), die.random() < OVERLAP, die.getrandbits(32))
