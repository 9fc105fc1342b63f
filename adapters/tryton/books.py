"""What sales, shipments and refunds share: records found by our reference, buttons, invoices."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adapters.tryton.lookup import Lookup
from adapters.tryton.server.rpc import Ids, Rpc
from adapters.tryton.settings import Settings
from hub.model.errors import NotAuthorised, OutcomeUnknown, Rejected, TryLater
from hub.model.money import unit
from mappings.kit.bills.sale import Line, rounding_lines

SALE, SALE_LINE = "sale.sale", "sale.line"
SHIPMENT, MOVE, INVOICE = "stock.shipment.out", "stock.move", "account.invoice"
ONE_CALL = {"create": 50, "quote": 50, "confirm": 15, "process": 15, "post": 5}
"""Records a call, so that each stays well below the connection's time limit."""
SALE_FIELDS = ("reference", "number", "state", "total_amount", "invoices", "shipments")


Problems = dict[int, Exception]
"""Record id -> why it did not work."""


class CallLost(OutcomeUnknown):
    """The answer to a call about some records was lost; what becomes of the others is known."""

    def __init__(self, fate: OutcomeUnknown, records: Iterable[int]) -> None:
        super().__init__(*fate.args)
        self.records = frozenset(records)


@dataclass
class Record:
    """A sale as Tryton has it."""

    id: int
    reference: str
    state: str
    number: str | None
    total: Decimal
    invoices: Ids
    shipments: Ids

    @property
    def name(self) -> str:
        """What people in Tryton call it."""
        return self.number or f"{SALE},{self.id}"


def tolerance(lines: Sequence[Line], currency: str) -> Decimal:
    """How far two ways of rounding may be apart: a smallest unit for each line, and for each
    further tax on it.
    """
    return unit(currency) * sum(max(1, len(line["rates"])) for line in lines)


