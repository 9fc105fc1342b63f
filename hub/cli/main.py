"""The orderhub command: every command by name, loaded only when it is called."""

import sys
from typing import Any

import click

from hub.cli.lazy import Lazy, LazyGroup

# fmt: off
COMMANDS: dict[str, Lazy] = {
    "up":        Lazy("hub.cli.running:up",          "start everything on this machine"),
    "gateway":   Lazy("hub.cli.running:gateway",     "run the public door: webhooks and Open API"),
    "worker":    Lazy("hub.cli.running:worker",      "run one worker"),
    "scheduler": Lazy("hub.cli.running:scheduler",   "run the scheduler"),
    "console":   Lazy("hub.cli.running:console",     "run the console"),
    "migrate":   Lazy("hub.cli.database:migrate",    "bring the database to this release"),
    "audit":     Lazy("hub.cli.audit:audit",        "see whether everything that must hold does"),
    "archive":   Lazy("hub.cli.archive:archive",    "move old payloads into files, rotate months"),
    "doctor":    Lazy("hub.cli.doctor:doctor",       "see whether everything works"),
    "apply":     Lazy("hub.cli.connections:apply",   "bring merchants and connections to a file"),
    "export":    Lazy("hub.cli.connections:export",  "write that file from what there is"),
    "seal":      Lazy("hub.cli.connections:seal",    "seal a secret for that file"),
    "adapters":  Lazy("hub.cli.adapters:adapters",   "list adapters, or tell all of one"),
    "decode":    Lazy("hub.cli.translate:decode",    "partner's message -> canonical documents"),
    "encode":    Lazy("hub.cli.translate:encode",    "canonical document -> partner's message"),
    "messages":  Lazy("hub.cli.messages:messages",   "list, show and replay messages"),
    "trace":     Lazy("hub.cli.trace:trace",         "follow one order through all partners"),
    "map":       Lazy("hub.cli.mapping:mapping",     "say what a partner's code means"),
    "user":      Lazy("hub.cli.users:user",          "people who may use the console"),
    "key":       Lazy("hub.cli.keys:key",            "keys of the Open API"),
    "bench":     Lazy("hub.cli.running:bench",       "measure against bare floors"),
}
# fmt: on


@click.group(cls=LazyGroup, commands=COMMANDS, context_settings={"max_content_width": 100})
@click.version_option(package_name="orderhub", prog_name="orderhub")
def cli() -> None:
    """Order Hub: between those who sell, those who ship and those who keep the books.

    Settings are environment variables (ORDERHUB_HOME, ORDERHUB_DATABASE_URL, ...); with none at
    all, everything is kept under ./var.

    \b
    Exit codes: 0 done, 1 a check failed (audit, doctor), 64 wrong usage, 65 wrong data,
    69 database or another service away, 70 our own error, 78 wrong setting.
    """


def main(args: list[str] | None = None) -> Any:
    """Run the command line; leaves by SystemExit."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    cli.main(args, prog_name="orderhub")


if __name__ == "__main__":
    main()
