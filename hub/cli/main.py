"""The orderhub command: every command by name, loaded only when it is called."""

import sys
from typing import Any

import click

from hub.cli.lazy import Lazy, LazyGroup

# fmt: off
COMMANDS: dict[str, Lazy] = {
    "up":        Lazy("run.running:up", "start everything on this machine"),
    "gateway":   Lazy("run.running:gateway", "run the public door: webhooks and Open API"),
    "worker":    Lazy("run.running:worker", "run one worker"),
    "scheduler": Lazy("run.running:scheduler", "run the scheduler"),
    "console":   Lazy("run.running:console", "run the console"),
    "migrate":   Lazy("run.database:migrate", "bring the database to this release"),
    "audit":     Lazy("watch.audit:audit", "see whether everything that must hold does"),
    "archive":   Lazy("watch.archive:archive", "move old payloads into files, rotate months"),
    "doctor":    Lazy("watch.doctor:doctor", "see whether everything works"),
    "apply":     Lazy("config.connections_file:apply", "bring merchants and connections to a file"),
    "export":    Lazy("config.connections_file:export", "write that file from what there is"),
    "routing":   Lazy("config.routing:routing", "try routing rules on what was decided"),
    "journal":   Lazy("config.journal:journal", "the ledger as a file, and what books lack"),
    "settle":    Lazy("config.settle:settle", "statements of merchants, payouts for the bank"),
    "seal":      Lazy("config.connections_file:seal", "seal a secret for that file"),
    "connections": Lazy("config.connections:connections", "list, pause, resume, poll, test them"),
    "adapters":  Lazy("config.adapters:adapters", "list adapters, or tell all of one"),
    "adapter":   Lazy("config.adapter:adapter", "begin an adapter of a new partner"),
    "decode":    Lazy("messages.translate:decode", "partner's message -> canonical documents"),
    "encode":    Lazy("messages.translate:encode", "canonical document -> partner's message"),
    "messages":  Lazy("messages.messages:messages", "list, show and replay messages"),
    "workers":   Lazy("watch.workers:workers", "list what works, and on what"),
    "trace":     Lazy("watch.trace:trace", "follow one order through all partners"),
    "map":       Lazy("config.mapping:mapping", "say what a partner's code means"),
    "erase":     Lazy("people.customers:erase", "forget a customer everywhere"),
    "user":      Lazy("people.users:user", "people who may use the console"),
    "key":       Lazy("people.keys:key", "keys of the Open API"),
    "bench":     Lazy("run.running:bench", "measure against bare floors"),
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
