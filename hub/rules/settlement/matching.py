"""Which rules of a contract charge what: shapes of items against rules."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.rules.settlement.terms import Rule, Terms

TAKEN_BACK = {"sale": "refund"}
"""What takes back what is charged: such items are negative."""
TURNOVER = ("sale", "refund", "shipping", "fee", "rounding", "chargeback", "chargeback_fee")
"""Kinds of items whose amount the merchant is owed, or owes."""

_TRAITS: Sequence[tuple[str, str]] = (
    ("brands", "brand"),
    ("skus", "sku"),
    ("channels", "channel"),
    ("methods", "method"),
    ("warehouses", "warehouse"),
)
_MANY: Sequence[tuple[str, str]] = (("categories", "categories"), ("campaigns", "campaigns"))


class Matcher:
    """A contract's rules, ready to be asked about many shapes."""

    def __init__(self, terms: Terms) -> None:
        self._by_kind: dict[str, list[tuple[int, Rule]]] = {}
        for number, rule in enumerate(terms.rules):
            for kind in (rule.on, TAKEN_BACK.get(rule.on)):
                if kind is not None:
                    self._by_kind.setdefault(kind, []).append((number, rule))

    def rules(self, traits: Mapping[str, Any]) -> Iterator[int]:
        """The places of the rules that charge items of this shape, one for each charge."""
        charged = set()
        for number, rule in self._by_kind.get(traits["kind"], ()):
            if rule.charge not in charged and _speaks_of(rule, traits):
                charged.add(rule.charge)
                yield number


def _speaks_of(rule: Rule, traits: Mapping[str, Any]) -> bool:
    for names, trait in _TRAITS:
        wanted = getattr(rule, names)
        if wanted and traits.get(trait) not in wanted:
            return False
    for names, trait in _MANY:
        wanted = getattr(rule, names)
        if wanted and not set(wanted).intersection(traits.get(trait) or ()):
            return False
    return True
