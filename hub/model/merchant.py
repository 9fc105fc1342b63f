"""Merchants: whom orders, stock and connections belong to, and versions of what is agreed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

OPERATOR = "operator"
"""The merchant code of what belongs to the operator: connections over which several merchants'
goods are sold.
"""


class Dated(Protocol):
    """A version of what was agreed: its number, and from when on it counts."""

    @property
    def number(self) -> int: ...

    @property
    def valid_from(self) -> datetime: ...


D = TypeVar("D", bound=Dated)


def in_force(versions: Iterable[D], at: datetime) -> D | None:
    """The version at a moment; before the first day there is none. Where two versions hold, the
    newer one counts.
    """
    holding = [version for version in versions if version.valid_from <= at]
    return max(holding, key=lambda version: version.number) if holding else None


@dataclass(frozen=True, slots=True)
class ReturnTerms:
    """A version of a merchant's terms for returns, as it was written; empty: they were taken away,
    and the operator's hold.
    """

    number: int
    valid_from: datetime
    terms: Mapping[str, Any]
    author: str
    at: datetime
