"""Batches of histories of money: the ledger follows at once, what is to be paid goes into files for
the bank, and at the end the ledger is exported to the books of others.
"""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hub import flows
from hub.flows.books import exporting
from hub.flows.settlement import contracts, payouts, post
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.model.errors import Contradiction
from hub.model.merchant import OPERATOR
from hub.model.settlement import Payouts
from hub.rules.books import chart
from hub.rules.settlement.terms import Terms
from hub.store.base.ids import new_id
from mappings.journal import FORMS, Client, export
from mappings.journal import Terms as Plain
from mappings.journal.paths import path
from mappings.payouts.files import FORMATS
from tests.histories.batch import Batch
from tests.histories.money import AFTER_ALL, BEGIN, CURRENCIES
from tests.histories.paying import BANK
from tests.mappings.journal import programs

EVERY, REFUSED_EVERY = 2, 10
"""Rounds after which files are written, and after which the bank refuses the whole of them."""
TERMS = {"currency": "EUR", "payee": {"name": "Operator", "iban": "DE02120300000000202051"}}


class MoneyBatch(Batch):
    """Histories of money with one operator, whose bank takes their payouts."""

    def __post_init__(self) -> None:
        self.files: dict[str, Payouts] = {}
        self.world.connect(BANK, "finance", merchant=OPERATOR)
        with self.world.unit() as unit:
            contracts.agree(unit, OPERATOR, Terms.model_validate(TERMS), BEGIN, "ann")

    def after_round(self, *, last: bool) -> None:
        more = True
        while more:
            with self.world.unit() as unit:
                more = post.post(unit, margin_s=0)
        if self.rounds % EVERY == 0:
            for currency in CURRENCIES:
                self._write(currency)

    def _write(self, currency: str) -> None:
        """What is to be paid, in a file that is the same when it is fetched again."""
        try:
            with self.world.unit() as unit:
                file = payouts.due(unit, currency)
            with self.world.unit() as unit:
                again = payouts.due(unit, currency)
        except Contradiction as error:
            if error.code == "nothing_to_pay":
                return
            raise
        if again != file or self.files.setdefault(file.number, file) != file:
            raise self.broken(f"file {file.number} is another when it is fetched again")
        pain, rows = (FORMATS[form](file) for form in ("pain.001", "csv"))
        if any(pain.count(it.reference) < 1 or it.reference not in rows for it in file.transfers):
            raise self.broken(f"file {file.number} lacks what it is of")
        self.notes["files of payouts"] += 1
        if self.rounds % REFUSED_EVERY == 0:
            self._refuse(file.number)

    def _refuse(self, file: str) -> None:
        tree = {
            "type": "payout_status", "status_id": file, "at": datetime.now(UTC).isoformat(),
            "source": {"connection": BANK, "id": file},
            "answers": [{"file": file, "state": "refused"}],
        }  # fmt: skip
        partner = self.world.store.directory().connections[BANK]
        told = Told(read("payout_status", tree), partner, new_id(), new_id())
        with self.world.unit() as unit:
            (verdict,) = flows.take(unit, [told])
        self.notes[f"files refused {verdict.code or verdict.status}"] += 1

    def at_end(self) -> None:
        days = BEGIN.date(), datetime.now(UTC).date() + timedelta(days=7) + AFTER_ALL
        for half in (chart.MERCHANT, chart.OPERATOR):
            wanted = exporting.Wanted(*days, half=half)
            with self.world.unit() as unit:
                found = exporting.entries(unit.db, wanted)
            both = itertools.product(CURRENCIES, filter(programs.is_there, programs.PROGRAMS))
            for currency, program in both:
                ours = self._sums(half, currency)
                theirs = self._balances(program, found, currency)
                if theirs != ours:
                    differ = {
                        name: (ours.get(name), theirs.get(name))
                        for name in {*ours, *theirs}
                        if ours.get(name) != theirs.get(name)
                    }
                    raise self.broken(f"{program} has other sums of {half} in {currency}: {differ}")
                self.notes[f"entries in {program}"] += len(found)

    def _balances(self, program: str, found: Any, currency: str) -> dict[str, Decimal]:
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"all.{FORMS[program].suffix}"
            file.write_bytes(export(program, found, Client()).raw)
            sums = programs.balances(program, file, currency)
        return {name: sum_ for name, sum_ in sums.items() if sum_}

    def _sums(self, half: str, currency: str) -> dict[str, Decimal]:
        """What the ledger has, by the names under which plain-text books know its accounts."""
        rows = self.world.sql(
            """SELECT account, sum(debit - credit) AS sum FROM entry_line
            JOIN entry ON entry.id = entry_id
            WHERE starts_with(account, :half) AND currency = :currency
            GROUP BY 1 HAVING sum(debit - credit) <> 0""",
            half=f"{half}.",
            currency=currency,
        )
        return {path(row.account, Plain()): row.sum for row in rows}
