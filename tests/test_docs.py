"""The documentation speaks of all there is and of nothing else, and its links lead somewhere."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from docs import __main__ as generator
from docs import _commands, _found
from docs._markdown import anchor
from hub.cli.main import COMMANDS
from hub.flows import HANDLERS
from hub.gateway.api import ROUTES
from hub.gateway.description.openapi import PREFIX
from hub.model.catalogue import DOCUMENTS
from hub.rules.ops import detectors
from hub.settings import SETTINGS
from hub.states import TABLES
from hub.store.people.api_keys import SCOPES
from tests.kit.fixtures import ROOT

pytestmark = pytest.mark.slow

DOCS = ROOT / "docs"
PAGES = sorted(
    [
        *DOCS.rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    ]
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
ELSEWHERE = re.compile(
    r"(?<![\w./>-])/(?:home|root|mnt|work|Users)/|\b(?:issue|ticket|session) #?[0-9]|\bTODO\b"
)
"""Folders of somebody's machine, and what a reader of the project cannot look up."""


def text(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def in_code(name: str) -> set[str]:
    """Words that stand as code in a page."""
    return set(re.findall(r"`([^`\n]+)`", text(name)))


def test_the_generated_pages_are_in_step_with_the_code():
    assert generator.out_of_step() == []


def test_the_check_names_what_is_out_of_step(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(generator, "FOLDER", tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "gone.json").write_text("{}")
    assert generator.main(["--check"]) == 1
    named = capsys.readouterr().out.splitlines()
    assert "docs/settings.md is out of step with the code: run `make docs`" in named
    assert len(named) == len(generator.pages()) + 1
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0
    assert not (tmp_path / "schemas" / "gone.json").exists()


def test_every_setting_is_described():
    assert {row.name for row in SETTINGS} <= in_code("settings.md")


def test_every_command_is_described():
    sections = set(re.findall(r"^## (orderhub .*)$", text("commands.md"), re.MULTILINE))
    assert sections == set(_commands.names())
    assert {name.split()[1] for name in sections} == set(COMMANDS)


def test_every_route_and_scope_is_described():
    there = in_code("api.md")
    assert {f"{route.method} {PREFIX}{route.path}" for route in ROUTES} <= there
    assert set(SCOPES) <= there


def test_every_state_and_event_is_described():
    there = in_code("states.md")
    assert {str(state) for table in TABLES for state in type(table.start)} <= there
    assert {str(row.event) for table in TABLES for row in table.rows} <= there


def test_every_status_of_a_message_says_what_to_do():
    rows = set(re.findall(r"^\| `(\w+)` \| (?:in|out|both) \|", text("messages.md"), re.MULTILINE))
    statuses = {str(state) for table in TABLES[-2:] for state in type(table.start)} - {"new"}
    assert rows == statuses


def test_every_document_is_described():
    headings = set(re.findall(r"^## `(\w+)`$", text("documents.md"), re.MULTILINE))
    assert headings == set(DOCUMENTS)
    assert {path.stem for path in (DOCS / "schemas").glob("*.json")} == set(DOCUMENTS)


def test_every_flow_is_described():
    named = {
        kind.TYPE: f"{flow.__module__.rpartition('.')[2]}.{flow.__name__}"
        for kind, flow in HANDLERS.items()
    }
    there = text("architecture.md")
    assert [
        kind for kind, flow in named.items() if f"`{kind}`" not in there or f"`{flow}`" not in there
    ] == []


def coded_rows(beginning: str, end: str | None) -> set[str]:
    """The first column of the tables between two headings of the page on messages."""
    part = text("messages.md").partition(beginning)[2]
    part = part.partition(end)[0] if end else part
    return set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))


def test_every_reason_code_is_described_and_none_that_is_not_given():
    assert coded_rows("\n## Codes\n", "\n## Incidents\n") == _found.codes()


