"""A shipment told by the hub: assign, pick, pack and do the sale's open shipment in Tryton.

Our own word stands first in the shipment's reference, before the tracking numbers: by it a
shipment is known again, and one left half done is taken up where it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.ports import Receipt
from adapters.tryton.books import MOVE, SHIPMENT, Books, Record
from adapters.tryton.server.rpc import Ids
from hub.model.document import pieces
from hub.model.errors import AlreadyDone, Rejected
from mappings.kit.ledger_lines import Delivered

OPEN = ("draft", "waiting", "assigned", "picked", "packed", "shipped")
PRISTINE = ("draft", "waiting", "assigned")
BUTTONS = {
    "assigned": ("pick", "pack", "do"),
    "picked": ("pack", "do"),
    "packed": ("do",),
    "shipped": ("do",),
}
"""State -> what is pressed from there to done."""
FIELDS = ("number", "state", "reference", "inventory_moves", "outgoing_moves")


@dataclass
class Shipping:
    """A `stock.shipment.out` as it stands."""

    id: int
    number: str | None
    state: str
    reference: str
    inventory: Ids
    outgoing: Ids

    @property
    def name(self) -> str:
        return self.number or f"{SHIPMENT},{self.id}"

    def is_ours(self, own: str) -> bool:
        """Whether it carries our word for the shipment."""
        return self.reference.partition(" ")[0] == own


class Shipments:
    """Books what left."""

    def __init__(self, books: Books) -> None:
        self._books, self._rpc = books, books.rpc

    def send(self, delivered: Delivered) -> Receipt:
        """Book the pieces as shipped. AlreadyDone where this shipment is done."""
        sale = self._books.the_sale(delivered["order"])
        known = self._read(sale.shipments)
        mine = next((shipping for shipping in known if shipping.is_ours(delivered["own"])), None)
        if mine and mine.state == "done":
            self._invoice(sale, delivered)
            raise AlreadyDone(f"shipment {mine.name} is done", reference=mine.name)
        current = mine or self._free(sale, known)
        if current.state in PRISTINE:
            self._claim(current, delivered)
        self._advance(current.id)
        self._invoice(sale, delivered)
        return Receipt(self._read([current.id])[0].name)

    def find(self, told: Delivered) -> Receipt | None:
        """The shipment, once it is done."""
        sale = self._books.sales([told["order"]]).get(told["order"])
        known = self._read(sale.shipments) if sale else []
        done = [one for one in known if one.is_ours(told["own"]) and one.state == "done"]
        if not sale or not done or self._books.unposted(self._due(sale, told)):
            return None
        return Receipt(done[0].name)

    def _read(self, numbers: Ids) -> list[Shipping]:
        rows = self._rpc.call(SHIPMENT, "read", numbers, list(FIELDS)) if numbers else []
        return [
            Shipping(
                id=int(row["id"]),
                number=row["number"],
                state=row["state"],
                reference=row["reference"] or "",
                inventory=list(row["inventory_moves"]),
                outgoing=list(row["outgoing_moves"]),
            )
            for row in sorted(rows, key=lambda row: int(row["id"]))
        ]

    def _free(self, sale: Record, known: Sequence[Shipping]) -> Shipping:
        """The first open shipment that nobody claimed: the rest of a partial one is a new one."""
        for one in known:
            if one.state in PRISTINE and not one.reference:
                return one
        raise Rejected(f"sale {sale.name} has nothing left to ship", code="nothing_to_ship")

    def _claim(self, current: Shipping, delivered: Delivered) -> None:
        """Write our word and the quantities that left, before anything moves."""
        if current.state != "waiting":  # quantities change while it waits
            self._rpc.call(SHIPMENT, "wait", [current.id])
            current = self._read([current.id])[0]
        changes = self._changes(current, delivered)
        self._rpc.call(SHIPMENT, "write", [current.id], {"reference": delivered["reference"]})
        if changes:
            self._rpc.call(MOVE, "write", *changes)

    def _changes(self, current: Shipping, delivered: Delivered) -> list[Any]:
        """(ids, values) pairs that bring the moves to what left. Rejected for what was not sold."""
        left: dict[int, Decimal] = {}
        skus: dict[int, str] = {}
        for sku, quantity in delivered["pieces"]:
            product = self._books.lookup.goods(sku)
            if product.is_goods:
                left[product.id] = left.get(product.id, Decimal(0)) + quantity
                skus[product.id] = sku or "without SKU"
        changes: list[Any] = []
        moves = current.inventory or current.outgoing
        rows = self._rpc.call(MOVE, "read", moves, ["product", "quantity"]) if moves else []
        for row in rows:
            planned = Decimal(row["quantity"])
            taken = min(planned, left.get(row["product"], Decimal(0)))
            left[row["product"]] = left.get(row["product"], Decimal(0)) - taken
            if taken != planned:
                changes += [[int(row["id"])], {"quantity": float(taken)}]
        over = {skus[number]: rest for number, rest in left.items() if rest > 0}
        if over:
            text = ", ".join(f"{pieces(rest)} of {sku}" for sku, rest in over.items())
            raise Rejected(f"more shipped than is open: {text}", code="over_shipped")
        return changes

    def _advance(self, number: int) -> None:
        """From where it stands to done."""
        state = self._state(number)
        if state in {"draft", "waiting"}:
            self._assign(number)
            state = "assigned"
        for button in BUTTONS[state]:
            self._rpc.call(SHIPMENT, button, [number])
        state = self._state(number)
        if state != "done":
            raise Rejected(f"the shipment stays {state}", code="shipment_stuck")

    def _assign(self, number: int) -> None:
        """Reserve stock. A try may assign a part; the state says whether it was all."""
        self._rpc.call(SHIPMENT, "assign_try", [number])
        if self._state(number) == "assigned":
            return
        if not self._books.settings.assign_force:
            raise Rejected("Tryton counts too little stock for this shipment", code="out_of_stock")
        self._rpc.call(SHIPMENT, "assign_force", [number])

    def _state(self, number: int) -> str:
        (row,) = self._rpc.call(SHIPMENT, "read", [number], ["state"])
        return str(row["state"])

    def _invoice(self, sale: Record, told: Delivered) -> None:
        now = self._books.reread([sale.id])[sale.id]
        for problem in self._books.post(self._due(now, told)).values():
            raise problem

    def _due(self, sale: Record, told: Delivered) -> Ids:
        """Invoices to post: once nothing of the order is open any more, where so set."""
        if self._books.settings.invoice_on != "shipment":
            return []
        is_last = told["order_complete"] or not self._books.standing(SHIPMENT, sale.shipments, OPEN)
        return sale.invoices if is_last else []
