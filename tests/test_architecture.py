"""Imports point one way, and each rule that says so is seen to bite.

A rule that checks nothing looks just like one that holds; so each gets one forbidden import,
planted in a copy of the tree, and must find it.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.kit.fixtures import ROOT

SETTINGS = tomllib.loads((ROOT / "importlinter.toml").read_text())["tool"]["importlinter"]
RULES = [contract["name"] for contract in SETTINGS["contracts"]]

PLANTS = {
    "Imports point one way": "hub.states -> hub.store.tables",
    "Rooms of the store lean one way": "hub.store.base -> hub.store.messages.lanes",
    "Rooms of the flows lean one way": "hub.flows.routing -> hub.flows.orders.review",
    "Partners meet the business only in hub.model": "adapters.kit -> hub.store.tables",
    "Flows know no partner": "hub.flows -> mappings.kit",
    "Model, states, rules, mappings do no I/O": "mappings -> subprocess",
    "Flows and store speak SQL only": "hub.store -> celery",
    "Adapters do not know each other": "adapters -> adapters.planted_target",
    "Mappings do not know each other": "mappings -> mappings.planted_target",
    "Sandbox partners serve the command line and tests alone": "hub.gateway -> sandbox.http",
    "Sandbox partners share no code with what they check": "sandbox -> hub.model.errors",
    "Test tools stay in tests and the conformance kit": "workers -> pytest",
}
"""Rule: the package that gets a module, and what this module imports."""

MOST_ARROWS = {"hub.store": 32, "hub.flows": 44}
"""Floor: how many pairs of its rooms there may be of which one imports the other. Which way they
may point, importlinter.toml says.
"""


def lint(folder: Path) -> str:
    command = "from importlinter.cli import lint_imports_command as lint; lint()"
    said = subprocess.run(
        [sys.executable, "-c", command, "--no-logo", "--no-cache", "importlinter.toml"],
        cwd=folder,
        env={"PATH": os.defpath, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout + said.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("tree")
    for package in SETTINGS["root_packages"]:
        only_code = shutil.ignore_patterns("__pycache__", "node_modules", "*.json", "*.mo", "*.js")
        shutil.copytree(ROOT / package, copy / package, ignore=only_code)
    shutil.copy(ROOT / "importlinter.toml", copy)
    return copy


@pytest.fixture(scope="module")
def planted(tree) -> str:
    for target in ("adapters", "mappings"):
        (tree / target / "planted_target.py").write_text("")
    for number, plant in enumerate(PLANTS.values()):
        package, _, imported = plant.partition(" -> ")
        module = tree / package.replace(".", "/") / f"planted_{number}.py"
        module.write_text(f"import {imported}\n")
    return lint(tree)


def test_every_rule_has_its_plant():
    assert list(PLANTS) == RULES


def test_the_code_keeps_every_rule():
    assert re.findall(r"^(.+?) (KEPT|BROKEN)", lint(ROOT), re.MULTILINE) == [
        (rule, "KEPT") for rule in RULES
    ]


@pytest.mark.parametrize("rule", RULES)
def test_a_forbidden_import_is_found(planted, rule):
    package, _, imported = PLANTS[rule].partition(" -> ")
    assert f"{rule} BROKEN" in planted
    broken = planted.partition("Broken contracts")[2]
    section = re.split(r"\n(?=.+\n-+\n)", broken.partition(f"\n{rule}\n-")[2])[0]
    assert f"{package}.planted_{RULES.index(rule)} -> {imported} (l.1)" in section


@pytest.mark.slow
def test_no_module_does_anything_when_it_is_imported():
    code = (
        "import importlib, pkgutil, socket, subprocess\n"
        "def refuse(*_, **__): raise SystemExit('something was opened')\n"
        "socket.socket.connect = subprocess.Popen.__init__ = refuse\n"
        "import hub, adapters, mappings, workers, admin, sandbox\n"
        "for root in (hub, adapters, mappings, workers, admin, sandbox):\n"
        "  for module in pkgutil.walk_packages(root.__path__, root.__name__ + '.'):\n"
        "    if module.name.rpartition('.')[2] not in ('env', '__main__'):\n"
        "      importlib.import_module(module.name)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")


def arrows(root: Path, floor: str) -> set[tuple[str, str]]:
    """The pairs of rooms of which the first imports the second. A file beside them is a room, but
    not the floor's own table of contents.
    """
    folder = root / floor.replace(".", "/")
    return {
        (path.relative_to(folder).with_suffix("").parts[0], there)
        for path in folder.rglob("*.py")
        if path != folder / "__init__.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for there in _rooms(node, floor)
        if path.relative_to(folder).with_suffix("").parts[0] != there
    }


def _rooms(node: ast.AST, floor: str) -> list[str]:
    """The rooms of a floor that a statement imports."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        return []
    within = [name.removeprefix(f"{floor}.") for name in names if name.startswith(f"{floor}.")]
    return [name.partition(".")[0] for name in within]


@pytest.mark.parametrize(("floor", "most"), MOST_ARROWS.items())
def test_rooms_lean_on_few_others(floor, most):
    assert len(arrows(ROOT, floor)) <= most, sorted(arrows(ROOT, floor))


def test_an_arrow_between_rooms_is_seen(tmp_path):
    room = tmp_path / "hub" / "store" / "views"
    room.mkdir(parents=True)
    (room / "orders.py").write_text("import hub.store.tables\nfrom hub.store.views import page\n")
    (room / "stock.py").write_text("def later():\n    from hub.store import messages, tables\n")
    (room.parent / "opened.py").write_text("from hub.store.base.ids import new_id\n")
    assert arrows(tmp_path, "hub.store") == {
        ("views", "tables"),
        ("views", "messages"),
        ("opened", "base"),
    }
