"""Orders, credits and vouchers as Kingdee has them."""

from adapters.kingdee.api import Kingdee
from adapters.kingdee.desk import Desk, There
from adapters.ports import Receipt
from mappings.kingdee import (
    DUE,
    ORDER,
    VOUCHER,
    Order,
    Terms,
    credited,
    receivable,
    sales_order,
    voucher,
)
from mappings.kit.ledger_lines import Booking, Credit, Sold, credit_total, is_anything

NOT_TOLD, NEVER_TOLD = "not told: a test order", "not told: cancelled before it was"
NO_VALUE = "nothing to credit: neither money nor articles came back"
NOT_BILLED = "nothing to credit: the order was cancelled before it was billed"
_CANCELLED = "B"


class Telling:
    """One organisation's documents."""

    def __init__(self, api: Kingdee, desk: Desk, terms: Terms) -> None:
        self._api, self._desk, self._terms = api, desk, terms

    def check(self) -> object:
        """Whether forms may be asked for."""
        return self._api.rows(ORDER, ["FID"], "1=0")

    def order(self, it: Order) -> Receipt:
        """An order; one that was cancelled after it was told is cancelled there."""
        if it.test:
            return Receipt(NOT_TOLD)
        if it.cancelled:
            return self._cancel(it)
        model = sales_order(it, self._terms)
        return self._desk.put(ORDER, it.reference, model, it.total, it.currency)

    def order_found(self, it: Order) -> Receipt | None:
        """The order, once it is audited, or cancelled where that is asked."""
        there = None if it.test else self._desk.there(ORDER, it.reference)
        if it.test:
            return Receipt(NOT_TOLD)
        if it.cancelled:
            return Receipt(NEVER_TOLD) if there is None else self._is_cancelled(there)
        return self._desk.known(ORDER, it.reference, it.total, it.currency)

    def credit(self, back: Credit) -> Receipt:
        """A receivable below zero."""
        if not is_anything(back):
            return Receipt(NO_VALUE)
        order = self._desk.audited(back["order"])
        if self._is_cancelled(order) is not None:
            return Receipt(NOT_BILLED)
        sold = self._sold(order)
        model = receivable(back, credited(back, sold), self._terms)
        total = -credit_total(back, sold)
        return self._desk.put(DUE, back["reference"], model, total, back["currency"])

    def credited(self, back: Credit) -> Receipt | None:
        """The receivable, once it is audited."""
        return self._desk.known(DUE, back["reference"]) if is_anything(back) else Receipt(NO_VALUE)

    def enter(self, it: Booking) -> Receipt:
        """A voucher."""
        return self._desk.put(VOUCHER, it["reference"], voucher(it, self._terms))

    def entered(self, it: Booking) -> Receipt | None:
        """The voucher, once it is audited."""
        return self._desk.known(VOUCHER, it["reference"])

    def _cancel(self, it: Order) -> Receipt:
        there = self._desk.there(ORDER, it.reference)
        if there is None:
            return Receipt(NEVER_TOLD)
        if self._is_cancelled(there) is None:
            if there.status == "C":
                self._api.do("UnAudit", ORDER, {"Ids": str(there.id)})
            told = {"opNumber": "Cancel", "Ids": str(there.id)}
            self._api.do("ExcuteOperation", ORDER, told)
        return Receipt(there.number)

    def _is_cancelled(self, there: There) -> Receipt | None:
        rows = self._api.rows(ORDER, ["FCancelStatus"], f"FID={there.id}")
        return Receipt(there.number) if rows and rows[0][0] == _CANCELLED else None

    def _sold(self, order: There) -> list[Sold]:
        return [
            Sold(sku, (percent / 100,) if percent else (), out)
            for _, sku, _, out, percent in self._desk.lines(order)
        ]
