"""Numbers that a partner expects once each and by which it speaks of what it was told, such as the
control numbers of EDI.

A worker gives them with the connection's transport. Without one they are counted in the process.
"""

from collections.abc import Callable
from threading import Lock
from typing import Protocol


class Numbers(Protocol):
    """Running numbers of one connection, from 1. A number is never given to two things."""

    def of(self, thing: str) -> int:
        """The number of a thing, always the same: its own, or the next one."""

    def thing(self, number: int) -> str | None:
        """What has this number, None where nothing has."""


class InProcess:
    """Numbers of one process: they begin anew with it."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}
        self._lock = Lock()

    def of(self, thing: str) -> int:
        """Its number."""
        with self._lock:
            return self._given.setdefault(thing, len(self._given) + 1)

    def thing(self, number: int) -> str | None:
        """What has it."""
        things = (thing for thing, given in self._given.items() if given == number)
        return next(things, None)


NumbersOf = Callable[[str, str], Numbers]
"""The numbers of a connection, by merchant and code."""


def in_process(_: str, __: str) -> Numbers:
    """Numbers for whoever keeps none."""
    return InProcess()
