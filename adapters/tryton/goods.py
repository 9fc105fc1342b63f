"""Goods that came in, came back or were counted, as shipments of Tryton with our reference, done.

What cannot be sold never comes to stock: it is not booked. A return is a shipment of its own, or
the one that waits since the refund, by the setting `returns`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from adapters.ports import Receipt
from adapters.tryton.books import MOVE, Books
from hub.model.errors import AlreadyDone, Rejected
from mappings.kit.ledger_lines import Moved, Movement

PARTY = "party.party"
NOTHING = "nothing to book: no pieces moved"
BY_REFUND = "not told: the refund brings these goods back"


class Way(NamedTuple):
    """How pieces move: a model, its buttons to done, the field of its moves, locations by what they
    are.
    """

    model: str
    buttons: tuple[str, ...]
    moves: str
    start: str
    end: str
    party: str = ""


WAYS = {
    "supplier": Way(
        "stock.shipment.in", ("receive", "do"), "incoming_moves", "supplier", "input", "supplier"
    ),
    "customer": Way(
        *("stock.shipment.out.return", ("receive", "do"), "incoming_moves"),
        *("customer", "input", "customer"),
    ),
    "found": Way(
        *("stock.shipment.internal", ("wait", "assign_force", "do"), "moves"),
        *("lost_found", "storage"),
    ),
    "gone": Way(
        *("stock.shipment.internal", ("wait", "assign_force", "do"), "moves"),
        *("storage", "lost_found"),
    ),
}
_BEFORE = {
    "draft": 0,
    "request": 0,
    "received": 1,
    "waiting": 1,
    "assigned": 2,
}
"""State -> how many of the buttons were pressed."""


class Goods:
    """Books what moved."""

    def __init__(self, books: Books) -> None:
        self._books, self._rpc, self._lookup = books, books.rpc, books.lookup

    def send(self, it: Movement) -> Receipt:
        """Make the shipments and do them. AlreadyDone where all are done."""
        names, news = list[str](), False
        for way, reference, some in _ways(it):
            there = self._there(way, reference)
            if there is None and self._is_by_refund(it):
                there = self._waiting(it, some)
                if there is None:
                    return Receipt(BY_REFUND)
                self._rpc.call(way.model, "write", [there["id"]], {"reference": reference})
            if there is None or there["state"] != "done":
                there, news = self._do(way, there, it, reference, some), True
            names.append(_name(way, there))
        if names and not news:
            raise AlreadyDone("it is booked", reference=", ".join(names))
        return Receipt(", ".join(names) or NOTHING)

    def find(self, it: Movement) -> Receipt | None:
        """The shipments, once all are done."""
        names = list[str]()
        for way, reference, _ in _ways(it):
            there = self._there(way, reference)
            if there is None or there["state"] != "done":
                return None
            names.append(_name(way, there))
        return Receipt(", ".join(names) or NOTHING)

    def _is_by_refund(self, it: Movement) -> bool:
        return it["origin"] == "customer" and self._books.settings.returns == "refund"

    def _do(
        self,
        way: Way,
        there: dict[str, Any] | None,
        it: Movement,
        reference: str,
        some: Sequence[Moved],
    ) -> dict[str, Any]:
        number = int(there["id"]) if there else self._create(way, it, reference, some)
        pressed = _BEFORE.get(there["state"] if there else "draft", 0)
        for button in way.buttons[pressed:]:
            self._rpc.call(way.model, button, [number])
        now = self._there(way, reference)
        if now is None or now["state"] != "done":
            state = now and now["state"]
            raise Rejected(f"the shipment stays {state}", code="shipment_stuck")
        return now

    def _create(self, way: Way, it: Movement, reference: str, some: Sequence[Moved]) -> int:
        place = self._places()
        start, end = place[way.start], place[way.end]
        products = [self._lookup.goods(moved.sku) for moved in some]
        moves = [
            {
                "product": product.id,
                "quantity": float(abs(moved.pieces)),
                "unit": product.unit,
                "from_location": start,
                "to_location": end,
                "company": self._lookup.company(),
                **(self._priced(product.id) if way.party else {}),
            }
            for product, moved in zip(products, some, strict=True)
        ]
        head: dict[str, Any] = {"from_location": start, "to_location": end}
        if way.party:
            head = {
                way.party: self._party(way.party),
                "warehouse": self._lookup.warehouse(),
                "warehouse_input": place["input"],
                "warehouse_storage": place["storage"],
            }
        values = {
            **head,
            "company": self._lookup.company(),
            "reference": reference,
            "effective_date": it["date"],
            way.moves: [["create", moves]],
        }
        return int(self._rpc.call(way.model, "create", [values])[0])

    def _priced(self, product: int) -> dict[str, Any]:
        """What pieces cost on their way in: what Tryton holds them to cost."""
        (row,) = self._rpc.call("product.product", "read", [product], ["cost_price"])
        return {"unit_price": row["cost_price"], "currency": self._own_currency()}

    def _own_currency(self) -> int:
        company = [self._lookup.company()]
        (row,) = self._rpc.call("company.company", "read", company, ["currency"])
        return int(row["currency"])

    def _places(self) -> dict[str, int]:
        """Locations: of the warehouse, and the virtual ones by their type."""
        fields = ["input_location", "storage_location"]
        warehouse = [self._lookup.warehouse()]
        (row,) = self._rpc.call("stock.location", "read", warehouse, fields)
        kinds = ["supplier", "customer", "lost_found"]
        domain, order = [["type", "in", kinds]], [["id", "DESC"]]
        rows = self._rpc.call("stock.location", "search_read", domain, 0, None, order, ["type"])
        virtual = {str(it["type"]): int(it["id"]) for it in rows}
        return {**virtual, "input": row["input_location"], "storage": row["storage_location"]}

    def _party(self, role: str) -> int:
        """Who stands for all suppliers, or customers, that goods come from without a name."""
        code = f"OH-{role.upper()}"
        known = self._lookup.rows(PARTY, "code", [code]).get(code)
        if known is not None:
            return int(known["id"])
        values = {"name": f"Order Hub: {role}s", "code": code, "addresses": [["create", [{}]]]}
        return int(self._rpc.call(PARTY, "create", [values])[0])

    def _there(self, way: Way, reference: str) -> dict[str, Any] | None:
        domain = [["reference", "=", reference], ["state", "!=", "cancelled"]]
        order, fields = [["id", "ASC"]], ["number", "state"]
        rows = self._rpc.call(way.model, "search_read", domain, 0, 1, order, fields)
        return next(iter(rows), None)

    def _waiting(self, it: Movement, some: Sequence[Moved]) -> dict[str, Any] | None:
        """The return that waits since a refund of this order, for just these pieces."""
        if not it["order"]:
            return None
        domain = [["reference", "like", f"%/{it['order']}/refund/%"]]
        fields = ["shipment_returns"]
        sales = self._rpc.call("sale.sale", "search_read", domain, 0, None, None, fields)
        numbers = [number for sale in sales for number in sale["shipment_returns"]]
        way = WAYS["customer"]
        fields = ["number", "state", way.moves]
        wanted = {self._lookup.goods(moved.sku).id: moved.pieces for moved in some}
        for row in self._rpc.call(way.model, "read", numbers, fields) if numbers else []:
            moves = self._rpc.call(MOVE, "read", row[way.moves], ["product", "quantity"])
            counted = {move["product"]: move["quantity"] for move in moves}
            if row["state"] == "draft" and counted == wanted:
                return dict(row)
        return None


def _name(way: Way, row: dict[str, Any]) -> str:
    return str(row["number"] or f"{way.model},{row['id']}")


def _ways(it: Movement) -> list[tuple[Way, str, list[Moved]]]:
    """What is more, and what is fewer."""
    good = [moved for moved in it["moved"] if moved.good]
    more, fewer = (
        [moved for moved in good if (moved.pieces > 0) is sign] for sign in (True, False)
    )
    came = WAYS["found" if it["origin"] == "count" else it["origin"]]
    ways = [(came, it["reference"], more), (WAYS["gone"], f"{it['reference']}/out", fewer)]
    return [way for way in ways if way[2]]
