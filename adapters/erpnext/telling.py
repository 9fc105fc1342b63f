"""What ERPNext is told: a draft under our reference, held to our total, then submitted. What is
there is not made again; a draft that was left half done is taken up.
"""

from collections.abc import Mapping
from decimal import Decimal

from adapters.erpnext.api import Frappe
from adapters.erpnext.desk import CANCELLED, DRAFT, ENTRY, INVOICE, KEYS, NOTE, ORDER, Desk
from adapters.erpnext.settings import Settings
from adapters.ports import Receipt
from hub.model.errors import Rejected, TryLater, UnknownCode
from mappings.erpnext import Order, Row, Values, charge, credited, delivery, line, sides, sold
from mappings.kit.ledger_lines import (
    Back,
    Booking,
    Credit,
    Delivered,
    Party,
    credit_total,
    is_anything,
)

NOT_TOLD, NEVER_TOLD = "not told: a test order", "not told: cancelled before it was"
NO_VALUE = "nothing to credit: neither money nor articles came back"
NOT_BILLED = "nothing to credit: the order was cancelled before it was billed"


class Telling:
    """One company."""

    def __init__(self, api: Frappe, settings: Settings, desk: Desk) -> None:
        self._api, self._settings, self._desk = api, settings, desk

    def check(self) -> object:
        """Whether the company is there and may be read."""
        return self._desk.name("Company", "name", self._settings.company)

    def order(self, it: Order) -> Receipt:
        """Submit an order; cancel what was cancelled after it was told."""
        if it.test:
            return Receipt(NOT_TOLD)
        there = self._desk.there(ORDER, it.reference)
        if it.cancelled:
            if there is None:
                return Receipt(NEVER_TOLD)
            if there["docstatus"] != CANCELLED:
                self._api.write(ORDER, there["name"], {"docstatus": CANCELLED})
            return Receipt(str(there["name"]))
        self._desk.not_there(ORDER, there, it.total, it.currency)
        return self._desk.submit(ORDER, there or self._order(it), it.total, it.currency)

    def order_found(self, it: Order) -> Receipt | None:
        """The order, once it stands as asked."""
        there = None if it.test else self._desk.there(ORDER, it.reference)
        if it.test or (it.cancelled and there is None):
            return Receipt(NOT_TOLD if it.test else NEVER_TOLD)
        if it.cancelled and there is not None:
            return Receipt(str(there["name"])) if there["docstatus"] == CANCELLED else None
        return self._desk.submitted(ORDER, there, it.total, it.currency)

    def ship(self, left: Delivered) -> Receipt:
        """Submit a delivery note."""
        there = self._desk.there(NOTE, left["own"])
        self._desk.not_there(NOTE, there)
        return self._desk.submit(NOTE, there or self._note(left))

    def shipped(self, left: Delivered) -> Receipt | None:
        """The delivery note, once it is submitted."""
        return self._desk.submitted(NOTE, self._desk.there(NOTE, left["own"]))

    def credit(self, back: Credit) -> Receipt:
        """Submit a return invoice."""
        if not is_anything(back):
            return Receipt(NO_VALUE)
        order = self._sale(back["order"])
        if order["docstatus"] == CANCELLED:
            return Receipt(NOT_BILLED)
        codes: list[Back] = [
            {**it, "sku": it["sku"] and self._desk.code(it["sku"])} for it in back["items"]
        ]
        known = sold(order)
        total = -credit_total(back, known)
        there = self._desk.there(INVOICE, back["reference"])
        self._desk.not_there(INVOICE, there, total, back["currency"])
        if there is None:
            rows, charges = credited({**back, "items": codes}, known)
            there = self._api.make(
                INVOICE,
                {
                    **self._head(back["reference"], INVOICE, back["currency"]),
                    "customer": order["customer"],
                    "is_return": 1,
                    "update_stock": 0,
                    "set_posting_time": 1,
                    "posting_date": str(back["sale_date"]),
                    "remarks": back["reason"] or back["order"],
                    "items": [line(row, self._item(row), -1) for row in rows],
                    "taxes": [self._charge(name, amount, -1) for name, amount in charges],
                },
            )
        return self._desk.submit(INVOICE, there, total, back["currency"])

    def credited(self, back: Credit) -> Receipt | None:
        """The return invoice, once it is submitted."""
        if not is_anything(back):
            return Receipt(NO_VALUE)
        return self._desk.submitted(INVOICE, self._desk.there(INVOICE, back["reference"]))

    def enter(self, it: Booking) -> Receipt:
        """Submit a journal entry."""
        there = self._desk.there(ENTRY, it["reference"])
        self._desk.not_there(ENTRY, there, it["sum"], it["currency"])
        if there is None:
            accounts = {
                side.account: self._desk.account(side.account, side.path) for side in it["lines"]
            }
            there = self._api.make(
                ENTRY,
                {
                    "voucher_type": "Journal Entry",
                    "company": self._settings.company,
                    "posting_date": str(it["date"]),
                    KEYS[ENTRY]: it["reference"],
                    "cheque_date": str(it["date"]),
                    "user_remark": it["text"],
                    "accounts": sides(it, accounts, self._settings.parties),
                },
            )
        return self._desk.submit(ENTRY, there, it["sum"], it["currency"])

    def entered(self, it: Booking) -> Receipt | None:
        """The entry, once it is submitted."""
        there = self._desk.there(ENTRY, it["reference"])
        return self._desk.submitted(ENTRY, there, it["sum"], it["currency"])

    def _order(self, it: Order) -> Values:
        lines = [line(row, self._item(row)) for row in it.rows]  # what is missing is said first
        place = {"warehouse": self._settings.warehouse, "delivery_date": it.date}
        return self._api.make(
            ORDER,
            {
                **self._head(it.reference, ORDER, it.currency),
                "customer": self._customer(it.party),
                "order_type": "Sales",
                "transaction_date": it.date,
                "delivery_date": it.date,
                "items": [{**row, **place} for row in lines],
                "taxes": [self._charge(name, amount) for name, amount in it.taxes],
            },
        )

    def _note(self, left: Delivered) -> Values:
        order = self._sale(left["order"])
        rows = delivery(left, order, self._desk.code)
        if any(not row["qty"] for row in rows):
            words = f"more pieces left than are open in {order['name']}"
            raise Rejected(words, path="packages", code="differs_at_partner")
        numbers = left["reference"].partition(" ")[2]
        return self._api.make(
            NOTE,
            {
                **self._head(left["own"], NOTE, str(order["currency"])),
                "customer": order["customer"],
                "posting_date": str(left["date"]),
                "set_posting_time": 1,
                "lr_no": numbers[:140],
                "items": [{**row, "warehouse": self._settings.warehouse} for row in rows],
            },
        )

    def _head(self, reference: str, doctype: str, currency: str) -> Values:
        return {
            "company": self._settings.company,
            KEYS[doctype]: reference,
            "currency": currency,
            "selling_price_list": self._settings.price_list,
            "ignore_pricing_rule": 1,
            "disable_rounded_total": 1,
        }

    def _sale(self, reference: str) -> Values:
        there = self._desk.there(ORDER, reference)
        if there is None or there["docstatus"] == DRAFT:
            raise TryLater(f"ERPNext has no submitted order {reference} yet")
        return self._api.whole(ORDER, there["name"])

    def _customer(self, who: Party) -> str:
        if self._settings.customer:
            return self._settings.customer
        there = self._api.rows("Customer", [["customer_details", "=", who["code"]]], [])
        if there:
            return str(there[0]["name"])
        made = {
            "customer_name": who["name"][:140],
            "customer_type": "Company" if who["tax_id"] else "Individual",
            "customer_details": who["code"],
            **({"tax_id": who["tax_id"]} if who["tax_id"] else {}),
        }
        return str(self._api.make("Customer", made)["name"])

    def _charge(self, name: str, amount: Decimal, sign: int = 1) -> Values:
        accounts: Mapping[Decimal, str] = self._settings.taxes
        rate = Decimal(name.rpartition(" ")[2]) if name else None
        account = self._settings.rounding_account if rate is None else accounts.get(rate)
        if not account:
            raise UnknownCode("taxes", name.rpartition(" ")[2] or "rounding", path="taxes")
        return charge(name, amount, account, sign)

    def _item(self, row: Row) -> str:
        service = self._settings.services.get(row.role)
        if service is not None:
            return self._desk.name("Item", "name", service, row.path)
        if row.sku is None:
            raise Rejected("the line has no SKU", path=row.path, code="unknown_sku")
        return self._desk.article(row.sku, row.path)
