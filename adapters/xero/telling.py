"""What Xero is told, and asked whether it has it.

It keeps a key for some minutes only, so each thing is looked for first: invoices and credit notes
by their numbers, which are ours, manual journals among those of their day.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from adapters.kit.session import Session
from adapters.kit.tellings import Way
from adapters.ports import Receipt
from hub.model.document import Document
from hub.model.errors import BadData, NotUnderstood, OutcomeUnknown, Rejected, TryLater
from hub.model.order import Refund, SalesOrder
from hub.model.settlement import JournalEntry
from mappings.kit import Context, encode
from mappings.xero import NONE, Terms, amount, encoders, mark, rows
from mappings.xero.answers import faults, words

_PAGE, _MOST_PAGES = 100, 100
_GONE = frozenset({"VOIDED", "DELETED"})
Row = Mapping[str, Any]


def ways(session: Session, at: Context, terms: Terms) -> dict[type[Document], Way]:
    """How each document is told and found."""
    it = _Telling(session, at, terms)
    return {
        JournalEntry: Way(it.journal, it.found_journal),
        SalesOrder: Way(it.invoice, it.found_invoice),
        Refund: Way(it.credit, it.found_credit),
    }


class _Telling:
    """One organisation."""

    def __init__(self, session: Session, at: Context, terms: Terms) -> None:
        self._session, self._at, self._terms = session, at, terms
        self._encoders = encoders(terms)

    # --- journals

    def journal(self, entry: JournalEntry, key: str) -> Receipt:
        """Post it, where it is not there."""
        told = encode(self._encoders, entry, self._at)
        there = self._journal(entry, told["Date"])
        if there is not None:
            return _same(entry.entry_id, _sums(there), _sums(told), there, "ManualJournalID")
        return self._made("ManualJournals", told, "ManualJournalID", key)

    def found_journal(self, entry: JournalEntry) -> Receipt | None:
        """Whether it is there."""
        told = encode(self._encoders, entry, self._at)
        there = self._journal(entry, told["Date"])
        if there is None:
            return None
        return _same(entry.entry_id, _sums(there), _sums(told), there, "ManualJournalID")

    def _journal(self, entry: JournalEntry, day: str) -> Row | None:
        on = date.fromisoformat(day)
        where = f"Date==DateTime({on.year},{on.month:02},{on.day:02})"
        for page in range(1, _MOST_PAGES + 1):
            found = self._listed("ManualJournals", {"where": where, "page": str(page)})
            for row in found:
                text = str(row.get("Narration", ""))
                if text.endswith(mark(entry.entry_id)) and str(row.get("Status")) not in _GONE:
                    return row
            if len(found) < _PAGE:
                return None
        raise TryLater("it lists too many journals of a day")

    # --- invoices

    def invoice(self, order: SalesOrder, key: str) -> Receipt:
        """Raise it and book its payment; void it where the order is cancelled."""
        told = encode(self._encoders, order, self._at)
        number = told["InvoiceNumber"]
        there = self._invoice(number)
        if order.state == "cancelled":
            return self._voided(there, number, key)
        if there is None:
            receipt = self._made("Invoices", told, "InvoiceID", key)
        else:
            receipt = _same(number, _total(there), _worth(told), there, "InvoiceID")
        if self._owes(order, there):
            self._pay({"Invoice": {"InvoiceNumber": number}}, told["Date"], order.totals.paid, key)
        return receipt

    def found_invoice(self, order: SalesOrder) -> Receipt | None:
        """Whether it is there, with its payment. What is half done is told again."""
        told = encode(self._encoders, order, self._at)
        there = self._invoice(told["InvoiceNumber"])
        if order.state == "cancelled":
            is_gone = there is None or str(there.get("Status")) in _GONE
            return Receipt(told["InvoiceNumber"]) if is_gone else None
        if there is None or self._owes(order, there):
            return None
        return _same(told["InvoiceNumber"], _total(there), _worth(told), there, "InvoiceID")

    def _voided(self, there: Row | None, number: str, key: str) -> Receipt:
        if there is None or str(there.get("Status")) in _GONE:
            return Receipt(number)
        if amount(there.get("AmountPaid", 0)):
            message = f"{number} is paid there: take the payment back, then cancel it"
            raise Rejected(message, code="paid_already")
        body = {"InvoiceNumber": number, "Status": "VOIDED"}
        self._write("POST", "Invoices", {"Invoices": [body]}, key)
        return Receipt(number)

    def _owes(self, order: SalesOrder, there: Row | None) -> bool:
        """Whether a payment is to be booked, and is not yet."""
        if not self._terms.paid_to or order.payment_state != "paid" or not order.totals.paid:
            return False
        return there is None or not amount(there.get("AmountPaid", 0))

    def _invoice(self, number: str) -> Row | None:
        found = self._listed("Invoices", {"InvoiceNumbers": number})
        return next((it for it in found if it.get("InvoiceNumber") == number), None)

    # --- credit notes

    def credit(self, refund: Refund, key: str) -> Receipt:
        """Credit whoever was invoiced, and book that the money went back."""
        told = encode(self._encoders, refund, self._at)
        number = told["CreditNoteNumber"]
        there = self._credit(number)
        if there is not None:
            receipt = _same(number, _total(there), _worth(told), there, "CreditNoteID")
        else:
            receipt = self._made("CreditNotes", self._completed(told), "CreditNoteID", key)
        if self._owes_back(refund, there):
            self._pay(
                {"CreditNote": {"CreditNoteNumber": number}}, told["Date"], refund.amount, key
            )
        return receipt

    def found_credit(self, refund: Refund) -> Receipt | None:
        """Whether it is there, with its payment."""
        told = encode(self._encoders, refund, self._at)
        there = self._credit(told["CreditNoteNumber"])
        if there is None or self._owes_back(refund, there):
            return None
        return _same(told["CreditNoteNumber"], _total(there), _worth(told), there, "CreditNoteID")

    def _owes_back(self, refund: Refund, there: Row | None) -> bool:
        if not self._terms.paid_to or not refund.amount:
            return False
        return there is None or amount(there.get("RemainingCredit", 0)) > 0

    def _completed(self, told: dict[str, Any]) -> dict[str, Any]:
        """With whose it is, and the tax type of what was sold."""
        invoice = self._invoice(told["Reference"])
        contact = invoice and invoice.get("Contact")
        if not invoice or not isinstance(contact, dict):
            message = f"it knows no invoice {told['Reference']}"
            raise Rejected(message, code="unknown_at_partner")
        lines = [it for it in invoice.get("LineItems") or () if isinstance(it, dict)]
        taxed = (str(it.get("TaxType")) for it in lines if amount(it.get("TaxAmount", 0)))
        kind = next(taxed, NONE)
        for line in told["LineItems"]:
            if line["TaxAmount"]:
                line["TaxType"] = kind
        return {**told, "Contact": {"ContactID": contact.get("ContactID")}}

    def _credit(self, number: str) -> Row | None:
        quoted = number.replace("\\", "\\\\").replace('"', '\\"')
        found = self._listed("CreditNotes", {"where": f'CreditNoteNumber=="{quoted}"'})
        return next((it for it in found if it.get("CreditNoteNumber") == number), None)

    # --- calls

    def _pay(self, what: Row, day: str, paid: Decimal, key: str) -> None:
        account = {"Code": self._terms.paid_to}
        body = {**what, "Account": account, "Date": day, "Amount": float(paid)}
        self._write("PUT", "Payments", {"Payments": [body]}, f"{key}:paid")

    def _made(self, kind: str, told: Row, id_: str, key: str) -> Receipt:
        made = self._write("PUT", kind, {kind: [told]}, key)
        number = made[0].get(id_) if made else None
        if not isinstance(number, str) or not number:
            raise OutcomeUnknown("the answer names nothing that was made")
        return Receipt(number)

    def _write(self, method: str, kind: str, body: Row, key: str) -> list[dict[str, Any]]:
        response = self._session.request(
            method, f"/{kind}", json=body, headers={"Idempotency-Key": key}, own={400}
        )
        if response.status_code == 400:
            said, sort = words(response.content)
            raise Rejected(self._session.scrub(f"Xero refuses it: {said or sort}")[:500])
        try:
            made = rows(response.content, kind)
        except BadData:
            raise NotUnderstood("Xero answered no list of what it made") from None
        if refusal := faults(made):
            raise Rejected(self._session.scrub(f"Xero refuses it: {refusal}")[:500])
        return made

    def _listed(self, kind: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        raw = self._session.call("GET", f"/{kind}", query=query, read="bytes")
        try:
            return rows(raw, kind)
        except BadData:
            raise TryLater("Xero answered no list") from None


def _same(number: str, theirs: Any, ours: Any, there: Row, id_: str) -> Receipt:
    if str(there.get("Status")) in _GONE:
        raise Rejected(f"{number} was voided there", code="differs_at_partner")
    if theirs != ours:
        raise Rejected(f"{number} is there with other amounts", code="differs_at_partner")
    return Receipt(str(there.get(id_)))


def _sums(journal: Row) -> dict[str, Decimal]:
    """What is booked on each account."""
    sums: dict[str, Decimal] = {}
    lines = journal.get("JournalLines")
    for line in (it for it in lines if isinstance(it, dict)) if isinstance(lines, list) else ():
        code = str(line.get("AccountCode"))
        sums[code] = sums.get(code, Decimal(0)) + amount(str(line.get("LineAmount")))
    return sums


def _total(there: Row) -> Decimal:
    return amount(there.get("Total", 0))


def _worth(told: Row) -> Decimal:
    """What our lines come to."""
    lines = told["LineItems"]
    return sum(
        (amount(str(it["UnitAmount"])) + amount(str(it["TaxAmount"])) for it in lines), Decimal(0)
    )
