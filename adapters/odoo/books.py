"""Credit notes and journal entries as `account.move`, found by our reference, posted."""

from decimal import Decimal
from typing import Any

from adapters.odoo.lookup import Lookup, exact, related
from adapters.odoo.rpc import Odoo
from adapters.odoo.sales import Sales
from adapters.odoo.settings import Settings
from adapters.ports import Receipt
from hub.model.errors import AlreadyDone, Rejected
from hub.model.money import round_to
from mappings.kit.bills import Line
from mappings.kit.ledger_lines import Back, Booking, Credit, credit_total, is_anything
from mappings.odoo import credit_line, credited, entry_lines

Row = dict[str, Any]
MOVE = "account.move"
NO_VALUE = "nothing to credit: neither money nor articles came back"
NOT_BILLED = "nothing to credit: the order was cancelled before it was billed"


class Books:
    """One company's journals."""

    def __init__(self, odoo: Odoo, lookup: Lookup, settings: Settings, sales: Sales) -> None:
        self._odoo, self._lookup, self._settings, self._sales = odoo, lookup, settings, sales

    def credit(self, back: Credit) -> Receipt:
        """Make and post the credit note of a refund."""
        if not is_anything(back):
            return Receipt(NO_VALUE)
        sale = self._sales.known(back["order"])
        if sale["state"] == "cancel":
            return Receipt(NOT_BILLED)
        there = self._found("out_refund", back["reference"])
        sold, taxes = self._sales.sold(int(sale["id"]))
        items: list[Back] = [{**it, "sku": self._lookup.code(it["sku"])} for it in back["items"]]
        lines, total = credited({**back, "items": items}, sold), credit_total(back, sold)
        if there is None:
            values = self._note(back, sale, lines, taxes)
            there = self._read(self._odoo.create(MOVE, values))
        if there["state"] != "posted":
            added = self._sales.level(exact(there["amount_total"]), total, back["currency"], lines)
            if added:
                more = [[0, 0, self._line(it, taxes)] for it in added]
                self._odoo.write(MOVE, [int(there["id"])], {"invoice_line_ids": more})
            return self._post(int(there["id"]))
        return self._done(there, total, back["currency"])

    def credited(self, back: Credit) -> Receipt | None:
        """The credit note, once it is posted."""
        if not is_anything(back):
            return Receipt(NO_VALUE)
        sale = self._sales.found(back["order"])
        if sale and sale["state"] == "cancel":
            return Receipt(NOT_BILLED)
        return self._posted("out_refund", back["reference"], None, back["currency"])

    def enter(self, it: Booking) -> Receipt:
        """Make and post a journal entry; its balance was checked before it is told."""
        there = self._found("entry", it["reference"])
        if there is not None and there["state"] == "posted":
            return self._done(there, it["sum"], it["currency"])
        if there is not None:
            return self._post(int(there["id"]))
        numbers = {
            side.account: self._lookup.number("account.account", "code", side.account, side.path)
            for side in it["lines"]
        }
        foreign = self._lookup.foreign(it["currency"])
        values = {
            "move_type": "entry",
            "ref": it["reference"],
            "date": str(it["date"]),
            "narration": it["text"],
            "journal_id": self._lookup.number("account.journal", "code", self._settings.journal),
            "line_ids": [[0, 0, side] for side in entry_lines(it, numbers, foreign)],
        }
        return self._post(self._odoo.create(MOVE, values))

    def entered(self, it: Booking) -> Receipt | None:
        """The entry, once it is posted."""
        return self._posted("entry", it["reference"], it["sum"], it["currency"])

    def _note(self, back: Credit, sale: Row, lines: list[Line], taxes: dict[Decimal, int]) -> Row:
        return {
            "move_type": "out_refund",
            "partner_id": related(sale["partner_id"]),
            "ref": back["reference"],
            "invoice_origin": sale["name"],
            "invoice_date": str(back["sale_date"]),
            "currency_id": related(sale["currency_id"]),
            "narration": back["reason"] or False,
            "invoice_line_ids": [[0, 0, self._line(it, taxes)] for it in lines],
        }

    def _line(self, it: Line, taxes: dict[Decimal, int]) -> Row:
        """Taxes of the sale as they are, others by the connection's."""
        numbers = [
            taxes[rate] if rate in taxes else self._lookup.taxes({**it, "rates": (rate,)})[0]
            for rate in it["rates"]
        ]
        return credit_line(it, self._lookup.product(it), numbers)

    def _found(self, kind: str, reference: str) -> Row | None:
        domain: list[Any] = [["ref", "=", reference], ["move_type", "=", kind]]
        domain.append(["state", "!=", "cancel"])
        if self._settings.company:
            domain.append(["company_id", "=", self._settings.company])
        rows = self._odoo.rows(MOVE, domain, ["name", "state", "amount_total"], limit=1)
        return rows[0] if rows else None

    def _read(self, number: int) -> Row:
        fields = ["name", "state", "amount_total"]
        return self._odoo.record(MOVE, number, fields)

    def _post(self, number: int) -> Receipt:
        """`action_post` answers false where it worked: the state says it."""
        self._odoo.call(MOVE, "action_post", [number])
        now = self._read(number)
        if now["state"] != "posted":
            raise Rejected(f"Odoo did not post {now['name']}: it is {now['state']}")
        return Receipt(str(now["name"]))

    def _posted(
        self, kind: str, reference: str, total: Decimal | None, currency: str
    ) -> Receipt | None:
        there = self._found(kind, reference)
        if there is None or there["state"] != "posted":
            return None
        return self._done(there, total, currency, raises=False)

    def _done(
        self, there: Row, total: Decimal | None, currency: str, *, raises: bool = True
    ) -> Receipt:
        is_there = round_to(exact(there["amount_total"]), currency)
        if total is not None and is_there != total:
            words = f"{there['name']} comes to {is_there}, told is {total}"
            raise Rejected(words, path="amount", code="differs_at_partner")
        if raises:
            raise AlreadyDone(f"{there['name']} is posted", reference=str(there["name"]))
        return Receipt(str(there["name"]))
