"""Orders as sales, and their customers. Each step leaves a state from which it is taken up again: a
sale is found by our reference first, one left as a draft is confirmed.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from adapters.odoo.lookup import Lookup, exact, related
from adapters.odoo.rpc import Odoo
from adapters.odoo.settings import Settings
from adapters.ports import Receipt
from hub.model.errors import AlreadyDone, Rejected, TryLater
from hub.model.money import round_to, unit
from mappings.kit.bills import Line, Sale, rounding_lines
from mappings.kit.ledger_lines import Party, PartyAddress, Sold
from mappings.odoo import line, partner, place

Row = dict[str, Any]
SALE, PARTNER = "sale.order", "res.partner"
NOT_TOLD = "not told: a test order"
NEVER_TOLD = "not told: cancelled before it was"
_OPEN = ("draft", "sent")


class Sales:
    """Takes orders into one company's books."""

    def __init__(self, odoo: Odoo, lookup: Lookup, settings: Settings) -> None:
        self._odoo, self._lookup, self._company = odoo, lookup, settings.company
        self.tax_field = "tax_ids" if settings.release >= 19 else "tax_id"

    def found(self, reference: str) -> Row | None:
        """The sale under our reference. Of two the older one that is not cancelled counts."""
        domain: list[Any] = [["client_order_ref", "=", reference]]
        if self._company:
            domain.append(["company_id", "=", self._company])
        fields = ["name", "state", "amount_total", "currency_id", "partner_id", "company_id"]
        rows = self._odoo.rows(SALE, domain, fields)
        return next((it for it in rows if it["state"] != "cancel"), rows[0] if rows else None)

    def known(self, reference: str) -> Row:
        """The same for what follows an order."""
        there = self.found(reference)
        if there is None or there["state"] in _OPEN:
            raise TryLater(f"Odoo has no confirmed order {reference} yet")
        return there

    def send(self, sale: Sale) -> Receipt:
        """Create and confirm it. AlreadyDone where it is in the books."""
        if sale["test"]:
            return Receipt(NOT_TOLD)
        there = self.found(sale["reference"])
        if sale["cancelled"]:
            return self._cancel(there)
        if there is not None and there["state"] not in _OPEN:
            _compare(sale, there)
            raise AlreadyDone(f"{there['name']} is in the books", reference=str(there["name"]))
        number = int(there["id"]) if there else self._odoo.create(SALE, self._values(sale))
        self._level(number, sale)
        self._odoo.call(SALE, "action_confirm", [number])
        now = self._odoo.record(SALE, number, ["name", "state"])
        if now["state"] not in {"sale", "done"}:
            raise Rejected(f"Odoo did not confirm {now['name']}: it is {now['state']}")
        return Receipt(str(now["name"]))

    def find(self, sale: Sale) -> Receipt | None:
        """The sale where it stands as asked; None where it is missing or half done."""
        if sale["test"]:
            return Receipt(NOT_TOLD)
        there = self.found(sale["reference"])
        if sale["cancelled"]:
            if there is None:
                return Receipt(NEVER_TOLD)
            return Receipt(str(there["name"])) if there["state"] == "cancel" else None
        if there is None or there["state"] in _OPEN:
            return None
        _compare(sale, there)
        return Receipt(str(there["name"]))

    def sold(self, number: int) -> tuple[list[Sold], dict[Decimal, int]]:
        """The lines of a sale, and the taxes on them by rate."""
        fields = ["product_id", "qty_delivered", self.tax_field]
        rows = self._odoo.rows("sale.order.line", [["order_id", "=", number]], fields)
        taxes = self._lookup.rates(sorted({tax for row in rows for tax in row[self.tax_field]}))
        codes = self.codes([related(row["product_id"]) for row in rows])
        sold = [
            Sold(
                codes.get(related(row["product_id"])),
                tuple(taxes[tax] for tax in row[self.tax_field] if tax in taxes),
                exact(row["qty_delivered"]),
            )
            for row in rows
        ]
        return sold, {rate: number for number, rate in taxes.items()}

    def codes(self, products: list[int]) -> dict[int, str | None]:
        """References of products."""
        domain = [["id", "in", sorted(set(products))], ["active", "in", [True, False]]]
        rows = self._odoo.rows("product.product", domain, ["default_code"])
        return {int(row["id"]): row["default_code"] or None for row in rows}

    def level(
        self, total: Decimal, wanted: Decimal, currency: str, lines: Sequence[Line]
    ) -> list[Line]:
        """A rounding line where the server's sum differs by its rounding. Rejected beyond that."""
        missing = wanted - round_to(total, currency)
        if abs(missing) > unit(currency) * sum(max(1, len(it["rates"])) for it in lines):
            words = f"Odoo comes to {total}, told is {wanted}: the draft is left there"
            raise Rejected(words, path="totals.grand_total", code="differs_at_partner")
        return rounding_lines(missing)

    def _level(self, number: int, sale: Sale) -> None:
        now = self._odoo.record(SALE, number, ["amount_total", "currency_id"])
        if now["currency_id"] and now["currency_id"][1] != sale["currency"]:
            words = f"Odoo sells in {now['currency_id'][1]} there: it needs a price list of that"
            raise Rejected(words, path="currency", code="differs_at_partner")
        added = self.level(
            exact(now["amount_total"]), sale["total"], sale["currency"], sale["lines"]
        )
        if added:
            lines = [[0, 0, self._line(it)] for it in added]
            self._odoo.write(SALE, [number], {"order_line": lines})

    def _values(self, sale: Sale) -> Row:
        lines = [[0, 0, self._line(it)] for it in sale["lines"]]  # what is missing is said first
        customer = self._customer(sale["party"], sale["invoice_address"])
        lists = [["currency_id.name", "=", sale["currency"]]]
        prices = self._odoo.rows("product.pricelist", lists, ["name"], limit=1)
        return {
            "client_order_ref": sale["reference"],
            "origin": sale["order_number"],
            "date_order": f"{sale['sale_date']} 00:00:00",
            "partner_id": customer,
            "partner_invoice_id": self._address(customer, "invoice", sale["invoice_address"]),
            "partner_shipping_id": self._address(customer, "delivery", sale["shipment_address"]),
            **({"pricelist_id": prices[0]["id"]} if prices else {}),
            **({"company_id": self._company} if self._company else {}),
            "order_line": lines,
        }

    def _line(self, it: Line) -> Row:
        return line(it, self._lookup.product(it), self._lookup.taxes(it), self.tax_field)

    def _cancel(self, there: Row | None) -> Receipt:
        """What was never told is not told; what was is cancelled as far as Odoo lets it."""
        if there is None:
            return Receipt(NEVER_TOLD)
        if there["state"] != "cancel":
            number, sure = int(there["id"]), {"disable_cancel_warning": True}
            self._odoo.call(SALE, "action_cancel", [number], context=sure)
            now = self._odoo.record(SALE, number, ["state"])
            if now["state"] != "cancel":
                raise Rejected(f"Odoo did not cancel {there['name']}: it is {now['state']}")
        return Receipt(str(there["name"]))

    def _customer(self, who: Party, at: PartyAddress) -> int:
        rows = self._odoo.rows(PARTNER, [["ref", "=", who["code"]]], ["name"], limit=1)
        if rows:
            return int(rows[0]["id"])
        return self._odoo.create(PARTNER, partner(who) | self.place(at))

    def _address(self, customer: int, kind: str, at: PartyAddress) -> int:
        """The customer's own record where it lives there, else one of its addresses."""
        values = self.place(at)
        same = [[name, "=", value or False] for name, value in values.items() if name != "state_id"]
        theirs = ["|", ["id", "=", customer], ["parent_id", "=", customer]]
        rows = self._odoo.rows(PARTNER, [*theirs, *same], ["name"], limit=1)
        if rows:
            return int(rows[0]["id"])
        whose = {"parent_id": customer, "type": kind, "name": at["party_name"] or False}
        return self._odoo.create(PARTNER, values | whose)

    def place(self, at: PartyAddress) -> Row:
        """An address with its country and region, where Odoo knows them."""
        values, country = place(at), at["country"]
        if not country:
            return values
        number = self._lookup.number("res.country", "code", country, "ship_to.country")
        domain = [["country_id", "=", number], ["code", "=", at["region_code"]]]
        states = self._odoo.rows("res.country.state", domain, ["code"]) if at["region_code"] else []
        return {**values, "country_id": number, "state_id": states[0]["id"] if states else False}


def _compare(sale: Sale, there: Row) -> None:
    total = round_to(exact(there["amount_total"]), sale["currency"])
    if there["state"] == "cancel":
        raise Rejected(f"{there['name']} was cancelled in Odoo", code="differs_at_partner")
    if total != sale["total"]:
        words = f"{there['name']} comes to {total}, the order to {sale['total']}"
        raise Rejected(words, path="totals.grand_total", code="differs_at_partner")
