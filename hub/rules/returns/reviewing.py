"""Whether a return is approved, refused or put before a person, by the merchant's terms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from hub.model.returns import Return
from hub.rules.returns.policy import Decision, Policy, When


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules ask beside the return. `value`: what the pieces cost the customer; `categories`:
    of the articles; `before`: how many returns the customer had.
    """

    placed_at: datetime
    channel: str = ""
    value: Decimal = Decimal(0)
    categories: Sequence[str] = ()
    before: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is decided, and the sentence that says why. `late`: it was asked after the window."""

    decision: Decision
    because: str
    late: bool = False


def judge(policy: Policy, document: Return, facts: Facts) -> Judgement:
    """Ask the rules in their order. After the window a customer's return is put before a person,
    unless a rule says otherwise.
    """
    late = is_late(policy, document, facts)
    for rule in policy.review:
        if _speaks(rule.when, document, facts):
            return Judgement(rule.then, rule.because or f"rule {rule.name}", late)
    if late:
        return Judgement("ask", f"after the window of {policy.window_days} days", late)
    return Judgement(policy.otherwise, "no rule speaks of it", late)


def is_late(policy: Policy, document: Return, facts: Facts) -> bool:
    """Whether a customer asks after the window. What never arrived has none."""
    window = policy.window_days
    return document.cause == "customer" and window is not None and _days(document, facts) > window


def _days(document: Return, facts: Facts) -> int:
    return max((document.requested_at - facts.placed_at).days, 0)


def _speaks(when: When, document: Return, facts: Facts) -> bool:
    return all(
        meets(getattr(when, name), document, facts)
        for name, meets in _CONDITIONS.items()
        if getattr(when, name) is not None
    )


def _like(patterns: Sequence[str], words: Sequence[str]) -> bool:
    return any(
        fnmatchcase(word.casefold(), pattern.casefold()) for pattern in patterns for word in words
    )


def _reasons(document: Return) -> list[str]:
    said = [document.reason, *(line.reason for line in document.lines)]
    return [it for it in said if it is not None]


def _skus(document: Return) -> list[str]:
    """The articles, parts of kits and the kits."""
    return [sku for line in document.lines for sku in (line.sku, line.kit) if sku]


_CONDITIONS: Mapping[str, Callable[[Any, Return, Facts], bool]] = {
    "days_at_most": lambda wanted, it, facts: _days(it, facts) <= wanted,
    "days_at_least": lambda wanted, it, facts: _days(it, facts) >= wanted,
    "reasons": lambda wanted, it, _: _like(wanted, _reasons(it)),
    "causes": lambda wanted, it, _: it.cause in wanted,
    "kinds": lambda wanted, it, _: it.kind in wanted,
    "value_at_least": lambda wanted, _, facts: facts.value >= wanted,
    "value_at_most": lambda wanted, _, facts: facts.value <= wanted,
    "categories": lambda wanted, _, facts: _like(wanted, facts.categories),
    "skus": lambda wanted, it, _: _like(wanted, _skus(it)),
    "channels": lambda wanted, _, facts: _like(wanted, [facts.channel]),
    "returned_before": lambda wanted, _, facts: facts.before >= wanted,
}
"""Condition -> whether it holds."""
