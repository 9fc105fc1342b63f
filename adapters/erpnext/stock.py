"""What came in, came back or is gone, as stock entries."""

from adapters.erpnext.api import Frappe
from adapters.erpnext.desk import DRAFT, KEYS, STOCK, Desk
from adapters.erpnext.settings import Settings
from adapters.ports import Receipt
from hub.model.errors import AlreadyDone
from mappings.erpnext import Values, directions
from mappings.kit.ledger_lines import Moved, Movement

NOTHING = "nothing to book: no pieces moved"


class Stock:
    """One company's goods."""

    def __init__(self, api: Frappe, settings: Settings, desk: Desk) -> None:
        self._api, self._settings, self._desk = api, settings, desk

    def move(self, it: Movement) -> Receipt:
        """Submit what came in, and what is gone, as stock entries."""
        receipts, news = list[Receipt](), False
        for reference, kind, some in directions(it):
            there = self._desk.there(STOCK, reference)
            if there is None or there["docstatus"] == DRAFT:
                rows = [row for one in some if (row := self._moved(it, one))]
                if not rows:
                    continue
                news = True
                receipts.append(
                    self._desk.submit(STOCK, there or self._stock(it, reference, kind, rows))
                )
            else:
                receipts.append(Receipt(str(there["name"])))
        names = ", ".join(one.reference for one in receipts) or NOTHING
        if receipts and not news:
            raise AlreadyDone("it is booked", reference=names)
        return Receipt(names)

    def moved(self, it: Movement) -> Receipt | None:
        """The stock entries, once all are submitted."""
        there = [
            self._desk.submitted(STOCK, self._desk.there(STOCK, reference))
            for reference, _, some in directions(it)
            if any(self._place(it, good=one.good) for one in some)
        ]
        return (
            None
            if None in there
            else Receipt(", ".join(r.reference for r in there if r) or NOTHING)
        )

    def _stock(self, it: Movement, reference: str, kind: str, rows: list[Values]) -> Values:
        return self._api.make(
            STOCK,
            {
                "stock_entry_type": kind,
                "company": self._settings.company,
                "set_posting_time": 1,
                "posting_date": str(it["date"]),
                KEYS[STOCK]: reference,
                "items": rows,
            },
        )

    def _moved(self, it: Movement, one: Moved) -> Values | None:
        place = self._place(it, good=one.good)
        if not place:
            return None
        way = "t_warehouse" if one.pieces > 0 else "s_warehouse"
        row = {"item_code": self._desk.article(one.sku, "lines"), "qty": float(abs(one.pieces))}
        return {**row, way: place, "allow_zero_valuation_rate": 1}

    def _place(self, it: Movement, *, good: bool) -> str:
        """Where pieces are kept; none for what cannot be sold and has no warehouse of its own."""
        if not good:
            return self._settings.defective_warehouse
        return self._settings.warehouses.get(it["warehouse"], self._settings.warehouse)
