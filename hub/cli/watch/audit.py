"""`orderhub audit`: see whether everything that the hub promises of its own books holds."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from hub.cli import kit
from hub.flows.ops import auditing
from hub.model.errors import BadData
from hub.rules.ops import history
from hub.rules.ops.history import Line
from hub.store import invariants
from hub.store.invariants import MOST, Found
from hub.store.people.audit_trail import Head

BROKEN = 1
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 5
_ID = 60


@click.command(short_help="see whether everything that must hold does")
@click.option("--at-rest", is_flag=True, help="Nothing is left to do: look at that as well.")
@click.option(
    "--history",
    "files",
    metavar="FILE",
    multiple=True,
    type=_FILE,
    help="JSON lines of what partners offered, were answered and recorded; repeatable.",
)
@click.option(
    "--log",
    "logs",
    metavar="FILE",
    multiple=True,
    type=_FILE,
    help="The security log: its heads of the audit must still stand; repeatable.",
)
@click.option(
    "--documents",
    metavar="N",
    default=auditing.DOCUMENTS,
    show_default=True,
    type=click.IntRange(min=0),
    help="So many of the newest orders are opened and added up.",
)
@kit.json_option
@click.pass_context
def audit(
    ctx: click.Context,
    *,
    at_rest: bool,
    files: Sequence[Path],
    logs: Sequence[Path],
    documents: int,
    as_json: bool,
) -> None:
    """Look through the whole database for what must never be: something lost, doubled, out of
    order, oversold, in the wrong hands or altered afterwards.

    It changes nothing and may run while the hub does. Leaves with 1 where anything is broken.

    \b
    Example:
      orderhub audit
      orderhub audit --at-rest --history history.jsonl --json
    """
    lines = [line for path in files for line in _history(path)]
    logged = [head for path in logs for head in _heads(path)]
    with kit.store() as store:
        progress = kit.Progress("checking", len(invariants.wanted(at_rest=at_rest)))
        answers = auditing.audit(
            store,
            at_rest=at_rest,
            lines=lines,
            logged=logged,
            documents=documents,
            step=progress.step,
        )
    broken = invariants.counts(answers)
    if as_json:
        wrong = [_broken(answer) for answer in answers if answer.broken]
        click.echo(json.dumps({"broken": broken, "found": wrong}, ensure_ascii=False))
    else:
        click.echo(_told(answers))
    if any(broken.values()):
        ctx.exit(BROKEN)


def _history(path: Path) -> list[Line]:
    try:
        with path.open(encoding="utf-8") as text:
            return history.read(text)
    except UnicodeDecodeError:
        raise BadData("UTF-8 is expected", path=str(path), code="bad_encoding") from None
    except BadData as error:
        raise BadData(str(error), path=f"{path} {error.path}", code=error.code) from None


def _heads(path: Path) -> Iterator[Head]:
    """The heads that a log in JSON tells of; the rest of it is left alone."""
    with path.open(encoding="utf-8", errors="replace") as text:
        for line in text:
            if "audit_head" not in line:
                continue
            try:
                tree = json.loads(line)
                yield Head(tree["chain"], int(tree["number"]), bytes.fromhex(tree["hash"]))
            except (ValueError, KeyError, TypeError):
                continue


def _broken(one: Found) -> dict[str, object]:
    return {
        "number": one.number,
        "title": one.title,
        "count": len(one.broken),
        "such_as": list(one.broken[:_SHOWN]),
        "do": one.do,
    }


def _told(found: list[Found]) -> str:
    rows = [(one.number, one.title, _count(one), *_what(one)) for one in found]
    head = ("", "what must hold", "broken", "such as", "what to do")
    wrong = sum(bool(one.broken) for one in found)
    end = f"{wrong} of {len(found)} do not hold" if wrong else f"all {len(found)} hold"
    return f"{kit.table(head, rows, '')}\n\n{end}"


def _count(one: Found) -> str:
    return f"{MOST} or more" if len(one.broken) >= MOST else str(len(one.broken))


def _what(one: Found) -> tuple[str, str]:
    if not one.broken:
        return "", ""
    return "; ".join(text[:_ID] for text in one.broken[:_SHOWN]), one.do
