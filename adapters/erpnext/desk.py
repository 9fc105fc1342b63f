"""What ERPNext has already: documents under our references, and names of what they speak of."""

from decimal import Decimal
from typing import Any

from adapters.erpnext.api import Frappe
from adapters.erpnext.settings import Settings
from adapters.ports import Receipt
from hub.model.errors import AlreadyDone, NeedsPerson, Rejected, UnknownCode
from hub.model.money import round_to
from mappings.kit import Context

Values = dict[str, Any]
ORDER, NOTE, INVOICE = "Sales Order", "Delivery Note", "Sales Invoice"
ENTRY, STOCK = "Journal Entry", "Stock Entry"
KEYS = {ORDER: "po_no", NOTE: "po_no", INVOICE: "po_no", ENTRY: "cheque_no", STOCK: "remarks"}
"""DocType -> the field that our reference stands in."""
SUMS = {ORDER: "grand_total", INVOICE: "grand_total", ENTRY: "total_debit"}
DRAFT, SUBMITTED, CANCELLED = 0, 1, 2


class Desk:
    """One company's documents."""

    def __init__(self, api: Frappe, settings: Settings, at: Context) -> None:
        self._api, self._settings = api, settings
        agreed = list(at.codes.get("products", {}).items())
        self._own = {ours: code for code, ours in reversed(agreed)}
        self._known: dict[tuple[str, str], str] = {}

    def there(self, doctype: str, reference: str) -> Values | None:
        """The document under our reference. Of two the older one that is not cancelled counts."""
        fields = ["docstatus", *([SUMS[doctype]] if doctype in SUMS else [])]
        filters = [[KEYS[doctype], "=", reference], ["company", "=", self._settings.company]]
        rows = self._api.rows(doctype, filters, fields)
        return next((it for it in rows if it["docstatus"] != CANCELLED), rows[0] if rows else None)

    def not_there(
        self, doctype: str, there: Values | None, total: Decimal | None = None, currency: str = ""
    ) -> None:
        """AlreadyDone where it is submitted with our total."""
        known = self.submitted(doctype, there, total, currency)
        if known is not None:
            raise AlreadyDone(f"{known.reference} is submitted", reference=known.reference)

    def submitted(
        self, doctype: str, there: Values | None, total: Decimal | None = None, currency: str = ""
    ) -> Receipt | None:
        """A receipt of what is submitted. Rejected where it was cancelled there, or differs."""
        if there is None or there["docstatus"] == DRAFT:
            return None
        if there["docstatus"] == CANCELLED:
            raise Rejected(f"{there['name']} was cancelled in ERPNext", code="differs_at_partner")
        _compare(doctype, there, total, currency)
        return Receipt(str(there["name"]))

    def submit(
        self, doctype: str, draft: Values, total: Decimal | None = None, currency: str = ""
    ) -> Receipt:
        """Hold a draft to our total, and submit it."""
        _compare(doctype, draft, total, currency)
        done = self._api.write(doctype, draft["name"], {"docstatus": SUBMITTED})
        if done.get("docstatus") != SUBMITTED:
            raise Rejected(f"ERPNext did not submit {draft['name']}")
        return Receipt(str(done["name"]))

    def article(self, sku: str, path: str) -> str:
        """The item of a SKU. UnknownCode where there is none: the message waits for it."""
        try:
            return self.name("Item", "name", self.code(sku), path)
        except NeedsPerson:
            raise UnknownCode("products", sku, path=path) from None

    def code(self, sku: str | None) -> str:
        """ERPNext's code of an article: as the connection's list has it, else the SKU."""
        return self._own.get(sku or "", sku or "")

    def account(self, number: str, path: str) -> str:
        """An account by its number; one that has none by its name there."""
        try:
            return self.name("Account", "account_number", number, path)
        except NeedsPerson:
            return self.name("Account", "name", number, path)

    def name(self, doctype: str, field: str, value: str, path: str = "") -> str:
        """The name of a document by a field that identifies it. What was found is kept."""
        known = self._known.get((doctype, value))
        if known is None:
            own = [["company", "=", self._settings.company]] if doctype == "Account" else []
            rows = self._api.rows(doctype, [[field, "=", value], *own], [])
            if not rows:
                message = f"ERPNext has no {doctype} whose {field} is {value!r}"
                raise NeedsPerson(message, path=path, code="missing_master_data")
            known = self._known[doctype, value] = str(rows[0]["name"])
        return known


def _compare(doctype: str, there: Values, total: Decimal | None, currency: str) -> None:
    if total is None or doctype not in SUMS:
        return
    found = round_to(Decimal(str(there.get(SUMS[doctype]) or 0)), currency)
    if found != total:
        words = f"{there['name']} comes to {found}, told is {total}"
        raise Rejected(words, path="totals.grand_total", code="differs_at_partner")
