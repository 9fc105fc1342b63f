"""Who there is, from one file: read, checked as a whole, compared, applied, and written back.

Applied twice it changes nothing the second time. What the file does not name is left as it is; a
connection can only be taken away in the console, where one sees what still waits on it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.flows.config import polling
from hub.flows.config.applying.adapters import Adapters, takes
from hub.flows.config.applying.changes import Change, Snapshot, plan, untouched
from hub.flows.config.applying.checks import check
from hub.flows.config.applying.exporting import as_yaml, export, spread
from hub.flows.config.applying.reading import LARGEST, all_of, read
from hub.flows.config.applying.shape import File, parse
from hub.flows.config.applying.snapshot import current, wanted
from hub.flows.config.applying.writing import write
from hub.flows.unit import Unit
from hub.model.errors import BadData, Problem
from hub.store.config import secrets, snapshot, writes
from hub.store.messages.polls import Planned

__all__ = [
    "LARGEST",
    "Adapters",
    "Change",
    "File",
    "Outcome",
    "apply",
    "as_yaml",
    "export",
    "load",
    "plan",
    "spread",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What changed (or would), what is odd but stops nothing, which connections were left alone."""

    changes: tuple[Change, ...]
    warnings: tuple[Problem, ...]
    untouched: tuple[str, ...]


def load(text: str | bytes) -> File:
    """The file's rows, read before any transaction, since a large file takes its time."""
    return parse(read(text))


def apply(
    unit: Unit, file: File | str | bytes, adapters: Adapters, actor: str, *, dry_run: bool = False
) -> Outcome:
    """Bring the hub to what the file says. BadData with everything that is wrong: nothing done."""
    if not isinstance(file, File):
        file = load(file)
    writes.lock(unit.db)
    unit.directory = snapshot.load(unit.db, snapshot.version_of(unit.db))
    problems, warnings = _sorted_out(unit, file)
    problems = [*check(file, unit.directory, adapters), *problems]
    if problems:
        raise all_of(problems)
    facts = {row.adapter: adapters.facts(row.adapter) for row in file.connections.values()}
    subscriptions = {row.code: takes(row, facts[row.adapter]) for row in file.connections.values()}
    before = current(unit, file)
    after = wanted(unit, file, subscriptions, facts, before)
    changes = plan(before, after)
    if changes and not dry_run:
        write(unit, file, changes, after, actor)
        _plan_polls(unit, file, changes, adapters)
    warnings += _opened_before(file, before, after)
    return Outcome(tuple(changes), tuple(warnings), tuple(untouched(before, after)))


def _plan_polls(unit: Unit, file: File, changes: Sequence[Change], adapters: Adapters) -> None:
    """Whoever was connected may be asked at once."""
    codes = {change.name for change in changes if change.kind == "connection"}
    rows = [row for row in file.connections.values() if row.code in codes]
    polling.plan(
        unit,
        codes,
        [
            Planned(row.merchant, row.code, topic, every_s)
            for row in rows
            for topic, every_s in adapters.polled(row.adapter, row.options()).items()
        ],
    )


def _sorted_out(unit: Unit, file: File) -> tuple[list[Problem], list[Problem]]:
    """Secrets that are not where they should be: sealed ones are wrong, others may be elsewhere."""
    wrong: list[Problem] = []
    odd: list[Problem] = []
    for path, row in file.connections.items():
        for name, reference in row.secrets.items():
            try:
                secrets.reveal(unit.vault, {name: reference}, (row.merchant, row.code))
            except BadData as error:
                if error.code != "missing_secret":
                    continue  # `check` has it
                problem = Problem(f"{path}.secrets.{name}", error.code, str(error))
                (wrong if reference.startswith("enc:") else odd).append(problem)
    return wrong, odd


def _opened_before(file: File, before: Snapshot, after: Snapshot) -> Iterator[Problem]:
    for path, name in zip(file.stock, after["stock"], strict=True):
        was = before["stock"].get(name)
        if was is not None and was != after["stock"][name]:
            message = f"it was opened with {was['on_hand']} already and stays so: adjust the stock"
            yield Problem(f"{path}.on_hand", "opened_before", message)