def test_every_incident_is_described_and_none_that_is_not_opened():
    assert coded_rows("\n## Incidents\n", None) == _found.incidents()


def test_every_fate_of_an_attempt_is_named():
    assert _found.fates() <= in_code("messages.md")


def test_the_codes_that_are_looked_for_are_found():
    assert {
        "bad_signature",
        "crashes_worker",
        "totals_mismatch",
        "unknown_channel",
    } <= _found.codes()
    assert {"too_long", "stale"} <= _found.codes()
    assert "string_too_long" not in _found.codes()


def test_every_metric_is_described_and_none_that_is_not_there():
    rows = set(re.findall(r"^\| `(orderhub_\w+)` \|", text("metrics.md"), re.MULTILINE))
    assert {row.removesuffix("_total") for row in rows} == _found.metrics()


def test_every_log_event_of_the_hub_is_described():
    said = set()
    for room in ("hub", "workers", "admin"):
        for path in (ROOT / room).rglob("*.py"):
            found = re.findall(
                r"\.(?:info|warning|error)\(\s*\"([a-z_]+)\"", path.read_text("utf-8")
            )
            said |= set(found)
    assert said - {"api"} - in_code("operations.md") == set()


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path):
    broken = [
        link
        for link in LINK.findall(CODE.sub("", page.read_text("utf-8")))
        if not leads(page, link)
    ]
    assert broken == []


def leads(page: Path, link: str) -> bool:
    if re.match(r"https?:", link):
        return True
    path, _, place = unquote(link).partition("#")
    target = (page.parent / path) if path else page
    if not target.is_file() or not target.resolve().is_relative_to(ROOT):
        return False
    return not place or place in anchors(target)


def anchors(page: Path) -> set[str]:
    headings = re.findall(
        r"^#+ (.+)$",
        re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL),
        re.MULTILINE,
    )
    return {anchor(heading) for heading in headings}


def test_every_page_is_reached_from_the_index():
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in LINK.findall(text("index.md"))}
    pages = {path.resolve() for path in DOCS.rglob("*.md")} - {(DOCS / "index.md").resolve()}
    assert sorted(path.name for path in pages - linked) == []


@pytest.mark.parametrize("page", [*PAGES, DOCS / "path.svg"], ids=[*NAMES, "docs/path.svg"])
def test_a_page_speaks_of_the_project_only(page: Path):
    assert ELSEWHERE.findall(page.read_text("utf-8")) == []


def test_example_commands_name_commands_that_exist():
    known = set(COMMANDS)
    pages = [page for page in PAGES if page.name != "CHANGELOG.md"]
    named = {
        (page.name, word)
        for page in pages
        for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        for word in re.findall(r"(?:^|[ (/|])orderhub ([a-z]+)", block, re.MULTILINE)
    }
    assert {(page, word) for page, word in named if word not in known} == set()
    assert len(named) > 20


def test_the_documented_alarm_contains_all_that_the_hub_finds_by_itself() -> None:
    text = (DOCS / "metrics.md").read_text("utf-8")
    found = re.search(r'orderhub_incidents\{kind=~"([^"]+)"\}', text)
    assert found is not None
    kinds = {*detectors.BY_KIND, "connection_paused"}
    assert [kind for kind in sorted(kinds) if not re.fullmatch(found[1], kind)] == []


def test_every_file_that_the_architecture_names_is_there():
    named = re.findall(r"`((?:hub|workers|adapters|admin)/[\w/]+\.py)`", text("architecture.md"))
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_no_walk_passes_a_file_twice():
    """Each file once, from top to bottom: a path that comes back is one nobody can follow."""
    walks = re.split(r"\n\*\*", text("architecture.md").split("## Five walks")[1].split("\n## ")[0])
    for walk in walks[1:]:
        files = re.findall(r"`((?:hub|workers)/[\w/]+\.py)`", walk)
        assert len(files) >= 4
        assert len(files) == len(set(files)), walk
