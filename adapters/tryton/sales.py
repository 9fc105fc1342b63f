"""Orders as sales, many at a time: party, sale, cent, quote, confirm, invoice.

Every step is one call for the whole batch and leaves a state from which it can be taken up again:
a sale is found by our reference first, a draft is written anew, a confirmed one processed.
"""

from collections.abc import Callable, Sequence
from typing import Any

from adapters.ports import Receipt
from adapters.tryton.books import (
    ONE_CALL,
    SALE,
    Books,
    CallLost,
    Problems,
    Record,
)
from adapters.tryton.jobs import LATER, Job, always, end, lose, note, still_open
from adapters.tryton.parties import Parties
from adapters.tryton.server.rpc import Ids
from adapters.tryton.undoing import undo, undoable
from hub.model.errors import AlreadyDone, NeedsPerson, OutcomeUnknown, Rejected, TryLater
from mappings.kit.bills.sale import Sale

NOT_TOLD = "not told: a test order"
IN_HAND = ("draft", "quotation", "confirmed")
SETTLED = ("processing", "done")


class Sales:
    """Takes orders into the books of a Tryton."""

    def __init__(self, books: Books, parties: Parties) -> None:
        self._books, self._rpc, self._parties = books, books.rpc, parties

    def send(self, sales: Sequence[Sale]) -> list[Receipt | Exception]:
        """One receipt or fate for each, in the same order. References differ from each other."""
        jobs = [Job(sale) for sale in sales]
        try:
            if jobs:
                self._work(jobs)
        except CallLost as lost:
            lose(jobs, lost, [job for job in jobs if job.number in lost.records])
        except (TryLater, OutcomeUnknown, NeedsPerson) as fate:
            end(jobs, always(fate))
        end(jobs, lambda job: Rejected(f"the sale {job.sale['reference']} did not end"))
        return [job.outcome for job in jobs if job.outcome is not None]

    def find(self, sale: Sale) -> Receipt | None:
        """The sale where it stands as asked; None where it is missing or half done."""
        record = self._books.sales([sale["reference"]]).get(sale["reference"])
        if sale["test"]:
            return Receipt(NOT_TOLD)
        if record is None or record.state in IN_HAND:
            return None
        if sale["cancelled"]:
            undone = record.state == "cancelled" or not undoable(self._books, record)
            return Receipt(record.name) if undone else None
        _compare(sale, record)
        if record.state == "cancelled":
            raise Rejected(f"sale {record.name} was cancelled in Tryton")
        unfinished = self._is_due(record) and self._books.unposted(record.invoices)
        return None if unfinished else Receipt(record.name)

    def _work(self, jobs: Sequence[Job]) -> None:
        end([job for job in jobs if job.sale["test"]], lambda _: Receipt(NOT_TOLD))
        known = self._books.sales([job.sale["reference"] for job in still_open(jobs)])
        for job in still_open(jobs):
            job.record = known.get(job.sale["reference"])
            job.number = job.record.id if job.record else 0
        self._recognise(still_open(jobs))
        self._check(still_open(jobs))
        self._draft(still_open(jobs))
        self._cancel([job for job in still_open(jobs) if job.sale["cancelled"]])
        self._confirm(still_open(jobs))

    def _recognise(self, jobs: Sequence[Job]) -> None:
        """Settle what is already in the books, and finish what was confirmed."""
        for job in jobs:
            if job.record and job.record.state not in IN_HAND:
                try:
                    job.outcome = self._settled(job.sale, job.record)
                except OutcomeUnknown as fate:
                    raise CallLost(fate, [job.number]) from fate
        confirmed = [
            job
            for job in still_open(jobs)
            if job.record and job.record.state == "confirmed" and not job.sale["cancelled"]
        ]
        self._apply(confirmed, self._books.finish)
        self._settle(still_open(confirmed))

    def _settled(self, sale: Sale, record: Record) -> Receipt | Exception:
        try:
            if sale["cancelled"] and record.state != "cancelled" and undo(self._books, record):
                return Receipt(record.name)
            if not sale["cancelled"]:
                _compare(sale, record)
                if record.state == "cancelled":
                    return Rejected(f"sale {record.name} was cancelled in Tryton")
                for problem in self._books.post(self._due(record)).values():
                    return problem
        except NeedsPerson as fate:
            return fate
        return AlreadyDone(f"sale {record.name} is in the books", reference=record.name)

    def _check(self, jobs: Sequence[Job]) -> None:
        """Everything that can be known to fail fails before anything is written."""
        self._books.lookup.prefetch([line for job in jobs for line in job.sale["lines"]])
        for job in jobs:
            try:
                self._books.lookup.currency(job.sale["currency"])
                self._parties.check(job.sale)
                for line in job.sale["lines"]:
                    self._books.line_values(line)
            except NeedsPerson as fate:
                job.outcome = fate

    def _draft(self, jobs: Sequence[Job]) -> None:
        """Create the sales, or write those anew that were left half done; then their cents."""
        if not jobs:
            return
        customers = self._parties.resolve([job.sale for job in jobs])
        values = {
            id(job): self._values(job.sale) | customer
            for job, customer in zip(jobs, customers, strict=True)
        }
        again = [job for job in jobs if job.record]
        back = [j.number for j in again if j.record and j.record.state != "draft"]
        problems = self._books.press(SALE, "draft", back, ["quotation", "confirmed"])
        note(again, problems)
        for job in still_open(again):
            self._rewrite(job, values[id(job)])
        self._create([job for job in jobs if not job.record], values)
        by_currency: dict[str, list[Job]] = {}
        for job in still_open(jobs):
            by_currency.setdefault(job.sale["currency"], []).append(job)
        for currency, some in by_currency.items():
            totals = {job.number: job.sale["total"] for job in some}
            lines = {job.number: job.sale["lines"] for job in some}
            note(some, self._books.level(totals, currency, lines))

    def _create(self, jobs: Sequence[Job], values: dict[int, dict[str, Any]]) -> None:
        for begin in range(0, len(jobs), ONE_CALL["create"]):
            some = jobs[begin : begin + ONE_CALL["create"]]
            try:
                created = self._rpc.call(SALE, "create", [values[id(job)] for job in some])
            except Rejected as fate:
                if len(some) == 1:
                    some[0].outcome = fate
                for job in some if len(some) > 1 else []:
                    self._create([job], values)
            except OutcomeUnknown as fate:
                end(some, always(fate))
                raise TryLater(LATER) from fate
            else:
                for job, number in zip(some, created, strict=True):
                    job.number = int(number)

    def _rewrite(self, job: Job, values: dict[str, Any]) -> None:
        old = self._rpc.call(SALE, "read", [job.number], ["lines"])[0]["lines"]
        lines = [["delete", old], *values["lines"]] if old else values["lines"]
        try:
            self._rpc.call(SALE, "write", [job.number], {**values, "lines": lines})
        except OutcomeUnknown as fate:
            raise CallLost(fate, [job.number]) from fate

    def _values(self, sale: Sale) -> dict[str, Any]:
        lookup = self._books.lookup
        return {
            "reference": sale["reference"],
            "description": sale["order_number"],
            "company": lookup.company(),
            "currency": lookup.currency(sale["currency"]),
            "warehouse": lookup.warehouse(),
            "payment_term": lookup.payment_term(),
            "sale_date": sale["sale_date"],
            "invoice_method": "order",
            "shipment_method": "order",
            "lines": [["create", [self._books.line_values(line) for line in sale["lines"]]]],
        }

    def _cancel(self, jobs: Sequence[Job]) -> None:
        """What the channel cancelled before we told it gets a number and ends there."""
        self._apply(jobs, lambda numbers: self._books.press(SALE, "quote", numbers, ["draft"]))
        cancel = ["draft", "quotation"]
        self._apply(
            still_open(jobs), lambda numbers: self._books.press(SALE, "cancel", numbers, cancel)
        )
        self._receipts(still_open(jobs))

    def _confirm(self, jobs: Sequence[Job]) -> None:
        self._apply(jobs, self._books.confirm)
        self._settle(still_open(jobs))

    def _settle(self, jobs: Sequence[Job]) -> None:
        """Post invoices where they are due and answer with the sales' numbers."""
        records = self._receipts(jobs)
        due = {n: job for job, record in zip(jobs, records, strict=True) for n in self._due(record)}
        try:
            problems = self._books.post(list(due))
        except CallLost as lost:
            for job in due.values():  # they have their numbers, not yet their invoices
                job.outcome = None
            raise CallLost(lost, {due[n].number for n in lost.records}) from lost
        for job, record in zip(jobs, records, strict=True):
            fates = [problems[number] for number in record.invoices if number in problems]
            if fates:
                job.outcome = fates[0]

    def _is_due(self, record: Record) -> bool:
        """Whether the invoice is posted with the sale: by setting, or because nothing ships."""
        when = self._books.settings.invoice_on
        return when == "order" or (when == "shipment" and not record.shipments)

    def _due(self, record: Record) -> Ids:
        return record.invoices if self._is_due(record) else []

    def _receipts(self, jobs: Sequence[Job]) -> list[Record]:
        now = self._books.reread([job.number for job in jobs]) if jobs else {}
        for job in jobs:
            job.outcome = Receipt(now[job.number].name)
        return [now[job.number] for job in jobs]

    def _apply(self, jobs: Sequence[Job], act: Callable[[Ids], Problems]) -> None:
        note(jobs, act([job.number for job in jobs]))


def _compare(sale: Sale, record: Record) -> None:
    if sale["total"] != record.total:
        text = f"sale {record.name} comes to {record.total}, the order to {sale['total']}"
        raise Rejected(text, path="totals.grand_total", code="differs_at_partner")
