"""What a mapping may know: the connection it works for, its code lists, and where it notes what
is odd.

Codes are looked up in lists (`mappings/codes/*.yaml`, overridden per connection), never in ifs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.model.document import Source
from hub.model.errors import BadData, Problem, UnknownCode
from mappings.kit import times
from mappings.kit.countries import country
from mappings.kit.words import folded, laid_over, word
from mappings.reading.shipped import read_table

_MOST_WARNINGS = 200
_LONGEST_CODE, _LONGEST_PATH = 200, 200

Codes = Mapping[str, Mapping[str, str]]
"""List name -> their code -> our code."""

_NOTED: ContextVar[list[Problem] | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[list[Problem]]:
    """Collect what is odd in whatever is decoded within, in this thread alone: adapters and their
    contexts are shared.
    """
    found: list[Problem] = []
    token = _NOTED.set(found)
    try:
        yield found
    finally:
        _NOTED.reset(token)


@dataclass(frozen=True, slots=True)
class Context:
    """What a mapping may know of the connection it works for. `warnings` collects what is odd and
    stops nothing, where nobody collects it by `noting`.
    """

    connection: str
    merchant: str = "operator"
    codes: Codes = field(default_factory=dict)
    zone: tzinfo = UTC
    warnings: list[Problem] = field(default_factory=list)
    _folded: dict[str, dict[str, str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def source(
        self,
        id: str,
        revision: str | None = None,
        occurred_at: datetime | None = None,
    ) -> Source:
        """Where a document came from."""
        return Source(connection=self.connection, id=id, revision=revision, occurred_at=occurred_at)

    def source_by_time(self, id: str, changed: datetime | None) -> Source:
        """Where a document came from that is told anew whenever it changes."""
        return self.source(id, times.revision(changed) if changed else None, changed)

    def ours(self, codes: str, theirs: str, *, path: str) -> str:
        """Our code for theirs. UnknownCode where the list has none: the message waits for it."""
        if len(theirs) > _LONGEST_CODE:
            message = f"a code has at most {_LONGEST_CODE} characters"
            raise BadData(message, path=path, code="too_long")
        found = self.ours_or_none(codes, theirs)
        if found is None:
            raise UnknownCode(codes, theirs, path=path)
        return found

    def ours_or_none(self, codes: str, theirs: str | None) -> str | None:
        """Our code for theirs, None where it makes no difference that the list has none."""
        known = self.codes.get(codes)
        if theirs is None or known is None:
            return None
        found = known.get(theirs)
        if found is None:
            if codes not in self._folded:
                self._folded[codes] = folded(known)
            found = self._folded[codes].get(word(theirs))
        return found

    def country(self, *told: str | None, path: str, language: str | None = None) -> str | None:
        """The two letters of a country, by the first of its code and names that names one; None,
        with a warning, where none does.
        """
        named = [one for one in told if one]
        for one in named:
            found = self.ours_or_none("countries", one) or country(one, language)
            if found is not None:
                return found
        if named:
            self.warn("unknown_country", "no country is called so: it was left out", path=path)
        return None

    def carrier(
        self, *told: str | None, path: str, lists: Sequence[str] = ("carriers",)
    ) -> str | None:
        """Our code of a carrier, by the first of its codes and names that a list has; None, with a
        warning, where none does. The goods have left with it all the same: they are booked, and
        the parcel bears the word that was told.
        """
        named = [one for one in told if one]
        tried = (self.ours_or_none(codes, one) for one in named for codes in lists)
        found = next((ours for ours in tried if ours is not None), None)
        if named and found is None:
            self.warn("unknown_carrier", "no code list has this carrier", path=path)
        return found

    def theirs(self, codes: str, ours: str, *, path: str) -> str:
        """Their code for ours, the first in the list. UnknownCode where there is none."""
        for code, meaning in self.codes.get(codes, {}).items():
            if meaning == ours:
                return code
        raise UnknownCode(codes, ours, path=path)

    def warn(self, code: str, message: str, *, path: str = "") -> None:
        """Note something odd that stops nothing."""
        noted = _NOTED.get()
        found = self.warnings if noted is None else noted
        if len(found) < _MOST_WARNINGS:
            found.append(Problem(path[:_LONGEST_PATH], code, message))


@cache
def code_lists(adapter: str) -> dict[str, dict[str, str]]:
    """The built-in code lists as one adapter sees them: the shared ones, then its own on top.

    A file `mappings/codes/<list>.yaml` holds `default:` (their code or common alias -> ours)
    and, where a partner has words of its own, an entry of the adapter's name.
    """
    found: dict[str, dict[str, str]] = {}
    for name, lists in _shipped_lists().items():
        merged = laid_over(lists.get(adapter) or {}, lists.get("default") or {})
        found[name] = {str(k): str(v) for k, v in merged.items()}
    return found


@cache
def _shipped_lists() -> dict[str, dict[str, dict[Any, Any] | None]]:
    folder = files("mappings").joinpath("codes")
    return {
        entry.name.removesuffix(".yaml"): read_table(entry.read_bytes()) or {}
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }


def zone(name: str) -> tzinfo:
    """A time zone by name. BadData where it does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadData(f"{name!r} is no time zone; Asia/Shanghai is one", code="bad_time") from None
