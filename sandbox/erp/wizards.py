"""The ERP's wizards: a first screen with defaults, then a step that does something."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.erp import sales
from sandbox.erp.computed import invoices_of_sale, moves_of_sale
from sandbox.erp.desk import Desk
from sandbox.erp.faults import WrongCall

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wizard:
    """`defaults` fills the first screen, `do` is what `step` does with what was entered there."""

    start: str
    step: str
    defaults: Callable[[Desk, list[int]], dict[str, Any]]
    do: Callable[[Desk, list[int], Values], list[int]]  # answers the sales it made

    def execute(
        self, desk: Desk, ids: list[int], data: Values, state: str
    ) -> tuple[dict[str, Any], list[int]]:
        """What the step answers, and the sales it made."""
        if state == self.start:
            defaults = self.defaults(desk, ids)
            return {"view": {"state": state, "defaults": defaults, "buttons": []}}, []
        if state != self.step:
            raise WrongCall(f"'{state}'")
        made = self.do(desk, ids, data.get(self.start) or {})
        actions = [[{"type": "ir.action.act_window"}, {"res_id": made}]] if made else []
        return {"actions": actions}, made


def nothing(_desk: Desk, _ids: list[int]) -> dict[str, Any]:
    return {}


def give_back(desk: Desk, ids: list[int], _values: Values) -> list[int]:
    return sales.give_back(desk, ids)


def cancelled_moves(desk: Desk, sale: int) -> list[int]:
    found = moves_of_sale(desk.store, sale)
    return [it for it in found if is_unhandled(desk, "stock.move", it)]


def cancelled_invoices(desk: Desk, sale: int) -> list[int]:
    found = invoices_of_sale(desk.store, sale)
    return [it for it in found if is_unhandled(desk, "account.invoice", it)]


def is_unhandled(desk: Desk, model: str, number: int) -> bool:
    row = desk.store.row(model, number)
    return row["state"] == "cancelled" and row.get("_handled") is None


def exceptions(model: str, word: str, unhandled: Callable[[Desk, int], list[int]]) -> Wizard:
    """What was cancelled of a sale in work: to come again (recreate), or not (ignore)."""

    def defaults(desk: Desk, ids: list[int]) -> dict[str, Any]:
        found = [it for sale in ids for it in unhandled(desk, sale)]
        return {f"domain_{word}": found, f"recreate_{word}": found, f"ignore_{word}": []}

    def handle(desk: Desk, ids: list[int], values: Values) -> list[int]:
        for choice in ("recreate", "ignore"):
            for number in values.get(f"{choice}_{word}") or []:
                desk.store.put(model, number, "_handled", choice)
        sales.process(desk, [it for it in ids if desk.state(sales.SALE, it) == "processing"])
        return []

    return Wizard("ask", "handle", defaults, handle)


WIZARDS = {
    "sale.return_sale": Wizard("start", "return_", nothing, give_back),
    "sale.handle.shipment.exception": exceptions("stock.move", "moves", cancelled_moves),
    "sale.handle.invoice.exception": exceptions("account.invoice", "invoices", cancelled_invoices),
}
