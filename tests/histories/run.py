"""Play histories, a batch after the other, each in a database of its own; find the history that a
failure is of, and say how to see it again.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.histories.batch import Batch, Broken
from tests.histories.books import MoneyBatch
from tests.histories.money import WATCHED as MONEY
from tests.histories.money import MoneyHistory
from tests.histories.moves import History
from tests.histories.returns import WATCHED as RETURNS
from tests.histories.returns import ReturnHistory
from tests.histories.stock import WATCHED as STOCK
from tests.histories.stock import LongCountHistory, StockHistory
from tests.histories.told import LongCountBatch, StockBatch
from tests.kit import database
from tests.kit.world import World

AT_ONCE = 200
"""Histories of a batch: more make it no faster, and a failure slower to find."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is played, and what is looked at after each step."""

    history: type[History]
    batch: type[Batch]
    watched: Sequence[object]


KINDS: Mapping[str, Kind] = {
    "stock": Kind(StockHistory, StockBatch, STOCK),
    "counts": Kind(LongCountHistory, LongCountBatch, STOCK),
    "returns": Kind(ReturnHistory, Batch, RETURNS),
    "money": Kind(MoneyHistory, MoneyBatch, MONEY),
}


@dataclass(slots=True)
class Played:
    """How much was played."""

    kind: str
    histories: int = 0
    steps: int = 0
    looks: int = 0
    seconds: float = 0.0
    notes: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        rate = self.histories * 60 / max(self.seconds, 0.001)
        noted = ", ".join(f"{word} {n}" for word, n in sorted(self.notes.items()))
        return (
            f"{self.kind}: {self.histories} histories, {self.steps} steps, {self.looks} looks at an"
            f" invariant in {self.seconds:.0f} s, {rate:.0f} histories a minute ({noted})"
        )


def run(
    kind: str, first: int, count: int, server: str, template: str, at_once: int = AT_ONCE
) -> Played:
    """Play so many histories. Broken names the one that fails, or the fewest that do together."""
    played = Played(kind)
    began = time.monotonic()
    for at in range(first, first + count, at_once):
        seeds = range(at, min(at + at_once, first + count))
        try:
            batch = play(kind, seeds, server, template)
        except Broken as broken:
            raise _smallest(kind, broken, server, template) from broken
        played.histories += len(seeds)
        played.steps += batch.steps
        played.looks += batch.looked
        played.notes.update(batch.notes)
        played.seconds = time.monotonic() - began
        if count > at_once:
            print(f"{kind}: {played.histories} of {count}, {played.seconds:.0f} s", file=sys.stderr)
    return played


def play(kind: str, seeds: Sequence[int], server: str, template: str) -> Batch:
    """Play these histories together in a new database."""
    its = KINDS[kind]
    with (
        database.temporary_database(server, template) as url,
        tempfile.TemporaryDirectory() as home,
    ):
        world = World(url, Path(home))
        try:
            histories = [its.history(world, seed) for seed in seeds]
            batch = its.batch(world, histories, its.watched)  # type: ignore[arg-type]
            batch.play()
        finally:
            world.close()
    return batch


def _smallest(kind: str, broken: Broken, server: str, template: str) -> Broken:
    """The failure again with as few histories as it takes, by halves."""
    seeds = broken.seeds
    while len(seeds) > 1:
        half = len(seeds) // 2
        for part in (seeds[:half], seeds[half:]):
            try:
                play(kind, part, server, template)
            except Broken as again:
                broken, seeds = again, again.seeds
                break
        else:
            break
    if len(seeds) == 1:
        return Broken(seeds, f"{broken.what}; again: {again_with(kind, seeds[0])}")
    return Broken(seeds, f"only together, seeds {seeds[0]} to {seeds[-1]}: {broken.what}")


def again_with(kind: str, seed: int) -> str:
    """The command that plays a history once more."""
    return f"python -m tests.histories --only {kind} --first {seed} --count 1"


def asked_for(name: str, otherwise: int) -> int:
    """How many a variable of the environment wants."""
    return int(os.environ.get(name, otherwise))
