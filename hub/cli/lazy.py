"""A group whose commands are loaded when they are called, and that leaves with our exit codes."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

import click


class Lazy(NamedTuple):
    """Where in `hub.cli` a command is (`module:name`), and what it does, in one line."""

    target: str
    summary: str


USAGE, INTERRUPTED = 64, 130


class LazyGroup(click.Group):
    """Commands from a table."""

    def __init__(self, commands: Mapping[str, Lazy], **options: Any) -> None:
        super().__init__(**options)
        self.table = commands

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        found = self.table.get(cmd_name)
        if found is None:
            return None
        module, _, name = found.target.partition(":")
        command: click.Command = getattr(import_module(f"hub.cli.{module}"), name)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.summary) for name, one in self.table.items()])

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> NoReturn:
        """Run, and leave: a user's mistake is one line and an exit code, never a traceback."""
        options["standalone_mode"] = False
        try:
            code: Any = super().main(args, *rest, **options)
        except click.UsageError as error:
            error.show()
            sys.exit(USAGE)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(INTERRUPTED)
        except Exception as error:  # noqa: BLE001  # told in one line, with its own exit code
            from hub.cli.failures import told  # noqa: PLC0415  # only now is it needed

            sys.exit(told(error))
        sys.exit(code if isinstance(code, int) else 0)
