"""Tryton's search domains: clauses `[field, operator, value]`, nested, joined by AND or OR."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from sandbox.erp.faults import WrongCall
from sandbox.erp.store import Store

Context = Mapping[str, Any]


def search(store: Store, model: str, domain: Any, context: Context) -> list[int]:
    """Ids that fit, in the model's own order."""
    rows = store.tables[model].rows
    candidates = narrowed(store, model, domain)
    found = [it for it in candidates if it in rows and holds(store, model, it, domain, context)]
    return store.in_order(model, found)


def narrowed(store: Store, model: str, domain: Any) -> Iterable[int]:
    """What an index leaves to be looked at; everything where none helps."""
    table = store.tables[model]
    clauses = domain[1:] if domain and domain[0] == "AND" else domain
    if not domain or domain[0] == "OR":
        return list(table.rows)
    for clause in clauses:
        if not is_clause(clause) or clause[1] not in {"=", "in"}:
            continue
        name, operator, value = clause[:3]
        wanted = value if operator == "in" else [value]
        plain = all(isinstance(it, str | int | None) for it in wanted)
        if name == "id":
            return [it for it in wanted if isinstance(it, int)]
        kind = table.fields[name].kind if name in table.fields else ""
        textual = kind == "many2one" and any(isinstance(it, str) for it in wanted)
        if name in table.index and plain and not textual:
            return [it for value in wanted for it in table.index[name].get(value, ())]
    return list(table.rows)


def is_clause(domain: Any) -> bool:
    return (
        isinstance(domain, list | tuple)
        and len(domain) >= 3
        and isinstance(domain[0], str)
        and isinstance(domain[1], str)
        and domain[1] in OPERATORS
    )


def holds(store: Store, model: str, number: int, domain: Any, context: Context) -> bool:
    if not domain:
        return True
    if is_clause(domain):
        return clause_holds(store, model, number, domain, context)
    if domain[0] == "OR":
        return any(holds(store, model, number, it, context) for it in domain[1:])
    parts = domain[1:] if domain[0] == "AND" else domain
    if isinstance(parts, str) or any(isinstance(it, str) for it in parts):
        raise WrongCall(f"{domain!r} is no domain")
    return all(holds(store, model, number, it, context) for it in parts)


def clause_holds(store: Store, model: str, number: int, clause: Any, context: Context) -> bool:
    name, operator, wanted = clause[:3]
    first, _, rest = name.partition(".")
    field = store.field(model, first)
    value = store.value(model, number, first, context)
    if rest:
        return target_holds(store, field.target, value, [rest, operator, *clause[2:]], context)
    if field.kind in {"one2many", "many2many"}:
        return listed(store, field.target, value, operator, wanted)
    if field.kind == "many2one" and isinstance(wanted, str):
        value = store.name(field.target, value) if value else None
    return OPERATORS[operator](value, wanted)


def target_holds(store: Store, target: str, value: Any, clause: Any, context: Context) -> bool:
    if isinstance(value, str):  # a reference: "model,id"; the clause may end with the model
        target, _, number = value.partition(",")
        if (len(clause) > 3 and clause[3] != target) or target not in store.tables:
            return False
        value = int(number)
        clause = clause[:3]
    ids = value if isinstance(value, list) else [value] if value is not None else []
    return any(clause_holds(store, target, it, clause, context) for it in ids)


def listed(store: Store, target: str, ids: list[int], operator: str, wanted: Any) -> bool:
    """A list of records against a value: any of them, or none where it is a negation."""
    if wanted is None:
        return (not ids) == (operator == "=")
    if operator in {"!=", "not in"}:
        return not listed(store, target, ids, "=" if operator == "!=" else "in", wanted)
    named = isinstance(wanted, str)
    return any(OPERATORS[operator](store.name(target, it) if named else it, wanted) for it in ids)


@lru_cache(maxsize=256)
def pattern(text: str, *, fold: bool) -> re.Pattern[str]:
    parts = {"%": ".*", "_": "."}
    made = "".join(parts.get(letter, re.escape(letter)) for letter in text)
    return re.compile(made, re.DOTALL | (re.IGNORECASE if fold else re.RegexFlag(0)))


def like(value: Any, wanted: Any, *, fold: bool) -> bool:
    return value is not None and pattern(str(wanted), fold=fold).fullmatch(str(value)) is not None


def ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda a, b: a is not None and b is not None and compare(a, b)


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": ordered(lambda a, b: a < b),
    "<=": ordered(lambda a, b: a <= b),
    ">": ordered(lambda a, b: a > b),
    ">=": ordered(lambda a, b: a >= b),
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
    "like": lambda a, b: like(a, b, fold=False),
    "not like": lambda a, b: not like(a, b, fold=False),
    "ilike": lambda a, b: like(a, b, fold=True),
    "not ilike": lambda a, b: not like(a, b, fold=True),
    "child_of": lambda a, b: a in (b if isinstance(b, list) else [b]),
}
