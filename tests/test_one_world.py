"""There is one test world. Whoever opens a store, serves a door or starts the hub's processes in a
place of its own begins another: what a world needs is added to `tests/kit/world` instead.
"""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from hub.model.errors import TryLater
from tests.kit.catalogue import shipment
from tests.kit.fixtures import ROOT
from tests.kit.world import World

pytestmark = pytest.mark.slow

PLACE = "tests/kit/world"
MAKES_A_WORLD = {
    ("hub.store.opened", "Store"): "World, or `open_store`",
    ("hub.gateway.app", "make_app"): "`tests.kit.world.gateway.Gateway`",
    ("admin.app", "make_app"): "`tests.kit.world.console.Console`",
}
"""What is made of a world's parts -> what stands for it."""
NAMES = ("World", "Town", "House", "Hub", "Office", "Village")
"""Names under which worlds have come before. A class of a test is named for what it adds."""
OF_ITS_OWN = {
    "tests/gateway/server/process.py": "the gateway as a process of its own, which may kill itself",
}


def worlds_of(source: str) -> list[str]:
    """What in a source begins a world of its own."""
    tree = ast.parse(source)
    names = {
        one.asname or one.name: (node.module, one.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    }
    begun = [
        f"line {node.lineno}: {MAKES_A_WORLD[made]} stands for this"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (made := names.get(_called(node.func))) in MAKES_A_WORLD
    ]
    named = [
        f"line {node.lineno}: class {node.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith(NAMES)
    ]
    return [*begun, *named]


def _called(what: ast.expr) -> str:
    """`make_app(...)` and `Store.open(...)` alike, by the first name."""
    while isinstance(what, ast.Attribute):
        what = what.value
    return what.id if isinstance(what, ast.Name) else ""


def test_no_test_makes_a_world_of_its_own() -> None:
    begun = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(PLACE) and place not in OF_ITS_OWN:
            begun[place] = worlds_of(path.read_text("utf-8"))
    assert {place: found for place, found in begun.items() if found} == {}


@pytest.mark.parametrize(
    "source",
    [
        "from hub.store.opened import Store\nstore = Store.open(settings, url, name='x')",
        "from hub.gateway.app import make_app\napp = make_app(store, adapters, ring)",
        "from admin.app import make_app as app_of\napp_of(store, ring)",
        "class Town:\n    pass",
        "class LittleWorld:\n    pass",
    ],
)
def test_a_world_is_seen(source: str) -> None:
    assert len(worlds_of(source)) == 1


def test_the_example_for_who_writes_a_test_holds(world: World) -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(def test_.*?)```", page, re.DOTALL)
    known: dict[str, Any] = {"World": World, "TryLater": TryLater, "shipment": shipment}
    exec(example, known)  # noqa: S102  # our own page
    known["test_what_was_ordered_leaves_once"](world)


def test_a_store_that_is_only_named_is_none() -> None:
    assert worlds_of("from hub.store.opened import Store\ndef f(store: Store) -> None: ...") == []


def test_exceptions_are_there() -> None:
    assert [place for place in OF_ITS_OWN if not (ROOT / Path(place)).is_file()] == []
