"""Refunds as negative sales with our reference, and the credit notes that come of them.

Goods that come back get a return shipment, which waits in Tryton for the warehouse's word.
"""

from decimal import Decimal
from typing import Any

from adapters.ports import Receipt
from adapters.tryton.books import MOVE, SALE, SALE_LINE, Books, Record
from adapters.tryton.server.rpc import Ids
from hub.model.errors import AlreadyDone
from mappings.kit.bills.credit import credit_lines
from mappings.kit.bills.sale import Line
from mappings.kit.ledger_lines import Back, Credit, Sold, credit_total, is_anything

NOT_BILLED = "nothing to credit: the sale was cancelled before it was billed"
NO_VALUE = "nothing to credit: neither money nor articles came back"
COPIED = (
    *("party", "invoice_party", "shipment_party", "invoice_address", "shipment_address"),
    *("currency", "warehouse", "payment_term", "company", "description"),
)
LINE_FIELDS = ("type", "product.code", "product.type", "taxes", "moves", "description")


class Refunds:
    """Credits what was paid back."""

    def __init__(self, books: Books) -> None:
        self._books, self._rpc = books, books.rpc

    def send(self, credit: Credit) -> Receipt:
        """Make and post the credit note. AlreadyDone where it is in the books."""
        if not is_anything(credit):
            return Receipt(NO_VALUE)
        sale = self._books.the_sale(credit["order"])
        if sale.state == "cancelled":
            return Receipt(NOT_BILLED)
        known = self._books.sales([credit["reference"]]).get(credit["reference"])
        if known and known.state in {"processing", "done"}:
            self._post(known.id)
            raise AlreadyDone(f"refund {known.name} is in the books", reference=known.name)
        number = known.id if known else 0
        if known is None or known.state != "confirmed":
            number = self._draft(credit, sale, known)
            self._raise(self._books.confirm([number]))
        self._raise(self._books.finish([number]))
        self._post(number)
        return Receipt(self._books.reread([number])[number].name)

    def find(self, credit: Credit) -> Receipt | None:
        """The negative sale, once it is in work."""
        records = self._books.sales([credit["order"], credit["reference"]])
        sale, known = records.get(credit["order"]), records.get(credit["reference"])
        if sale and sale.state == "cancelled":
            return Receipt(NOT_BILLED)
        if not is_anything(credit):
            return Receipt(NO_VALUE)
        if known is None or known.state not in {"processing", "done"}:
            return None
        never = self._books.settings.invoice_on == "never"
        return Receipt(known.name) if never or not self._books.unposted(known.invoices) else None

    def _draft(self, credit: Credit, sale: Record, known: Record | None) -> int:
        """A draft that comes to the refund's amount; one left by a crash is written anew."""
        original = self._rpc.call(SALE, "read", [sale.id], [*COPIED, "lines"])[0]
        sold, taxes = self._sold(original["lines"])
        credit = self._coded(credit)
        lines = credit_lines(credit, sold)
        self._books.lookup.prefetch([{**line, "rates": ()} for line in lines])
        values: dict[str, Any] = {
            **{name: original[name] for name in COPIED},
            "reference": credit["reference"],
            "sale_date": credit["sale_date"],
            "invoice_method": "order",
            "shipment_method": "order" if self._books.settings.returns == "refund" else "manual",
            "origin": f"{SALE},{sale.id}",
            "comment": credit["reason"] or None,
        }
        created = [["create", [self._line(line, taxes) for line in lines]]]
        if known is None:
            number = int(self._rpc.call(SALE, "create", [{**values, "lines": created}])[0])
        else:
            number = known.id
            if known.state != "draft":
                self._rpc.call(SALE, "draft", [number])
            old = self._rpc.call(SALE, "read", [number], ["lines"])[0]["lines"]
            changed = [["delete", old], *created] if old else created
            self._rpc.call(SALE, "write", [number], {**values, "lines": changed})
        totals = {number: -credit_total(credit, sold)}
        self._raise(self._books.level(totals, credit["currency"], {number: lines}))
        return number

    def _coded(self, told: Credit) -> Credit:
        """The refund with Tryton's product codes, as they stand on the original sale's lines."""
        items: list[Back] = [
            {**item, "sku": self._books.lookup.code_of(item["sku"])} for item in told["items"]
        ]
        return {**told, "items": items}

    def _line(self, line: Line, taxes: dict[Decimal, int]) -> dict[str, Any]:
        """Taxes of the original sale are taken as they are, others by the connection's settings."""
        numbers = [
            taxes.get(rate) or self._books.lookup.tax(rate, line["path"]) for rate in line["rates"]
        ]
        return self._books.line_values(line, numbers)

    def _sold(self, numbers: Ids) -> tuple[list[Sold], dict[Decimal, int]]:
        """The original lines, and the ids of the taxes on them by rate."""
        rows = self._rpc.call(SALE_LINE, "read", numbers, list(LINE_FIELDS)) if numbers else []
        taxes = {number for row in rows for number in row["taxes"]}
        rates = self._rates(sorted(taxes))
        moves = self._done([number for row in rows for number in row["moves"]])
        sold = [
            Sold(
                sku=_of(row, "product", "code"),
                rates=tuple(rates[number] for number in row["taxes"]),
                shipped=sum((moves.get(n, Decimal(0)) for n in row["moves"]), Decimal(0)),
            )
            for row in rows
        ]
        return sold, {rate: number for number, rate in rates.items()}

    def _rates(self, taxes: Ids) -> dict[int, Decimal]:
        rows = self._rpc.call("account.tax", "read", taxes, ["rate"]) if taxes else []
        return {int(row["id"]): Decimal(row["rate"] or 0) for row in rows}

    def _done(self, moves: Ids) -> dict[int, Decimal]:
        fields = ["state", "quantity"]
        rows = self._rpc.call(MOVE, "read", moves, fields) if moves else []
        return {int(row["id"]): Decimal(row["quantity"]) for row in rows if row["state"] == "done"}

    def _post(self, number: int) -> None:
        """A refund is money that has gone: its note is posted with it unless none ever is."""
        if self._books.settings.invoice_on != "never":
            record = self._books.reread([number])[number]
            self._raise(self._books.post(record.invoices))

    def _raise(self, problems: dict[int, Exception]) -> None:
        for problem in problems.values():
            raise problem


def _of(row: dict[str, Any], relation: str, field: str) -> Any:
    """A field of a related record: it comes as a record of its own under `relation.`."""
    related = row.get(f"{relation}.")
    return related.get(field) if isinstance(related, dict) else row.get(f"{relation}.{field}")
