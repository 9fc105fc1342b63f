"""Nothing stands in the kit for one partner alone: what only one needs is that partner's own."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.kit.fixtures import ROOT

pytestmark = pytest.mark.slow

KIT = "mappings.kit"
TOPS = ("hub", "workers", "mappings", "adapters")
_VOCABULARY = "a type of wire fields has a twin: one decides, one does not; one is UTC, one is not"
ALONE: Mapping[str, str] = {
    "fields.Pieces": "a quantity that must be there, beside `Count`",
    "fields.Utc": _VOCABULARY,
    "reports.bodies.Body": "what `bodies` gives: whoever reads one need not name it",
    "context.Codes": "the type of what a `Context` is given",
}
"""Names, or modules, that have fewer users -> why they stand in the kit all the same."""

Name = tuple[str, str]
"""A module, and what stands in it."""


def parsed(root: Path) -> dict[str, ast.Module]:
    """The modules of the product, by name."""
    paths = [path for top in TOPS for path in sorted((root / top).rglob("*.py"))]
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
            path.read_text("utf-8")
        )
        for path in paths
    }


def defined(tree: ast.Module) -> Iterator[str]:
    """The functions, classes and values of a module that it does not keep to itself."""
    for node in tree.body:
        names: list[str] = []
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not _is_type_variable(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [one.id for it in targets for one in ast.walk(it) if isinstance(one, ast.Name)]
        yield from (name for name in names if not name.startswith("_"))


def _is_type_variable(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "TypeVar"


@cache
def imported(tree: ast.Module) -> dict[str, Name]:
    """What a module calls it -> what it imports from the kit."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(KIT)
        for alias in node.names
    }


def used(module: str, modules: Mapping[str, ast.Module]) -> Iterator[Name]:
    """What a module uses of the kit: by name, of a module that it imports, or its own."""
    tree = modules[module]
    local = imported(tree)
    yield from local.values()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            inner = ".".join(local.get(node.value.id, ("", "")))
            if inner in modules:
                yield inner, node.attr
    if module.startswith(KIT):
        loaded = {it.id for it in ast.walk(tree) if isinstance(it, ast.Name) and _is_read(it)}
        yield from ((module, name) for name in loaded if name not in local)


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def home(name: Name, modules: Mapping[str, ast.Module]) -> Name:
    """Where it is defined, whichever package hands it on."""
    further = imported(modules[name[0]]).get(name[1])
    return name if further in {None, name} else home(further, modules)


def user_of(module: str) -> str:
    """Mapping and adapter of a partner are one user; so is each module of the kit."""
    top, _, rest = module.partition(".")
    if module.startswith(KIT) or top not in {"mappings", "adapters"}:
        return module
    return rest.partition(".")[0].removesuffix("_channel").removesuffix("_warehouse")


def with_too_few_users(root: Path) -> dict[str, list[str]]:
    """The names of the kit that have neither two users nor one outside of all partners."""
    modules = parsed(root)
    users: defaultdict[Name, set[str]] = defaultdict(set)
    hand_on = {KIT, *(module for module in modules if f"{module}.told" in modules)}
    for module in modules.keys() - hand_on:
        for name in used(module, modules):
            users[home(name, modules)].add(user_of(module))
    names = [(it, name) for it in modules if it.startswith(KIT) for name in defined(modules[it])]
    return {
        f"{module.removeprefix(KIT).removeprefix('.')}.{name}": sorted(users[module, name])
        for module, name in names
        if name != "__all__" and not _is_general(module, name, users[module, name])
    }


def _is_general(module: str, name: str, users: set[str]) -> bool:
    """A bound may be its own module's alone: it is named for its tests."""
    if len(users) > 1 or (name.isupper() and users):
        return True
    return any("." in user and user != module for user in users)


def _has_reason(name: str) -> bool:
    return name in ALONE or name.rpartition(".")[0] in ALONE


def test_every_name_of_the_kit_has_two_users_or_a_reason():
    few = with_too_few_users(ROOT)
    assert {name: users for name, users in few.items() if not _has_reason(name)} == {}


def test_every_reason_is_still_needed():
    few = with_too_few_users(ROOT)
    needed = {*few, *(name.rpartition(".")[0] for name in few)}
    assert [name for name in ALONE if name not in needed] == []


def test_a_name_for_one_partner_is_seen_however_it_is_imported(tmp_path):
    for path, text in {
        "mappings/kit/__init__.py": "from mappings.kit.words import both",
        "mappings/kit/words.py": "MOST = 1\ndef both(): MOST\ndef alone(): ...\ndef no(): ...",
        "mappings/shop/a.py": "from mappings.kit import both\nfrom mappings.kit.words import alone",
        "adapters/shop/b.py": "from mappings.kit import words\nwords.alone()",
        "mappings/depot/a.py": "from mappings.kit import words as w\nw.both()",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    assert with_too_few_users(tmp_path) == {"words.alone": ["shop"], "words.no": []}
