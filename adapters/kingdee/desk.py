"""Documents under our references: saved, held to our total, submitted, audited, each step from
where it stands.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.kingdee.api import AlreadySo, Kingdee
from adapters.kit.http.records import number, text
from adapters.ports import Receipt
from hub.model.errors import AlreadyDone, OutcomeUnknown, Rejected, TryLater
from hub.model.money import round_to
from mappings.kingdee import DUE, ORDER, VOUCHER, Model

SUMS = {ORDER: "FBillAllAmount", DUE: "FALLAMOUNTFOR"}
_AUDITED, _IN_AUDIT = "C", "B"


class There:
    """A document under our reference."""

    def __init__(self, row: list[Any]) -> None:
        self.id, self.number, self.status = row[:3]
        self.total: Decimal | None = row[3] if len(row) > 3 else None


class Desk:
    """One organisation's documents."""

    def __init__(self, api: Kingdee, fields: Mapping[str, str]) -> None:
        """`fields`: form -> the field that our reference stands in; `*`: any other."""
        self._api, self._fields = api, fields

    def put(
        self,
        form: str,
        reference: str,
        model: Model,
        total: Decimal | None = None,
        currency: str = "",
    ) -> Receipt:
        """Save, compare, submit, audit; from where it stands."""
        known = self.known(form, reference, total, currency)
        if known is not None:
            raise AlreadyDone(f"{known.reference} is audited", reference=known.reference)
        there = self.there(form, reference) or self._save(form, reference, model)
        _compare(there, total, currency)
        for service in ("Submit", "Audit") if there.status != _IN_AUDIT else ("Audit",):
            try:
                self._api.do(service, form, {"Ids": str(there.id)})
            except AlreadySo:
                continue
        return Receipt(there.number)

    def _save(self, form: str, reference: str, model: Model) -> There:
        told = {
            "NeedUpDateFields": [],
            "NeedReturnFields": [],
            "IsDeleteEntry": "false",
            "IsVerifyBaseDataField": "true",
            "Model": {"FID": 0, self._field(form): reference, **model},
        }
        try:
            result = self._api.do("Save", form, told)
        except AlreadySo as words:
            raise Rejected(str(words)) from None
        made = _saved(result)
        if made is None:
            raise OutcomeUnknown(f"{form} was saved, and no number answered")
        return self.there(form, reference) or There([*made, "A"])

    def there(self, form: str, reference: str) -> There | None:
        """What stands under our reference."""
        numbered = "FVOUCHERGROUPNO" if form == VOUCHER else "FBillNo"
        ident = "FVOUCHERID" if form == VOUCHER else "FID"
        fields = [ident, numbered, "FDocumentStatus", *([SUMS[form]] if form in SUMS else [])]
        where = f"{self._field(form)}='{reference.replace(chr(39), chr(39) * 2)}'"
        rows = self._api.rows(form, fields, where)
        return There(rows[0]) if rows else None

    def known(
        self, form: str, reference: str, total: Decimal | None = None, currency: str = ""
    ) -> Receipt | None:
        """A receipt of what is audited. Rejected where its total is not ours."""
        there = self.there(form, reference)
        if there is None or there.status != _AUDITED:
            return None
        _compare(there, total, currency)
        return Receipt(there.number)

    def audited(self, reference: str) -> There:
        """The order that something follows."""
        there = self.there(ORDER, reference)
        if there is None or there.status != _AUDITED:
            raise TryLater(f"Kingdee has no audited order {reference} yet")
        return there

    def lines(self, order: There) -> list[list[Any]]:
        """Entry, material, ordered, out and rate of each line of an order."""
        fields = ["FSaleOrderEntry_FEntryID", "FMaterialId.FNumber", "FQty", "FStockOutQty"]
        return self._api.rows(ORDER, [*fields, "FEntryTaxRate"], f"FID={order.id}")

    def _field(self, form: str) -> str:
        return self._fields.get(form) or self._fields["*"]


def _compare(there: There, total: Decimal | None, currency: str) -> None:
    if total is None or there.total is None:
        return
    found = round_to(there.total, currency)
    if found != total:
        words = f"{there.number} comes to {found}, told is {total}"
        raise Rejected(words, path="totals.grand_total", code="differs_at_partner")


def _saved(result: Mapping[str, Any]) -> tuple[int, str] | None:
    """Id and number of what was saved; None where the answer does not say it."""
    status = result.get("ResponseStatus")
    made = status.get("SuccessEntitys") if isinstance(status, dict) else None
    for it in (*(made if isinstance(made, list) else ()), result):
        try:
            ident = number(it["Id"])
            return ident, text(it.get("Number")) or str(ident)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
    return None
