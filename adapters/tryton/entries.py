"""Journal entries as account moves. Our reference is the move's description: by it a move is known
again, and one left as a draft is posted.
"""

from typing import Any

from adapters.ports import Receipt
from adapters.tryton.books import Books
from hub.model.errors import AlreadyDone, NeedsPerson, Rejected
from mappings.kit.ledger_lines import Booking, Side

ENTRY = "account.move"


class Entries:
    """Books what the hub worked out."""

    def __init__(self, books: Books) -> None:
        self._books, self._rpc, self._lookup = books, books.rpc, books.lookup

    def send(self, it: Booking) -> Receipt:
        """Make the move and post it. AlreadyDone where it is posted."""
        there = self._there(it)
        if there is not None and there["state"] == "posted":
            name = _name(there)
            raise AlreadyDone(f"entry {name} is posted", reference=name)
        number = int(there["id"]) if there else self._create(it)
        self._rpc.call(ENTRY, "post", [number])
        now = self._there(it)
        if now is None or now["state"] != "posted":
            raise Rejected("Tryton did not post the entry")
        return Receipt(_name(now))

    def find(self, it: Booking) -> Receipt | None:
        """The move, once it is posted."""
        there = self._there(it)
        return Receipt(_name(there)) if there and there["state"] == "posted" else None

    def _there(self, it: Booking) -> dict[str, Any] | None:
        domain = [["description", "=", it["reference"]], ["company", "=", self._lookup.company()]]
        fields, order = ["number", "state"], [["id", "ASC"]]
        rows = self._rpc.call(ENTRY, "search_read", domain, 0, 1, order, fields)
        return next(iter(rows), None)

    def _create(self, it: Booking) -> int:
        """Everything is asked for before anything is made. The balance is ours to check: a Tryton
        on SQLite posts what does not balance.
        """
        debit, credit = (sum(amounts) for amounts in zip(*map(_amounts, it["lines"]), strict=True))
        if debit != credit:
            raise Rejected(f"debits {debit} differ from credits {credit}", path="lines")
        self._check_currency(it["currency"])
        values = {
            "company": self._lookup.company(),
            "journal": self._lookup.journal(),
            "period": self._period(it),
            "date": it["date"],
            "description": it["reference"],
            "lines": [["create", [self._line(it, side) for side in it["lines"]]]],
        }
        return int(self._rpc.call(ENTRY, "create", [values])[0])

    def _line(self, it: Booking, side: Side) -> dict[str, Any]:
        known = self._lookup.rows("account.account", "code", [side.account], ["party_required"])
        row = known.get(side.account)
        if row is None:
            message = f"Tryton has no account {side.account}"
            raise NeedsPerson(message, path=side.path, code="missing_master_data")
        party = self._lookup.entry_party() if row["party_required"] else None
        return {
            "account": int(row["id"]),
            "debit": side.debit,
            "credit": side.credit,
            "description": side.text or it["text"],
            **({"party": party} if party else {}),
        }

    def _period(self, it: Booking) -> int:
        domain = [
            ["start_date", "<=", it["date"]],
            ["end_date", ">=", it["date"]],
            ["type", "=", "standard"],
            ["state", "=", "open"],
            ["company", "=", self._lookup.company()],
        ]
        rows = self._rpc.call("account.period", "search_read", domain, 0, 1, None, ["id"])
        if not rows:
            message = f"Tryton has no open period on {it['date']}"
            raise NeedsPerson(message, path="date", code="missing_master_data")
        return int(rows[0]["id"])

    def _check_currency(self, code: str) -> None:
        fields, company = ["currency"], [self._lookup.company()]
        (row,) = self._rpc.call("company.company", "read", company, fields)
        if row["currency"] != self._lookup.currency(code):
            message = f"the company does not keep its books in {code}"
            raise Rejected(message, path="currency")


def _name(row: dict[str, Any]) -> str:
    return str(row["number"] or f"{ENTRY},{row['id']}")


def _amounts(side: Side) -> tuple[Any, Any]:
    return side.debit, side.credit
