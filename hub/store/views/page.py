"""One page of a list, and where the next begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

T = TypeVar("T")
Position = tuple[str, ...]
"""The sort key of the last row that was shown, as text."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`after` is where the next page begins; None where this is the last."""

    items: list[T]
    after: Position | None


def page(
    rows: Sequence[Any], limit: int, shown: Callable[[Any], T], key: Callable[[Any], Position]
) -> Page[T]:
    """A page of rows that were read with one more than `limit`."""
    after = key(rows[limit - 1]) if len(rows) > limit else None
    return Page([shown(row) for row in rows[:limit]], after)


def by_id(row: Any) -> Position:
    """The position of a row whose order is its id."""
    return (str(row.id),)


def id_of(after: Position | None) -> UUID | None:
    """The id at a position. ValueError where the position belongs to another list."""
    if after is None:
        return None
    (text,) = after
    return UUID(text)


def like_prefix(text: str) -> str:
    """A LIKE pattern for what begins with a text."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%"
