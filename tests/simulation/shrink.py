"""Cut a failing history down to what it needs to fail: schedules, then events and faults."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from tests.simulation.history import Event, History

T = TypeVar("T")
Fails = Callable[[History], bool]


def shrink(history: History, found: Sequence[str], fails: Fails) -> History:
    """The smallest history found that still fails. Schedules that `found` names are tried first."""
    history = _alone(history, found, fails)
    for _ in range(2):
        before = str(history)
        history = _needed(_calmer(history, fails), fails)
        if str(history) == before:
            break
    return history


def _alone(history: History, found: Sequence[str], fails: Fails) -> History:
    for n in sorted(_named(found) & set(history.setups)):
        if fails(only(history, [n])):
            return only(history, [n])
    kept = _fewest(list(history.setups), lambda some: fails(only(history, some)))
    return only(history, kept)


def _needed(history: History, fails: Fails) -> History:
    marks = [(at, event) for at, tick in enumerate(history.ticks) for event in tick.events]
    return _with(history, _fewest(marks, lambda some: fails(_with(history, some)), least=0))


def _named(found: Sequence[str]) -> set[int]:
    """The schedules whose orders or articles are named in what was found."""
    text = " ".join(found)
    orders = re.findall(r"(?:order |'|/)(\d+)(?:'|\b)", text)
    return {int(one) // 10 for one in orders} | {int(n) for n in re.findall(r"'[ABX](\d+)'", text)}


def only(history: History, schedules: Sequence[int]) -> History:
    """The same history for these schedules alone."""
    wanted = set(schedules)
    setups = {n: setup for n, setup in history.setups.items() if n in wanted}
    ticks = tuple(
        replace(tick, events=tuple(event for event in tick.events if event.schedule in wanted))
        for tick in history.ticks
    )
    return replace(history, setups=setups, ticks=ticks)


def _with(history: History, marks: Sequence[tuple[int, Event]]) -> History:
    """The same ticks with these events only."""
    left = list(marks)
    ticks = []
    for at, tick in enumerate(history.ticks):
        events = []
        for event in tick.events:
            if (at, event) in left:
                left.remove((at, event))
                events.append(event)
        ticks.append(replace(tick, events=tuple(events)))
    return replace(history, ticks=tuple(ticks))


def _calmer(history: History, fails: Fails) -> History:
    """Fewer faults, bells that all ring, no time that passes, wherever it fails all the same."""
    for at in range(len(history.ticks)):
        for calm in ({"fault": None}, {"bells": "all"}, {"seconds": 0}):
            ticks = list(history.ticks)
            ticks[at] = replace(ticks[at], **calm)  # type: ignore[arg-type]
            tried = replace(history, ticks=tuple(ticks))
            if tried != history and fails(tried):
                history = tried
    return history


def _fewest(items: list[T], fails: Callable[[list[T]], bool], least: int = 1) -> list[T]:
    """Delta debugging: leave out ever smaller parts while it still fails."""
    part = max(len(items) // 2, 1)
    while len(items) > least:
        for at in range(0, len(items), part):
            rest = items[:at] + items[at + part :]
            if len(rest) >= least and fails(rest):
                items = rest
                break
        else:
            if part == 1:
                break
            part = max(part // 2, 1)
            continue
        part = min(part, max(len(items) // 2, 1))
    return items
