"""The orders of one batch on their way into the books, and how each of them ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.ports import Receipt
from adapters.tryton.books import CallLost, Problems, Record
from hub.model.errors import TryLater
from mappings.kit.bills.sale import Sale

LATER = "a call about other orders of the batch was lost: the rest goes on with the next"


@dataclass(eq=False)
class Job:
    """One order on its way into the books. `outcome` ends it."""

    sale: Sale
    record: Record | None = None
    number: int = 0
    outcome: Receipt | Exception | None = None

    def is_open(self) -> bool:
        return self.outcome is None


def still_open(jobs: Sequence[Job]) -> list[Job]:
    """Those that have not ended."""
    return [job for job in jobs if job.is_open()]


def note(jobs: Sequence[Job], problems: Problems) -> None:
    """A problem with its sale ends a job."""
    for job in jobs:
        job.outcome = job.outcome or problems.get(job.number)


def lose(jobs: Sequence[Job], fate: CallLost, concerned: Sequence[Job]) -> None:
    """Only what the lost call was about has to be asked for. The rest stands as it is known, and is
    taken up there.
    """
    end(concerned, always(fate))
    end(jobs, always(TryLater(LATER)))


def end(jobs: Sequence[Job], outcome: Callable[[Job], Receipt | Exception]) -> None:
    """End those that are open."""
    for job in still_open(jobs):
        job.outcome = outcome(job)


def always(fate: Exception) -> Callable[[Job], Exception]:
    """The same end for each."""
    return lambda _: fate
