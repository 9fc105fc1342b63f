"""What every button works with: the records, numbers, warnings, and notes for the record."""

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sandbox.erp.computed import COMPUTED, sale_tax, sale_total, sale_untaxed
from sandbox.erp.faults import UserError, UserWarning_
from sandbox.erp.goods import COMPUTED as GOODS
from sandbox.erp.models import LABELS
from sandbox.erp.store import Store


class Desk:
    def __init__(self) -> None:
        self.store = Store({**COMPUTED, **GOODS})
        self.places: dict[str, int] = {}  # the warehouse's locations by code
        self.accepted: dict[str, bool] = {}  # warnings answered with yes -> for always
        self.notes: list[tuple[str, str, Any]] = []  # for the record, once the call has succeeded
        self._numbers: dict[str, itertools.count[int]] = {}

    def number(self, sequence: str) -> str:
        return str(next(self._numbers.setdefault(sequence, itertools.count(1))))

    def note(self, kind: str, key: str, document: Any) -> None:
        self.notes.append((kind, key, document))

    def state(self, model: str, number: int) -> str:
        return str(self.store.row(model, number)["state"])

    def insist(self, model: str, ids: Iterable[int], button: str, states: Sequence[str]) -> None:
        """A button is there only in some states; pressing it in another is refused by its name."""
        for number in self.store.existing(model, ids):
            if self.state(model, number) not in states:
                name = self.store.name(model, number)
                raise UserError(f'You can not call "{button}" on "{name}" of "{LABELS[model]}".')

    def move_on(self, model: str, number: int, state: str) -> None:
        self.store.put(model, number, "state", state)
        self.store.stamp(model, number)

    def warn(self, what: str, about: str, message: str) -> None:
        """Raises the warning unless it was answered; an answer counts once, or for always."""
        name = f"{hashlib.md5(about.encode(), usedforsecurity=False).hexdigest()}.{what}"
        if name not in self.accepted:
            raise UserWarning_(name, message)
        if not self.accepted[name]:
            del self.accepted[name]


def sale_note(desk: Desk, number: int) -> dict[str, Any]:
    """A sale as the record shows it; amounts and quantities as text."""
    store, row = desk.store, desk.store.row("sale.sale", number)
    return {
        "id": number,
        "number": row["number"],
        "reference": row["reference"],
        "state": row["state"],
        "party": party_note(store, row["party"]),
        "currency": store.row("currency.currency", row["currency"])["code"],
        "lines": [line_note(store, it) for it in store.by("sale.line", "sale", number)],
        "untaxed": str(sale_untaxed(store, number, {})),
        "tax": str(sale_tax(store, number, {})),
        "total": str(sale_total(store, number, {})),
    }


def party_note(store: Store, number: int) -> dict[str, Any]:
    row = store.row("party.party", number)
    return {"id": number, "name": row["name"], "code": row["code"]}


def pieces_text(pieces: float | None) -> str | None:
    """A quantity without needless zeros: 2.0 is "2"."""
    return None if pieces is None else f"{Decimal(str(pieces)).normalize():f}"


def line_note(store: Store, number: int) -> dict[str, Any]:
    row = store.row("sale.line", number)
    product = row["product"]
    return {
        "product": store.row("product.product", product)["code"] if product else None,
        "description": row["description"],
        "quantity": pieces_text(row["quantity"]),
        "unit_price": str(row["unit_price"]),
        "taxes": [store.row("account.tax", it)["name"] for it in row["taxes"]],
    }
