"""Bisecting: a batch is worked as one; where that fails, each half for itself, down to the
culprits. One message spoils the others' time, not their fate.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from hub.store.base.failures import DatabaseAway
from hub.store.messages.lanes import LeaseLost

T = TypeVar("T")
Made = TypeVar("Made")


def bisect(
    batch: Sequence[T],
    work: Callable[[Sequence[T]], Made],
    fail: Callable[[T, Exception], None],
) -> Iterator[Made]:
    """Work a batch, whole or in parts, each with all its effect or none; what each of them made, as
    it is made. What fails alone goes to `fail`. A lane or a database that is lost is no message's
    fault.
    """
    try:
        made = work(batch)
    except (LeaseLost, DatabaseAway):
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it is one message's fate
        if len(batch) == 1:
            fail(batch[0], error)
            return
        middle = len(batch) // 2
        yield from bisect(batch[:middle], work, fail)
        yield from bisect(batch[middle:], work, fail)
        return
    yield made
