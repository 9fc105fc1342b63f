"""Sections `safety` and `shares` of the connections file: what is kept back of stock, and how
channels share the rest. Checked, compared, written and exported here; what they mean is in
`hub/store/stock/safety.py` and `hub/rules/stock/sharing.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from hub.flows.config.applying.rows import Safety
from hub.flows.config.applying.shape import File
from hub.flows.unit import Unit
from hub.model.document import pieces
from hub.model.errors import BadData, Problem
from hub.model.merchant import OPERATOR
from hub.rules.stock import sharing
from hub.store.config import writes
from hub.store.stock import batches, levels_touched, safety, stock_levels
from hub.store.stock.safety import Kept

_Entries = dict[str, dict[str, Any]]
Owner = Callable[[str], tuple[str, str]]
"""Code of a connection -> its kind and its merchant; two empty words where there is none."""


def check(file: File, owner: Owner) -> Iterator[Problem]:
    """What is wrong with them, beyond their form."""
    for path, row in file.safety.items():
        if row.warehouse and not _has(row.merchant, row.warehouse, "warehouse", owner):
            message = f"{row.merchant} has no warehouse {row.warehouse}"
            yield Problem(f"{path}.warehouse", "unknown_code", message)
    for path, shares in file.shares.items():
        try:
            rules = sharing.parse(shares.rules, f"{path}.rules")
        except BadData as error:
            yield from error.problems()
            continue
        for at, rule in enumerate(rules):
            for place, code in _named(rule):
                if not _has(shares.merchant, code, "channel", owner):
                    message = f"{shares.merchant} has no channel {code}"
                    yield Problem(f"{path}.rules.{at}.{place}", "unknown_code", message)


def current(unit: Unit, file: File) -> dict[str, _Entries]:
    """What there is of them."""
    merchants = {row.merchant for row in file.safety.values()}
    return {
        "safety": _entries(safety.rules(unit.db, merchants)),
        "shares": {code: {"rules": rules} for code, rules in unit.directory.shares.items()},
    }


def wanted(file: File) -> dict[str, _Entries]:
    """What the file says of them."""
    return {
        "safety": _entries(kept(row) for row in file.safety.values()),
        "shares": {row.merchant: {"rules": list(row.rules)} for row in file.shares.values()},
    }


def write_shares(unit: Unit, file: File, todo: set[tuple[str, str]]) -> None:
    """Write what changes of the shares; the directory is read anew after it."""
    rules = {
        row.merchant: row.rules for row in file.shares.values() if ("shares", row.merchant) in todo
    }
    asked = {code for code in rules if _asks(unit.directory.shares.get(code, ()))}
    writes.save_shares(unit.db, rules)
    for merchant in rules:
        batches.judge_merchant(unit.db, merchant)
        levels_touched.touch_all(unit.db, merchant)
    for code in sorted({it.code for of in asked for it in unit.directory.warehouses(of)}):
        stock_levels.resumed(unit.db, code)


def _asks(rules: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a channel asks for more than others: its orders may go on when it does no more."""
    return bool(sharing.asking(sharing.parse(list(rules))))


def write_levels(unit: Unit, file: File, todo: set[tuple[str, str]]) -> None:
    """Write what changes of what is kept back."""
    rows = [kept(row) for row in file.safety.values()]
    safety.save(unit.db, [row for row in rows if ("safety", _name(row)) in todo])


def export(unit: Unit) -> dict[str, list[dict[str, Any]]]:
    """Both sections as the file says them."""
    merchants = [OPERATOR, *unit.directory.merchants]
    return {
        "safety": [_row(row) for row in safety.rules(unit.db, merchants)],
        "shares": [
            {"merchant": code, "rules": list(rules)}
            for code, rules in sorted(unit.directory.shares.items())
            if rules
        ],
    }


def kept(row: Safety) -> Kept:
    """A row as the store has it."""
    return Kept(row.merchant, row.warehouse or "", row.sku or "", row.pieces)


def _entries(rows: Iterable[Kept]) -> _Entries:
    return {_name(row): {"pieces": pieces(row.pieces)} for row in rows}


def _name(row: Kept) -> str:
    return f"{row.merchant} {row.warehouse or '*'} {row.sku or '*'}"


def _row(one: Kept) -> dict[str, Any]:
    named: Mapping[str, str] = {"warehouse": one.warehouse, "sku": one.sku}
    return {
        "merchant": one.merchant,
        **{name: value for name, value in named.items() if value},
        "pieces": int(one.pieces),
    }


def _has(merchant: str, code: str, kind: str, owner: Owner) -> bool:
    its_kind, whose = owner(code)
    return its_kind == kind and (whose == OPERATOR or merchant in (whose, OPERATOR))


def _named(rule: sharing.Rule) -> Iterator[tuple[str, str]]:
    if isinstance(rule, sharing.Priority):
        yield from ((f"priority.{at}", code) for at, code in enumerate(rule.priority))
    elif rule.channel is not None:
        yield "channel", rule.channel
