"""Commands that run the hub: everything at once, or one process each."""

import runpy
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click

from hub.cli import kit


@click.command(short_help="start everything on this machine")
@click.option("--demo", is_flag=True, help="With sandbox partners, and real orders through it.")
@click.option(
    "--troubles",
    type=click.Choice(["none", "few", "many"]),
    default="few",
    show_default=True,
    help="With --demo: how many of its orders have something to find and mend.",
)
@click.option("--fresh", is_flag=True, help="Begin with an empty database; what was there is lost.")
@kit.json_option
def up(*, demo: bool, troubles: str, fresh: bool, as_json: bool) -> None:  # noqa: ARG001  # ORDERHUB_LOG says
    """Start the hub: database, gateway, worker, scheduler and console. Ctrl-C stops it.

    \b
    Example:
      orderhub up --demo
      orderhub up --demo --troubles many
    """
    options = {"demo": demo, "fresh": fresh, "troubles": troubles}
    _run("hub.cli.run.starting", "run", kit.settings(), **options)


def _process(name: str, what: str) -> click.Command:
    def run(*, as_json: bool) -> None:  # noqa: ARG001  # its log is JSON as ORDERHUB_LOG says
        _run("hub.cli.run.processes", name, kit.settings())

    more = "It logs to standard error and stops at SIGTERM."
    example = f"\b\nExample:\n  orderhub {name}"
    return click.command(name, help=f"{what}\n\n{more}\n\n{example}")(kit.json_option(run))


gateway = _process("gateway", "Run the public door: partners' webhooks and the Open API.")
worker = _process("worker", "Run one worker: it drains the lanes of inbox and outbox.")
scheduler = _process("scheduler", "Run the scheduler: the sweep and everything that is timed.")
console = _process("console", "Run the console.")


@click.command(short_help="measure against bare floors")
@click.argument("only", required=False)
@kit.json_option
def bench(*, only: str | None, as_json: bool) -> None:  # noqa: ARG001  # it is JSON either way
    """Measure intake, processing and the whole path, one JSON line each. From a checkout only.

    \b
    Example:
      orderhub bench intake
    """
    if find_spec("benchmarks") is None:
        raise click.UsageError(
            "the benchmarks are in the project's checkout: run `make bench` there"
        )
    sys.argv = ["benchmarks", *([only] if only else [])]
    runpy.run_module("benchmarks", run_name="__main__", alter_sys=True)


def _run(module: str, name: str, *args: Any, **options: Any) -> None:
    """Call what runs a process; a number that comes back is the exit code."""
    code = getattr(import_module(module), name)(*args, **options)
    if isinstance(code, int) and code:
        click.get_current_context().exit(code)
