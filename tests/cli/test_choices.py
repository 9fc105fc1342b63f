"""Each value that docs/commands.md lists for an option is one that the command takes."""

import re
from collections.abc import Iterator

import click
import pytest

from hub.cli.main import cli
from hub.states.message import In, Out
from hub.states.settlement import State
from tests.cli.conftest import Run
from tests.kit.fixtures import ROOT

PAGE = (ROOT / "docs" / "commands.md").read_text("utf-8")
_OPTION = re.compile(r"^\| `(-[^`]*)` \| ((?:`[^`]+`(?:, )?)+)", re.MULTILINE)


def listed() -> Iterator[tuple[str, str, str]]:
    """(command, option, value) of each value that the page lists."""
    for section in re.split(r"^## orderhub ", PAGE, flags=re.MULTILINE)[1:]:
        name = section.partition("\n")[0]
        for option, values in _OPTION.findall(section):
            for value in re.findall(r"`([^`]+)`", values):
                yield name, option, value


LISTED = list(listed())


def find(name: str) -> tuple[click.Context, click.Command]:
    """The command of this name."""
    command: click.Command = cli
    context = click.Context(cli)
    for word in name.split():
        assert isinstance(command, click.Group)
        found = command.get_command(context, word)
        assert found is not None
        command = found
    return context, command


@pytest.mark.parametrize(("name", "option", "value"), LISTED)
def test_a_listed_value_is_taken(name: str, option: str, value: str) -> None:
    context, command = find(name)
    (given,) = (one for one in command.params if option in one.opts)
    assert given.type_cast_value(context, value) == value


def test_every_choice_of_every_command_is_listed() -> None:
    sections = [line.partition("\n")[0] for line in PAGE.split("\n## orderhub ")[1:]]
    choices = {
        (name, option.opts[-1])
        for name in sections
        for option in find(name)[1].params
        if isinstance(option.type, click.Choice)
    }
    assert {(name, option) for name, option, _ in LISTED} == choices
    assert {("messages list", "--status"), ("user add", "--role")} <= choices


@pytest.mark.parametrize(
    "value", [value for name, _, value in LISTED if (name, _) == ("messages list", "--status")]
)
def test_messages_are_listed_and_replayed_by_each_status(on_database: Run, value: str) -> None:
    found = on_database("messages", "list", "--status", value, "--json")
    assert (found.code, found.json) == (0, {"items": [], "next_cursor": None})
    wanted = ("--status", value, "--reason", "why", "--dry-run", "--json")
    assert on_database("messages", "replay", *wanted).json == {
        "selected": 0,
        "replayed": 0,
        "left": 0,
        "overtaken": {},
        "refused": [],
        "paused": [],
        "dry_run": True,
    }


def test_every_status_is_among_them() -> None:
    def said(of: str) -> set[str]:
        return {value for name, option, value in LISTED if (name, option) == (of, "--status")}

    assert said("messages list") == {one.value for one in (*In, *Out)} - {"new"}
    assert said("settle list") == {one.value for one in State}
