"""What the pages must speak of, read from the code: reason codes, fates, incidents, metrics.

A word counts as a code where it stands as text in the place of a parameter or field called `code`:
`Problem(path, "bad_id", ...)`, `raise BadData(..., code="no_lines")`, `code = "rejected"`.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from hub.rules.ops import detectors

ROOT = Path(__file__).parents[1]
_ROOMS = ("hub", "mappings", "adapters", "workers")
_ELSEWHERE = re.compile(r"migrations|conformance|hub/store/views|hub/gateway/answers")
_WORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_IN_SQL = re.compile(r"'code',\s*'([a-z_]+)'")
_COMPOSED = {"unknown_": ("unknown_channel", "unknown_warehouse")}
"""Codes that are put together from a beginning and a kind."""
_TABLES = {"HOLD_REASONS": "keys", "_IGNORED": "keys", "_CODES": "values"}
"""Tables of codes, and the side on which the codes stand."""
_NOT_REASONS = frozenset({"Cost", "Fee", "Discount", "Rows", "ShippingLine", "has"})
"""Parts of documents, and columns, whose `code` is something else."""

Places = Mapping[str, frozenset[int]]


@cache
def codes() -> frozenset[str]:
    """Every reason code that the code can give."""
    found = set(_words("code")) - _translated() - {"code"}  # an element of a partner's own
    for nodes, text in _sources().values():
        found |= set(_IN_SQL.findall(text))
        found |= {word for node in nodes for word in _of_table(node)}
    return frozenset(found)


def _translated() -> set[str]:
    """Words of pydantic's own that become one of our codes."""
    nodes, _ = _sources()[ROOT / "hub/model/plain.py"]
    theirs = {word for node in nodes for word in _of_table(node, {"_CODES": "keys"})}
    ours = {word for node in nodes for word in _of_table(node)}
    return theirs - ours


def fates() -> set[str]:
    """Every word that an attempt may end with."""
    return set(_words("fate")) | {"worker_lost"}


def incidents() -> set[str]:
    """Every kind of incident."""
    return set(_words("kind", only=("Incident", "incident"))) | set(detectors.BY_KIND)


def metrics() -> set[str]:
    """Every metric, by the name it is registered under."""
    console = (ROOT / "admin/counts.py").read_text("utf-8")
    names = ("Counter", "Gauge", "Histogram", "GaugeMetricFamily", "CounterMetricFamily")
    return {
        word
        for nodes in (*(nodes for nodes, _ in _sources().values()), _nodes(console))
        for node in nodes
        if isinstance(node, ast.Call) and _name(node.func) in names and node.args
        for word in _texts(node.args[0])
    }


@cache
def _sources() -> dict[Path, tuple[list[ast.AST], str]]:
    paths = [path for room in _ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    chosen = [path for path in paths if not _ELSEWHERE.search(path.as_posix())]
    texts = {path: path.read_text("utf-8") for path in chosen}
    return {path: (_nodes(text), text) for path, text in texts.items()}


def _nodes(text: str) -> list[ast.AST]:
    """What of a source is looked at: each is walked through once, not once a question."""
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, _LOOKED_AT)]


_LOOKED_AT = (ast.Call, ast.Assign, ast.AnnAssign, ast.Dict, ast.FunctionDef, ast.ClassDef)


def _words(parameter: str, only: Iterable[str] | None = None) -> Iterator[str]:
    places = _places(parameter)
    if only is not None:
        places = {name: places[name] for name in only if name in places}
    for nodes, _ in _sources().values():
        for node in nodes:
            yield from _in_call(node, places, parameter)
            if only is None:
                yield from _assigned(node, parameter)


def _places(parameter: str) -> Places:
    """Function or class -> where the parameter stands among its arguments."""
    places: dict[str, set[int]] = defaultdict(set)
    for nodes, _ in _sources().values():
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = _parameters(node)
                if parameter in names and node.name not in _NOT_REASONS | {"__init__"}:
                    places[node.name].add(names.index(parameter))
    return {name: frozenset(at) for name, at in places.items()}


def _parameters(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        return names[1:] if names[:1] in (["self"], ["cls"]) else names
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            return _parameters(method)
    return [
        field.target.id
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    ]


def _in_call(node: ast.AST, places: Places, parameter: str) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    name = _ALIASES.get(_name(node.func), _name(node.func))
    if name not in places and parameter == "kind":
        return
    for at in places.get(name, ()):
        yield from _texts(node.args[at]) if at < len(node.args) else ()
    for keyword in node.keywords:
        if keyword.arg == parameter and name not in _NOT_REASONS:
            yield from _texts(keyword.value)


_ALIASES = {"Reason": "Problem"}


def _assigned(node: ast.AST, parameter: str) -> Iterator[str]:
    """`code = ...` in a class or function, `{"code": ...}`, and a parameter's default."""
    if isinstance(node, ast.Assign) and any(_name(target) == parameter for target in node.targets):
        yield from _texts(node.value)
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == parameter:
                yield from _texts(value)
    if isinstance(node, ast.FunctionDef):
        named = node.args.args[len(node.args.args) - len(node.args.defaults) :]
        for argument, default in zip(named, node.args.defaults, strict=True):
            if argument.arg == parameter:
                yield from _texts(default)


def _of_table(node: ast.AST, tables: Mapping[str, str] = _TABLES) -> Iterator[str]:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    side = tables.get(_name(target))
    value = getattr(node, "value", None)
    if side is not None and isinstance(value, ast.Dict):
        for one in getattr(value, side):
            yield from _texts(one)


def _texts(node: ast.AST | None) -> Iterator[str]:
    """The words that an expression may come to."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if _WORD.fullmatch(node.value):
            yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield from _COMPOSED.get(str(node.values[0].value), ())


def _name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
