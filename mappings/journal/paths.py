"""Accounts as plain-text books name them: below one of five roots, each part with a capital."""

import hashlib
import re
from functools import lru_cache

from mappings.journal.entries import Terms

_PATH = re.compile(
    r"(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+", re.ASCII
)
_PARTS, _ODD = re.compile(r"[:./]"), re.compile(r"[^A-Za-z0-9]+", re.ASCII)
_WHOSE = frozenset({"merchant", "operator"})
_PLAIN = re.compile(
    r"(merchant\.|operator\.|(?!merchant:|operator:))[a-z0-9]+(_[a-z0-9]+)*(:[a-z0-9]+(_[a-z0-9]+)*)*",
    re.ASCII,
)
_ROOTS = {
    root: [*words.split()]
    for root, words in {
        "Assets": "assets asset bank cash receivable receivables stock inventory clearing input_tax"
        " reserve chargebacks transit",
        "Liabilities": "liabilities liability payable payables output_tax tax deposits voucher",
        "Income": "income revenue revenues sales shipping shipping_income fee_income gains",
        "Expenses": "expenses expense commission fees fee cost costs discount discounts loss"
        " losses carriage refunds rounding adjustments",
        "Equity": "equity opening",
    }.items()
}
_ROOT_OF = {word: root for root, words in _ROOTS.items() for word in words}
UNSORTED = "Equity:Unsorted"
"""Where an account stands of which nobody said what it is."""


def path(account: str, terms: Terms) -> str:
    """Where an account stands. Names that could be taken for each other bear a digest."""
    return _path(terms.accounts.get(account, account))


@lru_cache(maxsize=4096)
def _path(name: str) -> str:
    if _PATH.fullmatch(name):
        return name
    parts = _PARTS.split(name)
    first = parts[1] if parts[0] in _WHOSE and len(parts) > 1 else parts[0]
    root = _ROOT_OF.get(first.casefold().replace(" ", "_").replace("-", "_"), UNSORTED)
    whole = ":".join([root, *map(_part, parts)])
    if _PLAIN.fullmatch(name):
        return whole
    return f"{whole}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _part(told: str) -> str:
    words = _ODD.sub("-", told).strip("-") or "X"
    return words[0].upper() + words[1:]
