"""What a caller knows of a call beside its bytes, for calls that a library makes on the way."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from adapters.kit.http.fates import Fates


@dataclass(frozen=True, slots=True)
class Meaning:
    """Whether it changes something at the partner, what statuses mean, and which of them (`own`)
    the caller reads itself. None: nobody said.
    """

    write: bool | None = None
    fates: Fates | None = None
    own: Collection[int] | None = None


_UNSAID = Meaning()
_MEANT: ContextVar[Meaning] = ContextVar("meant", default=_UNSAID)


def meaning() -> Meaning:
    """Of the call that is made just now."""
    return _MEANT.get()


@contextmanager
def meant(
    *,
    write: bool | None = None,
    fates: Fates | None = None,
    own: Collection[int] | None = None,
) -> Iterator[None]:
    """Calls inside mean this; what is not said here holds on from outside."""
    outer = _MEANT.get()
    token = _MEANT.set(
        Meaning(
            outer.write if write is None else write,
            outer.fates if fates is None else fates,
            outer.own if own is None else own,
        )
    )
    try:
        yield
    finally:
        _MEANT.reset(token)
