"""Play seed after seed; cut a failure down to what it needs, and say how to see it again."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.simulation.ground import Meter
from tests.simulation.history import History, draw
from tests.simulation.play import play
from tests.simulation.shrink import shrink
from tests.simulation.stage import Stage

AT_ONCE = 240
"""Schedules that are advanced together."""


@dataclass(frozen=True, slots=True)
class Played:
    """One history and what did not hold in it."""

    history: History
    found: list[str]


@dataclass(frozen=True, slots=True)
class Rate:
    """How much was played, and how fast."""

    schedules: int
    events: int
    struck: int
    wall_s: float
    processor_s: float

    def __str__(self) -> str:
        wall = self.schedules * 60 / self.wall_s
        processor = self.schedules * 60 / self.processor_s
        return (
            f"{self.schedules} schedules, {self.events} events, {self.struck} faults: "
            f"{wall:,.0f} schedules a minute, {processor:,.0f} a processor minute"
        )


def seeds(stage: Stage, first: int, schedules: int, at_once: int = AT_ONCE) -> Iterator[Played]:
    """Play at least so many schedules, a seed for each `at_once` of them."""
    for seed in range(first, first + -(-schedules // at_once)):
        history = draw(seed, min(at_once, schedules))
        yield Played(history, play(stage, history))


def run(
    stage: Stage, first: int, schedules: int, at_once: int = AT_ONCE
) -> tuple[Rate, list[Played]]:
    """Play at least so many schedules. Returns the rate and what failed."""
    meter, struck, played = Meter(stage), stage.gremlin.struck, 0
    events, failed = 0, []
    for one in seeds(stage, first, schedules, at_once):
        played += len(one.history.setups)
        events += one.history.events()
        if one.found:
            failed.append(one)
    return Rate(played, events, stage.gremlin.struck - struck, *meter.read()), failed


def minimal(stage: Stage, failed: Played) -> str:
    """The smallest history that fails the same way, to be printed."""
    code = failed.found[0][:3]

    def fails(history: History) -> bool:
        return any(one.startswith(code) for one in play(stage, history))

    small = shrink(failed.history, failed.found, fails)
    found = play(stage, small) or failed.found
    return "\n".join([str(small), *found, f"again: {again(failed.history)}"])


def again(history: History) -> str:
    """The command that plays this history once more."""
    return f"python -m tests.simulation --seed {history.seed} --schedules {len(history.setups)}"
