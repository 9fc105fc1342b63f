"""Goods that leave: a customer shipment under our fulfilment order's number, reserved at once.

What Tryton cannot reserve is cut from the shipment and told as short, or waited for, by the setting
`short`. Where nothing can be reserved the shipment is cancelled, and the order rejected.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from adapters.ports import Clock, Receipt
from adapters.tryton.server.parties import Parties
from adapters.tryton.server.rpc import Ids
from adapters.tryton_stock.warehouse import MOVE, Row, Warehouse, name, summed
from hub.model.document import ZERO, Document, pieces
from hub.model.errors import Rejected
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    FulfilmentStatus,
    Shipment,
    WarehouseWord,
)
from mappings.kit import Context, encode
from mappings.tryton_stock import ENCODE, Going, missing

SHIPMENT = "stock.shipment.out"
MOVES = ("inventory_moves", "outgoing_moves")
LEFT = ("shipped", "done")
"""States of what is on its way."""
_NOT_RESERVED = frozenset({"draft", "staging"})
_CANCELLED = "cancelled there: none of it could be reserved, or somebody decided it"


class Outbound:
    """What one warehouse is told to ship."""

    def __init__(
        self, house: Warehouse, parties: Parties, at: Context, clock: Clock, *, cuts: bool
    ) -> None:
        """`cuts`: what cannot be reserved is cut from a shipment."""
        self._house, self._rpc, self._parties = house, house.rpc, parties
        self._at, self._clock, self._cuts = at, clock, cuts

    def order(self, document: FulfilmentOrder, _: str) -> Receipt:
        """Make the shipment and reserve its goods, or go on with the one that is there."""
        there = self._there(document.business_id)
        if there is None:
            number = self._create(encode(ENCODE, document, self._at))
        else:
            self._same(document, there)
            number = int(there["id"])
        state = str(there["state"]) if there else "draft"
        if state == "draft":
            self._rpc.call(SHIPMENT, "wait", [number])
            state = "waiting"
        if state == "waiting":
            self._reserve(number)
        return self._told(document, self._read(number))

    def found_order(self, document: FulfilmentOrder) -> Receipt | None:
        """The shipment. None also for one that is half made: sending it again takes it up."""
        there = self._there(document.business_id)
        if there is None:
            return None
        self._same(document, there)
        half = ("draft", "waiting") if self._cuts else ("draft",)
        return None if there["state"] in half else self._told(document, there)

    def cancel(self, document: FulfilmentCancellation, _: str) -> Receipt:
        """Stop it. What has left can no longer be stopped."""
        there = self._there(document.business_id)
        if there is None:
            raise Rejected("it knows no such order", code="unknown_at_partner")
        if there["state"] not in (*LEFT, "cancelled"):
            self._rpc.call(SHIPMENT, "cancel", [there["id"]])
            there = self._read(int(there["id"]))
        return self._stopped(document, there)

    def found_cancelled(self, document: FulfilmentCancellation) -> Receipt | None:
        """What became of the wish to cancel, where the shipment says it."""
        there = self._there(document.business_id)
        settled = there is not None and there["state"] in (*LEFT, "cancelled")
        return self._stopped(document, there) if there and settled else None

    def _there(self, reference: str) -> Row | None:
        return self._house.there(SHIPMENT, reference, MOVES)

    def _read(self, number: int) -> Row:
        fields = ["number", "state", *MOVES]
        (row,) = self._rpc.call(SHIPMENT, "read", [number], fields)
        return dict(row)

    def _create(self, it: Going) -> int:
        house, place = self._house, self._house.places()
        company, currency = house.records.company(), house.currency()
        goods = list(house.products(it["pieces"]))
        values = self._parties.values(it["address"], "ship_to")
        party = self._parties.numbers({it["party"]["code"]: it["party"]})[it["party"]["code"]]
        (address,) = self._parties.addresses([(party, values)])
        (row,) = self._rpc.call("party.party", "read", [party], ["customer_location"])
        moves = [
            {
                "product": product.id,
                "unit": product.unit,
                "quantity": float(piece.quantity),
                "from_location": place.output,
                "to_location": row["customer_location"],
                "company": company,
                "currency": currency,
                "unit_price": Decimal(0),
            }
            for piece, product in goods
        ]
        made = {
            "company": company,
            "customer": party,
            "delivery_address": address,
            "reference": it["reference"],
            "planned_date": it["planned"] or self._clock().astimezone(self._at.zone).date(),
            "warehouse": house.records.warehouse(),
            "warehouse_storage": place.storage,
            "warehouse_output": place.output,
            "outgoing_moves": [["create", moves]],
        }
        return int(self._rpc.call(SHIPMENT, "create", [made])[0])

    def _reserve(self, number: int) -> None:
        """Reserve what is there; of what is not, by the setting, nothing stays."""
        self._rpc.call(SHIPMENT, "assign_try", [number])
        there = self._read(number)
        if there["state"] != "waiting" or not self._cuts:
            return
        reserving = self._house.moves(_reserved_in(there))
        lacking = [row for row in reserving if row["state"] in _NOT_RESERVED]
        if len(lacking) == len(reserving):
            self._rpc.call(SHIPMENT, "cancel", [number])
            return
        self._lower(there, [row for row in reserving if row not in lacking])
        self._rpc.call(MOVE, "delete", [row["id"] for row in lacking])
        self._rpc.call(SHIPMENT, "assign_try", [number])

    def _lower(self, there: Row, reserved: Sequence[Row]) -> None:
        """Bring the moves out of the door to what is reserved, else it would be wanted again."""
        if not there["inventory_moves"]:
            return
        have: dict[int, Decimal] = {}
        for row in reserved:
            origin = int(str(row["origin"]).rpartition(",")[2])
            have[origin] = have.get(origin, ZERO) + Decimal(row["internal_quantity"])
        nothing = [number for number in there["outgoing_moves"] if number not in have]
        changes: list[Any] = []
        for number, left in have.items():
            changes += [[number], {"quantity": float(left)}]
        self._rpc.call(MOVE, "write", *changes)
        if nothing:
            self._rpc.call(MOVE, "delete", nothing)

    def _same(self, document: FulfilmentOrder, there: Row) -> None:
        """What is there may have been cut, never have more or others."""
        ordered = summed((line.sku, line.quantity) for line in document.lines)
        wanted = self._house.by_code(ordered)
        for code, found in self._house.pieces(there["outgoing_moves"]).items():
            if found > wanted.get(code, ZERO):
                message = f"{document.business_id} is there with other lines: {code}"
                raise Rejected(message, code="differs_at_partner")

    def _told(self, document: FulfilmentOrder, there: Row) -> Receipt:
        """The receipt, with what Tryton says of the order by now."""
        called = name(SHIPMENT, there)
        match there["state"]:
            case "cancelled":
                said = self._status(document, called, "rejected", _CANCELLED)
                return Receipt(called, (said,))
            case "waiting" | "assigned":
                return Receipt(called, tuple(self._reserved(document, called, there)))
            case _:
                return Receipt(called)

    def _reserved(self, document: FulfilmentOrder, called: str, there: Row) -> Sequence[Document]:
        """What is reserved is accepted. What is not is short; or where it is waited for, somebody
        should know.
        """
        have = self._house.pieces(_reserved_in(there), ["assigned", "done"])
        ours = {line.sku: have.get(self._house.records.product_code(line.sku), ZERO)
                for line in document.lines}  # fmt: skip
        short = missing(document, ours)
        if not short:
            return [self._status(document, called, "accepted")]
        if there["state"] == "waiting":
            lacks = ", ".join(f"{pieces(line.quantity)} of {line.sku}" for line in short)
            return [self._status(document, called, "exception", f"not in stock: {lacks}")]
        now = self._clock()
        cut = Shipment(
            source=self._at.source(f"{called}:short", occurred_at=now),
            fulfilment_order_id=document.fulfilment_order_id,
            warehouse_reference=called,
            shipped_at=now,
            complete=False,
            short=tuple(short),
        )
        return [self._status(document, called, "accepted"), cut]

    def _stopped(self, document: FulfilmentCancellation, there: Row) -> Receipt:
        called = name(SHIPMENT, there)
        word: WarehouseWord = "cancel_refused" if there["state"] in LEFT else "cancelled"
        return Receipt(called, (self._status(document, called, word),))

    def _status(
        self,
        document: FulfilmentOrder | FulfilmentCancellation,
        called: str,
        word: WarehouseWord,
        message: str | None = None,
    ) -> FulfilmentStatus:
        order, now = document.fulfilment_order_id, self._clock()
        return FulfilmentStatus(
            source=self._at.source(f"{order}:{word}:{document.source.id}", occurred_at=now),
            fulfilment_order_id=order,
            status=word,
            at=now,
            message=message,
            warehouse_reference=called,
        )


def _reserved_in(there: Row) -> Ids:
    """The moves that goods are reserved by: into the output zone, or where there is none, out."""
    return list(there["inventory_moves"] or there["outgoing_moves"])
