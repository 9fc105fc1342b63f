"""Commands of the connections file: apply, export, seal."""

import functools
import sys
from pathlib import Path
from typing import Any

import click

from adapters.kit.settings_check import Known
from hub.cli import kit
from hub.flows.config import applying
from hub.flows.config.applying import Outcome
from hub.model.errors import placed
from hub.model.merchant import OPERATOR
from hub.store.base.sealing import Vault
from hub.store.config import secrets
from hub.store.opened import vault_keys


@click.command(short_help="bring merchants and connections to a file")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@kit.json_option
def apply(*, file: Any, dry_run: bool, as_json: bool) -> None:
    """Bring merchants, connections, products, stock and routing to what FILE (or -) says.

    Everything is checked first; with one thing wrong nothing is done. Applied again, nothing
    changes. What the file does not name is left as it is.

    \b
    Example:
      orderhub apply connections.yaml --dry-run
    """
    rows = applying.load(file.read(applying.LARGEST + 1))
    with kit.store() as store, kit.unit(store) as unit:
        known = Known(functools.partial(secrets.reveal, store.vault))
        outcome = applying.apply(unit, rows, known, kit.actor(), dry_run=dry_run)
    data = {
        "dry_run": dry_run,
        "changes": [change.as_dict() for change in outcome.changes],
        "warnings": [warning.as_dict() for warning in outcome.warnings],
        "untouched": outcome.untouched,
    }
    kit.say(data, _told(outcome, dry_run=dry_run), as_json=as_json)


def _told(outcome: Outcome, *, dry_run: bool) -> str:
    lines = [kit.shown(change) for change in outcome.changes]
    lines += [f"! {placed(one.path, kit.shown(one.message))}" for one in outcome.warnings]
    if outcome.untouched:
        lines.append(f"= not in the file, left as they are: {', '.join(outcome.untouched)}")
    count = len(outcome.changes)
    changes = f"{count} change" if count == 1 else f"{count} changes"
    return "\n".join([*lines, f"{changes} to make" if dry_run else f"{changes} made"])


@click.command(short_help="write that file from what there is")
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), help="Into a file.")
@kit.json_option
def export(*, path: Path | None, as_json: bool) -> None:
    """Write the connections file from what there is. Applied here, it changes nothing.

    Secrets come out as the references they went in as.

    \b
    Example:
      orderhub export --to connections.yaml
    """
    with kit.store() as store, kit.unit(store) as unit:
        known = Known(functools.partial(secrets.reveal, store.vault))
        tree = applying.export(unit, known)
    text = kit.dumps(tree) + "\n" if as_json else applying.as_yaml(tree)
    if path is None:
        click.echo(text, nl=False)
    else:
        path.write_text(text, "utf-8")


@click.command(short_help="seal a secret for that file")
@click.option("--connection", metavar="CODE", help="The connection that it is for, and no other.")
@click.option(
    "--merchant",
    metavar="CODE",
    default=OPERATOR,
    show_default=True,
    help="Whose connection that is.",
)
@kit.json_option
def seal(*, connection: str | None, merchant: str, as_json: bool) -> None:
    """Seal a secret with this installation's data keys, to stand in the connections file.

    It is read from the terminal, or from standard input. Applied, it is bound to its connection and
    opens for no other; with --connection it is so from the beginning.

    \b
    Example:
      printf %s "$SECRET" | orderhub seal
    """
    secret = _read_secret()
    if not secret:
        raise click.UsageError("the secret is empty")
    owner = None if connection is None else (merchant, connection)
    sealed = secrets.seal(Vault(vault_keys(kit.settings())), secret, owner)
    kit.say({"sealed": sealed}, sealed, as_json=as_json)


def _read_secret() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("secret", hide_input=True, err=True))
    return sys.stdin.read().rstrip("\r\n")
