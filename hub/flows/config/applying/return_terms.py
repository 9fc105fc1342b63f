"""A merchant's terms for returns in the file: compared, checked, written, and written back."""

from collections.abc import Iterator, Mapping
from typing import Any

from hub.flows.config.applying.review_checks import Known
from hub.flows.config.applying.shape import File, Returns
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.model.merchant import OPERATOR
from hub.rules.returns import policy
from hub.rules.returns.policy import Policy
from hub.store.config import writes

KIND = "returns"


def current(unit: Unit) -> dict[str, dict[str, Any]]:
    """Merchant -> its terms as they are, whole: a term that is left out counts as it is usual."""
    return {code: _whole(policy.parse(tree)) for code, tree in unit.directory.returns.items()}


def wanted(unit: Unit, file: File) -> dict[str, dict[str, Any]]:
    """Merchant -> its terms as the file wants them. A row that says nothing takes them away."""
    return {
        row.merchant: _whole(row) if _said(row) else {}
        for row in file.returns.values()
        if _said(row) or row.merchant in unit.directory.returns
    }


def check(file: File, what: Known) -> Iterator[Problem]:
    """Terms that name a connection which the merchant does not have."""
    for path, row in file.returns.items():
        for place, kind, code in _named(row):
            its_kind, owner = what.connections.get(code, ("", ""))
            if its_kind != kind or owner not in (OPERATOR, row.merchant):
                message = f"{row.merchant} has no {kind} {code}"
                yield Problem(f"{path}.{place}", "unknown_code", message)


def write(unit: Unit, file: File, todo: set[tuple[str, str]]) -> None:
    """Write the terms that change."""
    rows = [row for row in file.returns.values() if (KIND, row.merchant) in todo]
    writes.save_return_terms(unit.db, {row.merchant: _said(row) for row in rows})


def export(unit: Unit) -> list[dict[str, Any]]:
    """The rows that, applied here, change nothing."""
    return [
        {"merchant": code, **policy.parse(tree).model_dump(mode="json", exclude_unset=True)}
        for code, tree in sorted(unit.directory.returns.items())
    ]


def _named(row: Policy) -> Iterator[tuple[str, str, str]]:
    """The connections that terms name: place, kind, code."""
    for at, place in enumerate(row.warehouses):
        yield f"warehouses.{at}.warehouse", "warehouse", place.warehouse
    for at, rule in enumerate(row.review):
        for position, code in enumerate(rule.when.channels or ()):
            yield f"review.{at}.when.channels.{position}", "channel", code


def _said(row: Returns) -> Mapping[str, Any]:
    return row.model_dump(mode="json", exclude={"merchant"}, exclude_unset=True)


def _whole(terms: Policy) -> dict[str, Any]:
    return terms.model_dump(mode="json", exclude={"merchant"})
