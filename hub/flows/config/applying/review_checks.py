"""What must hold for a merchant's review rules: they can be read, and name only what there is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.flows.config.applying.rows import Review
from hub.model.errors import BadData, Problem
from hub.model.merchant import OPERATOR
from hub.rules.orders import review_rules
from hub.rules.orders.review_rules import ReviewRule


@dataclass(frozen=True, slots=True)
class Known:
    """What rows may refer to, the file's and the hub's; connections as (kind, merchant)."""

    merchants: frozenset[str]
    connections: Mapping[str, tuple[str, str]]
    network: Mapping[str, Any]


def check(path: str, row: Review, what: Known) -> Iterator[Problem]:
    """Everything that is wrong with one merchant's rules, rule by rule."""
    names = dict[str, int]()
    for at, rule in enumerate(row.rules):
        where = f"{path}.rules.{at}"
        try:
            (read,) = review_rules.parse([rule])
        except BadData as error:
            for problem in error.problems():
                place = where + problem.path.removeprefix("rules.0")
                yield Problem(place, problem.code, problem.message)
            continue
        if read.name in names:
            message = f"rule {names[read.name]} is called {read.name} as well"
            yield Problem(f"{where}.name", "duplicate_key", message)
        names.setdefault(read.name, at)
        for name, kind, code in _named(read):
            its_kind, owner = what.connections.get(code, ("", ""))
            if its_kind != kind or owner not in (OPERATOR, row.merchant):
                message = f"{row.merchant} has no {kind} {code}"
                yield Problem(f"{where}.{name}", "unknown_code", message)


def _named(rule: ReviewRule) -> Iterator[tuple[str, str, str]]:
    """The connections that a rule names: place, kind, code."""
    if rule.then.warehouse:
        yield "then.warehouse", "warehouse", rule.then.warehouse.code
    for at, code in enumerate(rule.when.channels or ()):
        yield f"when.channels.{at}", "channel", code
