"""Batches of histories of money: the ledger follows at once, and at the end it is exported to the
books of others.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hub.flows.books import exporting
from hub.flows.settlement import post
from hub.rules.books import chart
from mappings.journal import FORMS, Client, export
from mappings.journal import Terms as Plain
from mappings.journal.paths import path
from tests.histories.batch import Batch
from tests.histories.money import BEGIN
from tests.mappings.journal import programs


class MoneyBatch(Batch):
    """The ledger follows at once, and at the end it is exported to the books of others."""

    def after_round(self, *, last: bool) -> None:
        more = True
        while more:
            with self.world.unit() as unit:
                more = post.post(unit, margin_s=0)

    def at_end(self) -> None:
        days = BEGIN.date(), datetime.now(UTC).date() + timedelta(days=7)
        for half in (chart.MERCHANT, chart.OPERATOR):
            wanted = exporting.Wanted(*days, half=half)
            with self.world.unit() as unit:
                found = exporting.entries(unit.db, wanted)
            ours = self._sums(half)
            for program in filter(programs.is_there, programs.PROGRAMS):
                theirs = self._balances(program, found)
                if theirs != ours:
                    differ = {
                        name: (ours.get(name), theirs.get(name))
                        for name in {*ours, *theirs}
                        if ours.get(name) != theirs.get(name)
                    }
                    raise self.broken(f"{program} has other sums of {half}: {differ}")
                self.notes[f"entries in {program}"] += len(found)

    def _balances(self, program: str, found: Any) -> dict[str, Decimal]:
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"all.{FORMS[program].suffix}"
            file.write_bytes(export(program, found, Client()).raw)
            sums = programs.balances(program, file)
        return {name: sum_ for name, sum_ in sums.items() if sum_}

    def _sums(self, half: str) -> dict[str, Decimal]:
        """What the ledger has, by the names under which plain-text books know its accounts."""
        rows = self.world.sql(
            """SELECT account, sum(debit - credit) AS sum FROM entry_line
            WHERE starts_with(account, :half) GROUP BY 1 HAVING sum(debit - credit) <> 0""",
            half=f"{half}.",
        )
        return {path(row.account, Plain()): row.sum for row in rows}
