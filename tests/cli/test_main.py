"""What all commands have in common: help, JSON, exit codes, and a quick start."""

import subprocess
import sys

import click
import pytest

from hub.cli.main import COMMANDS, cli
from hub.store.people import accounts
from tests.cli.conftest import Run
from tests.kit.fixtures import ROOT


def every_command() -> list[tuple[str, click.Command]]:
    found = []
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", one) for sub, one in command.commands.items()]
        else:
            found.append((name, command))
    return found


EVERY = every_command()


def python(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *args], check=False, cwd=ROOT, capture_output=True, text=True
    )


def test_the_commands_of_the_contract_are_all_there():
    assert [name for name, _ in EVERY] == [
        "up",
        "gateway",
        "worker",
        "scheduler",
        "console",
        "migrate",
        "audit",
        "archive run",
        "archive verify",
        "doctor",
        "apply",
        "export",
        "routing what-if",
        "journal export",
        "journal missing",
        "settle list",
        "settle calculate",
        "settle payouts",
        "seal",
        "connections list",
        "connections pause",
        "connections resume",
        "connections poll",
        "connections test",
        "adapters",
        "adapter new",
        "decode",
        "encode",
        "messages list",
        "messages show",
        "messages replay",
        "workers list",
        "trace",
        "map code",
        "map sku",
        "erase",
        "user add",
        "user passwd",
        "user list",
        "key add",
        "key list",
        "key revoke",
        "bench",
    ]


@pytest.mark.parametrize(("name", "command"), EVERY, ids=[name for name, _ in EVERY])
def test_every_command_takes_json_and_its_help_has_an_example(orderhub: Run, name, command):
    assert "as_json" in {option.name for option in command.params}
    helped = orderhub(*name.split(), "--help")
    assert helped.code == 0
    assert f"Example:\n    orderhub {name}" in helped.out or "| orderhub" in helped.out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_of_each_what_its_help_says(name):
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.short_help in (None, COMMANDS[name].summary)
    assert command.help


def test_help_loads_nothing_heavy_so_that_it_is_quick():
    script = (
        "import sys; from hub.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as done: assert done.code == 0\n"
        "heavy = {'sqlalchemy', 'pydantic', 'celery', 'flask', 'lxml', 'yaml'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = python("-c", script)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Commands:" in done.stdout


def test_python_dash_m_is_the_same_command():
    done = python("-m", "hub.cli", "nonsense")
    assert done.returncode == 64
    assert "No such command 'nonsense'" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "args",
    [
        ("nonsense",),
        ("apply",),
        ("apply", "no-such-file.yaml"),
        ("migrate", "--nonsense"),
        ("messages", "show", "not-an-id"),
        ("messages", "list", "--status", "lost"),
        ("messages", "replay", "--reason", "x"),
        ("messages", "replay", "--reason", "x", "--since", "yesterday"),
        ("user", "add", "ann", "--role", "king"),
        ("key", "add"),
        ("key", "add", "--scopes", "all", "--days", "0"),
        ("adapters", "nonsense"),
    ],
    ids=" ".join,
)
def test_wrong_usage_leaves_with_64_and_says_why(orderhub: Run, args):
    done = orderhub(*args)
    assert done.code == 64
    assert done.out == ""
    assert "Error: " in done.err


def test_a_wrong_setting_leaves_with_78_and_one_line_that_names_it(orderhub: Run, monkeypatch):
    monkeypatch.setenv("ORDERHUB_DATABASE_URL", "mysql://u:hush@here/db")
    done = orderhub("user", "list")
    assert done.code == 78
    assert done.out == ""
    assert done.err.startswith(
        "orderhub: ORDERHUB_DATABASE_URL: found 'mysql'://; accepted: postgr"
    )
    assert done.err.count("\n") == 1
    assert "hush" not in done.err


def test_a_database_that_is_away_leaves_with_69(orderhub: Run, monkeypatch):
    monkeypatch.setenv("ORDERHUB_DATABASE_URL", "postgresql://u:hush@127.0.0.1:1/db")
    done = orderhub("user", "list")
    assert (done.code, done.out) == (69, "")
    assert done.err.count("\n") == 1
    assert "hush" not in done.err


def test_a_database_without_tables_leaves_with_69_and_says_what_to_run(
    orderhub: Run, empty_db_url, monkeypatch
):
    monkeypatch.setenv("ORDERHUB_DATABASE_URL", empty_db_url)
    done = orderhub("user", "list")
    assert (done.code, done.out) == (69, "")
    assert "run `orderhub migrate`" in done.err

    head = max(path.name[:4] for path in (ROOT / "hub/store/migrations/versions").glob("0*.py"))
    first = orderhub("migrate", "--json")
    assert (first.code, first.json) == (0, {"before": None, "after": head})
    again = orderhub("migrate")
    assert (again.code, again.out) == (0, f"the database is at version {head}\n")
    assert orderhub("user", "list").out == "no accounts\n"


def test_an_error_of_our_own_is_one_line_without_values(on_database: Run, monkeypatch):
    def broken(db: object) -> None:
        raise ZeroDivisionError("ada@example.com")

    monkeypatch.setattr(accounts, "listed", broken)
    done = on_database("user", "list")
    assert (done.code, done.out) == (70, "")
    assert done.err.startswith("orderhub: an error of our own, ZeroDivisionError at ")
    assert "ada@example.com" not in done.err


def test_the_benchmarks_are_in_the_checkout_alone(orderhub: Run, monkeypatch):
    monkeypatch.setattr("hub.cli.run.running.find_spec", lambda name: None)
    assert orderhub("bench").code == 64