class Books:
    """Sales of one company in one Tryton."""

    def __init__(self, rpc: Rpc, lookup: Lookup, settings: Settings) -> None:
        self.rpc, self.lookup, self.settings = rpc, lookup, settings

    def sales(self, references: Sequence[str]) -> dict[str, Record]:
        """Sales by our reference. Of two the older one that is not cancelled counts."""
        domain = [["reference", "in", list(references)], ["company", "=", self.lookup.company()]]
        records: dict[str, Record] = {}
        for record in self._read_sales(domain):
            known = records.get(record.reference)
            if known is None or known.state == "cancelled" != record.state:
                records[record.reference] = record
        return records

    def reread(self, numbers: Ids) -> dict[int, Record]:
        """Sales by id, as they are now."""
        return {record.id: record for record in self._read_sales([["id", "in", numbers]])}

    def _read_sales(self, domain: list[Any]) -> Iterator[Record]:
        order, columns = [["id", "ASC"]], list(SALE_FIELDS)
        for row in self.rpc.call(SALE, "search_read", domain, 0, None, order, columns):
            yield Record(
                id=int(row["id"]),
                reference=row["reference"],
                state=row["state"],
                number=row["number"],
                total=Decimal(row["total_amount"]),
                invoices=list(row["invoices"]),
                shipments=list(row["shipments"]),
            )

    def line_values(self, line: Line, taxes: Ids | None = None) -> dict[str, Any]:
        """A `sale.line`. The server adds nothing by itself: unit, price and taxes are all said."""
        product = self.lookup.product(line)
        if taxes is None:
            taxes = [self.lookup.tax(rate, line["path"]) for rate in line["rates"]]
        return {
            "type": "line",
            "product": product.id,
            "unit": product.unit,
            "quantity": float(line["quantity"]),
            "unit_price": line["unit_price"],
            "description": line["description"],
            **({"taxes": [["add", taxes]]} if taxes else {}),
        }

    def level(
        self, wanted: dict[int, Decimal], currency: str, lines: Mapping[int, Sequence[Line]]
    ) -> Problems:
        """Bring drafts to the cent with a rounding line; answers those that are too far off.

        Tryton rounds tax over the whole sale and halves to even, a channel often by line and up.
        More than `tolerance` is a difference that somebody must look at.
        """
        problems: Problems = {}
        added = []
        for number, record in self.reread(list(wanted)).items():
            missing = wanted[number] - record.total
            if abs(missing) > tolerance(lines[number], currency):
                text = f"Tryton computes {record.total}, the document says {wanted[number]}"
                problems[number] = Rejected(text, path="totals.grand_total", code="totals_differ")
            added += [
                self.line_values(line) | {"sale": number}
                for line in (rounding_lines(missing) if number not in problems else [])
            ]
        if added:
            try:
                self.rpc.call(SALE_LINE, "create", added)
            except OutcomeUnknown as fate:
                raise CallLost(fate, (values["sale"] for values in added)) from fate
        return problems

    def press(self, model: str, button: str, numbers: Ids, start: Sequence[str]) -> Problems:
        """A button on many records; where one refuses, on each that still stands at `start`.

        A refused call changed nothing, except that `confirm` may refuse while it already processes
        what it confirmed. Hence the look at the states before anything is pressed again.
        """
        return self.each(
            numbers,
            ONE_CALL.get(button, 50),
            lambda some: self.rpc.call(model, button, some),
            lambda some: self.standing(model, some, start),
        )

    def each(
        self,
        numbers: Ids,
        size: int,
        act: Callable[[Ids], object],
        remaining: Callable[[Ids], Ids] = lambda some: some,
    ) -> Problems:
        """Do something to records in calls of `size`; after a refusal one by one, to find which."""
        problems: Problems = {}
        for begin in range(0, len(numbers), size):
            some = numbers[begin : begin + size]
            try:
                act(some)
            except NotAuthorised:
                raise
            except OutcomeUnknown as fate:
                raise CallLost(fate, some) from fate
            except Rejected as refusal:
                left = remaining(some)
                if len(some) == 1:
                    problems |= dict.fromkeys(left, refusal)
                else:
                    for number in left:
                        problems |= self.each([number], 1, act, remaining)
        return problems

    def standing(self, model: str, numbers: Ids, start: Sequence[str]) -> Ids:
        """Those of the records that are in one of these states."""
        if not numbers:
            return []
        rows = self.rpc.call(model, "read", numbers, ["state"])
        return [int(row["id"]) for row in rows if row["state"] in start]

    def confirm(self, drafts: Ids) -> Problems:
        """From draft to processing. Where a queue processes later, that is asked for here."""
        problems = self.press(SALE, "quote", drafts, ["draft"])
        quoted = [number for number in drafts if number not in problems]
        problems |= self.press(SALE, "confirm", quoted, ["quotation"])
        return problems | self.finish([number for number in quoted if number not in problems])

    def finish(self, confirmed: Ids) -> Problems:
        """From confirmed to processing."""
        waiting = self.standing(SALE, confirmed, ["confirmed"])
        return self.press(SALE, "process", waiting, ["confirmed"])

    def post(self, invoices: Ids) -> Problems:
        """Post those that are still drafts, under today's date: numbers follow dates."""
        today = datetime.now(UTC).date()
        drafts = self.unposted(invoices)

        def act(some: Ids) -> None:
            self.rpc.call(INVOICE, "write", some, {"invoice_date": today})
            self.rpc.call(INVOICE, "post", some)

        return self.each(drafts, ONE_CALL["post"], act, self.unposted)

    def unposted(self, invoices: Ids) -> Ids:
        """Invoices that can still be posted, or cancelled."""
        return self.standing(INVOICE, invoices, ["draft", "validated"])

    def the_sale(self, reference: str) -> Record:
        """The sale that a later document is about. TryLater while it is not there."""
        record = self.sales([reference]).get(reference)
        if record is None or record.state in {"draft", "quotation", "confirmed"}:
            raise TryLater(f"the sale {reference} is not in Tryton's books yet")
        return record
