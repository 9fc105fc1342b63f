"""Merchants' terms for returns in the file: compared, checked, written, and written back.

Terms are kept by version. A row says what counts from a moment on, by itself from now on; it adds
a version only where something else would count then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hub.flows.config.applying.review_checks import Known
from hub.flows.config.applying.rows import Returns
from hub.flows.config.applying.shape import File
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.model.merchant import OPERATOR, ReturnTerms
from hub.rules.returns import policy
from hub.rules.returns.policy import Policy
from hub.store.config import return_terms

KIND = "returns"
_OWN = {"merchant", "valid_from"}
"""What a row says beside the terms themselves."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a row wants, and what would count at its moment without it. Empty: no terms."""

    name: str
    merchant: str
    was: Mapping[str, Any]
    version: ReturnTerms

    @property
    def changes(self) -> bool:
        """Whether something else would count."""
        return _whole(self.was) != _whole(self.version.terms)


def wishes(unit: Unit, file: File, author: str = "") -> list[Wish]:
    """The rows in the order of their moments, each on what those before it make of the terms: a
    newer version counts from its first moment on, over all older ones.
    """
    known = {code: list(versions) for code, versions in unit.directory.returns.items()}
    wished = []
    for row in sorted(file.returns.values(), key=lambda row: row.valid_from or unit.at):
        mine, since = known.setdefault(row.merchant, []), row.valid_from or unit.at
        was = policy.own(known, row.merchant, since)
        version = return_terms.following(mine, _said(row), since, (author, unit.at))
        wish = Wish(_name(row.merchant, row.valid_from), row.merchant, was, version)
        if wish.changes:
            mine.append(version)
        wished.append(wish)
    return wished


def current(unit: Unit, file: File) -> dict[str, dict[str, Any]]:
    """Row -> the terms as they are, whole: a term that is left out counts as it is usual."""
    return {it.name: _whole(it.was) for it in wishes(unit, file) if it.was}


def wanted(unit: Unit, file: File) -> dict[str, dict[str, Any]]:
    """Row -> the terms as the file wants them. A row that says nothing takes them away."""
    return {
        it.name: _whole(it.version.terms) for it in wishes(unit, file) if it.version.terms or it.was
    }


def check(file: File, what: Known) -> Iterator[Problem]:
    """Terms that name a connection which the merchant does not have."""
    for path, row in file.returns.items():
        for place, kind, code in _named(row):
            its_kind, owner = what.connections.get(code, ("", ""))
            if its_kind != kind or owner not in (OPERATOR, row.merchant):
                message = f"{row.merchant} has no {kind} {code}"
                yield Problem(f"{path}.{place}", "unknown_code", message)


def write(unit: Unit, file: File, author: str) -> list[Wish]:
    """Add the versions that change something; returns what they changed."""
    changing = [it for it in wishes(unit, file, author) if it.changes]
    for wish in changing:
        return_terms.add(unit.db, wish.merchant, wish.version)
    return changing


def export(unit: Unit) -> list[dict[str, Any]]:
    """The rows that, applied here, change nothing: what counts now, and what will."""
    return [row for code in sorted(unit.directory.returns) for row in _exported(unit, code)]


def _exported(unit: Unit, merchant: str) -> Iterator[dict[str, Any]]:
    known = unit.directory.returns
    later = sorted({it.valid_from for it in known[merchant] if it.valid_from > unit.at})
    was: Mapping[str, Any] = {}
    for since in (None, *later):
        terms = policy.own(known, merchant, since or unit.at)
        if _whole(terms) != _whole(was):
            own = {"merchant": merchant, **({"valid_from": _text(since)} if since else {})}
            parsed = policy.parse(terms) if terms else Policy()
            yield {**own, **parsed.model_dump(mode="json", exclude_unset=True)}
        was = terms


def _named(row: Policy) -> Iterator[tuple[str, str, str]]:
    """The connections that terms name: place, kind, code."""
    for at, place in enumerate(row.warehouses):
        yield f"warehouses.{at}.warehouse", "warehouse", place.warehouse
    for at, rule in enumerate(row.review):
        for position, code in enumerate(rule.when.channels or ()):
            yield f"review.{at}.when.channels.{position}", "channel", code


def _name(merchant: str, valid_from: datetime | None) -> str:
    return f"{merchant} from {_text(valid_from)}" if valid_from else merchant


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _said(row: Returns) -> Mapping[str, Any]:
    return row.model_dump(mode="json", exclude=_OWN, exclude_unset=True)


def _whole(terms: Mapping[str, Any]) -> dict[str, Any]:
    return policy.parse(terms).model_dump(mode="json") if terms else {}
