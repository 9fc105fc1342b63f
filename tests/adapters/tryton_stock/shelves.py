"""A warehouse of its own in a real Tryton, and the people who work in it."""

from collections.abc import Mapping
from typing import Any

from adapters.kit.http import Transport
from adapters.tryton.server.rpc import Rpc
from tests.peers.tryton import TrytonServer

OUT, IN, MOVE, PLACE = "stock.shipment.out", "stock.shipment.in", "stock.move", "stock.location"
YES = ("done", "check_quantity_product")
"""What people answer with yes: shipments without an order, and fewer pieces than reserved."""


class Shelves:
    """One warehouse, seen and worked in by Tryton's administrator."""

    def __init__(self, server: TrytonServer, code: str, stock: Mapping[str, int]) -> None:
        self.rpc = Rpc(server.url, server.database, server.admin, YES, Transport.local(110))
        self.rpc.company = 1
        self.code = code
        made = {
            f"{kind}_location": self._place(f"{code}-{kind}", type="storage")
            for kind in ("input", "output", "storage")
        }
        (lost,) = self.read(PLACE, [["type", "=", "lost_found"]], "code")[:1]
        own = self._place(code, type="warehouse", lost_found_location=lost["id"], **made)
        self.rpc.call(PLACE, "write", list(made.values()), {"parent": own})
        self.storage, self.output = made["storage_location"], made["output_location"]
        self.count(stock)

    def _place(self, code: str, **values: Any) -> int:
        return int(self.rpc.call(PLACE, "create", [{"name": code, "code": code, **values}])[0])

    def read(self, model: str, domain: list[Any], *fields: str) -> list[dict[str, Any]]:
        return list(
            self.rpc.call(model, "search_read", domain, 0, None, [["id", "ASC"]], list(fields))
        )

    def count(self, stock: Mapping[str, int]) -> None:
        """Somebody counts the shelves."""
        known = self.read("product.product", [["code", "in", list(stock)]], "code")
        lines = [{"product": it["id"], "quantity": float(stock[it["code"]])} for it in known]
        values = {"location": self.storage, "company": 1, "lines": [["create", lines]]}
        (number,) = self.rpc.call("stock.inventory", "create", [values])
        self.rpc.call("stock.inventory", "confirm", [number])

    def on_hand(self, *skus: str) -> dict[str, int]:
        """What lies there, also what is picked."""
        where = {"locations": [self.storage, self.output], "with_childs": True}
        rows = self.rpc.call(
            *("product.product", "search_read", [["code", "in", list(skus)]], 0, None, None),
            *(["code", "quantity"],),
            context=where,
        )
        return {row["code"]: int(row["quantity"]) for row in rows}

    def shipments(self, *states: str) -> dict[str, dict[str, Any]]:
        """Shipments to customers by the first word of their reference."""
        domain: list[Any] = [["warehouse.code", "=", self.code]]
        domain += [["state", "in", list(states)]] if states else []
        rows = self.read(OUT, domain, "reference", "state", "inventory_moves", "outgoing_moves")
        return {str(row["reference"]).partition(" ")[0]: row for row in rows}

    def pieces(self, moves: list[int]) -> dict[str, int]:
        rows = self.read(MOVE, [["id", "in", moves]], "product.code", "quantity")
        return {row["product."]["code"]: int(row["quantity"]) for row in rows}

    def finds_only(self, number: str, found: Mapping[str, int]) -> None:
        """Pickers find fewer pieces of some articles than were reserved, and say so."""
        row = self.shipments()[number]
        self.rpc.call(OUT, "wait", [row["id"]])
        moves = self.shipments()[number]["inventory_moves"]
        for it in self.read(MOVE, [["id", "in", moves]], "product.code"):
            if it["product."]["code"] in found:
                left = float(found[it["product."]["code"]])
                self.rpc.call(MOVE, "write", [it["id"]], {"quantity": left})
        self.rpc.call(OUT, "assign_try", [row["id"]])

    def ships(self, number: str, tracking: str = "") -> None:
        """Pick, pack and send it."""
        row = self.shipments()[number]
        for button in ("pick", "pack"):
            self.rpc.call(OUT, button, [row["id"]])
        if tracking:
            self.rpc.call(OUT, "write", [row["id"]], {"reference": f"{number} {tracking}"})
        self.rpc.call(OUT, "do", [row["id"]])

    def receives(self, number: str, pieces: int | None = None) -> None:
        """Goods of a supplier come in and are put on the shelves."""
        (row,) = self.read(IN, [["reference", "=", number]], "incoming_moves")
        if pieces is not None:
            self.rpc.call(MOVE, "write", row["incoming_moves"], {"quantity": float(pieces)})
        for button in ("receive", "do"):
            self.rpc.call(IN, button, [row["id"]])
