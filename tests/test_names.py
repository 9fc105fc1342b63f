"""Local names say what they name: where a function is longer than a few lines, `one`, `found` and
`told` are none.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.kit.fixtures import ROOT

EMPTY = {"one", "found", "told"}
FEW_LINES = 8
ROOMS = (
    *("hub/cli", "hub/doors", "hub/embedded", "hub/gateway", "hub/model", "hub/settings"),
    *("hub/flows", "hub/rules", "hub/states", "hub/store"),
    *("admin", "sandbox", "benchmarks", "docs", "workers"),
    *("adapters/generic_channel", "adapters/generic_warehouse", "adapters/kit", "adapters/qimen"),
    *("adapters/shopify", "adapters/soap_erp", "adapters/tryton"),
    *("mappings/qimen", "mappings/tryton"),
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def empty_names(source: str) -> list[str]:
    """Each longer function that binds or takes such a name, with the line of it."""
    return [
        f"{function.name}:{line} {name}"
        for function in ast.walk(ast.parse(source))
        if isinstance(function, Function) and _lines(function) > FEW_LINES
        for name, line in _bound(function)
        if name in EMPTY
    ]


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _bound(function: Function) -> Iterator[tuple[str, int]]:
    """The names that a function binds; functions within it are looked at by themselves."""
    yield from _arguments(function.args)
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | ast.ClassDef):
            continue
        if isinstance(node, ast.Lambda):
            yield from _arguments(node.args)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name, node.lineno
        waiting += ast.iter_child_nodes(node)


def _arguments(arguments: ast.arguments) -> Iterator[tuple[str, int]]:
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            yield argument.arg, argument.lineno


@pytest.mark.parametrize("room", ROOMS)
def test_names_of_longer_functions_say_what_they_name(room):
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    wrong = {
        str(file.relative_to(ROOT)): names
        for file in files
        if (names := empty_names(file.read_text("utf-8")))
    }
    assert wrong == {}


def test_a_planted_name_is_found_and_a_short_function_may_have_one():
    body = "\n".join(f"    line{n} = {n}" for n in range(8))
    assert empty_names(f"def f(told):\n{body}\n    return [one for one in told]") == [
        "f:1 told",
        "f:10 one",
    ]
    assert empty_names("def f(told):\n    return [one for one in told]") == []
