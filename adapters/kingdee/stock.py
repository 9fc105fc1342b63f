"""What left, by the lines of its order, and what came in, came back or is gone."""

from decimal import Decimal
from typing import Any

from adapters.kingdee.desk import Desk, There
from adapters.ports import Receipt
from hub.model.errors import AlreadyDone, Rejected
from mappings.kingdee import OUT, Model, Terms, by_number, movements
from mappings.kit.ledger_lines import Delivered, Movement

NOTHING = "nothing to book: no pieces moved"
_LINKED = "FEntity_Link"


class Stock:
    """One organisation's goods."""

    def __init__(self, desk: Desk, terms: Terms) -> None:
        self._desk, self._terms = desk, terms

    def ship(self, left: Delivered) -> Receipt:
        """An outbound note with what left, linked to the order's lines."""
        is_new = self._desk.there(OUT, left["own"]) is None
        return self._desk.put(OUT, left["own"], self._outbound(left) if is_new else {})

    def shipped(self, left: Delivered) -> Receipt | None:
        """The outbound note, once it is audited."""
        return self._desk.known(OUT, left["own"])

    def move(self, it: Movement) -> Receipt:
        """Stock documents of what came in, and of what is gone."""
        receipts, news = list[str](), False
        for form, reference, model in movements(it, self._terms):
            try:
                receipts.append(self._desk.put(form, reference, model).reference)
                news = True
            except AlreadyDone as done:
                receipts.append(str(done.reference))
        names = ", ".join(receipts) or NOTHING
        if receipts and not news:
            raise AlreadyDone("it is booked", reference=names)
        return Receipt(names)

    def moved(self, it: Movement) -> Receipt | None:
        """The stock documents, once all are audited."""
        there = [
            self._desk.known(form, reference) for form, reference, _ in movements(it, self._terms)
        ]
        if None in there:
            return None
        return Receipt(", ".join(one.reference for one in there if one) or NOTHING)

    def _outbound(self, left: Delivered) -> Model:
        order, organisation = self._desk.audited(left["order"]), by_number(self._terms.organisation)
        entries, lines = list[Model](), self._desk.lines(order)
        for sku, quantity in left["pieces"]:
            wanted = quantity
            for entry, known, ordered, out, _ in lines:
                taken = min(wanted, ordered - out) if known == sku else Decimal(0)
                if taken > 0:
                    wanted -= taken
                    entries.append(self._left(str(known), taken, order, entry))
            if wanted:
                words = f"more pieces of {sku} left than are open in {order.number}"
                raise Rejected(words, path="packages", code="differs_at_partner")
        numbers = left["reference"].partition(" ")[2]
        return {
            "FBillTypeID": by_number("XSCKD01_SYS", "FNUMBER"),
            "FDate": str(left["date"]),
            "FSaleOrgId": organisation,
            "FCustomerID": by_number(self._terms.customer),
            "FStockOrgId": organisation,
            "FNote": numbers,
            "FEntity": entries,
        }

    def _left(self, sku: str, pieces: Decimal, order: There, entry: Any) -> Model:
        return {
            "FMaterialID": by_number(sku),
            "FRealQty": float(pieces),
            "FStockID": by_number(self._terms.stock),
            "FSoorDerno": order.number,
            _LINKED: [
                {
                    f"{_LINKED}_FRuleId": "SaleOrder-OutStock",
                    f"{_LINKED}_FSTableName": "T_SAL_ORDERENTRY",
                    f"{_LINKED}_FSBillId": order.id,
                    f"{_LINKED}_FSId": entry,
                }
            ],
        }
