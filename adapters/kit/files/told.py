"""Telling a partner by a file of a name of its own, and looking whether it has come.

A file that is gone may have been read, or never have come: that is known only where the partner
moves what it read into a folder that is named (`taken`).
"""

from collections.abc import Sequence

from adapters.kit.files.drop import Drop
from adapters.ports import Receipt
from hub.model.errors import NeedsPerson


def tell(drop: Drop, name: str, raw: bytes) -> Receipt:
    """Write a file. AlreadyDone where it is there, Rejected where another one is."""
    with drop.visit() as visit:
        visit.put(name, [raw])
    return Receipt(name)


def look_up(drop: Drop, name: str, raw: bytes, taken: Sequence[str]) -> Receipt | None:
    """Whether it is there or was taken. None: it never came. NeedsPerson where nobody can know."""
    with drop.visit() as visit:
        if visit.has(name, [raw], *taken):
            return Receipt(name)
        if not taken and not visit.has_begun(name):
            message = f"{name} is not there: see whether the warehouse has read it"
            raise NeedsPerson(message, code="unknown_outcome")
    return None
