"""Goods that come: a supplier shipment under the number of our notice, received by people there."""

from decimal import Decimal

from adapters.ports import Receipt
from adapters.tryton_stock.warehouse import Row, Warehouse, name, summed
from hub.model.errors import NeedsPerson, Rejected
from hub.model.stock import InboundCancellation, InboundNotice
from mappings.kit import Context, encode
from mappings.tryton_stock import ENCODE, Coming

SHIPMENT = "stock.shipment.in"
PARTY = "party.party"


class Inbound:
    """What one warehouse is told to expect."""

    def __init__(self, house: Warehouse, at: Context, supplier: str) -> None:
        """`supplier`: the code of the party that goods come from; empty: one stands for all."""
        self._house, self._rpc, self._at = house, house.rpc, at
        self._supplier = supplier

    def notice(self, document: InboundNotice, _: str) -> Receipt:
        """Have it expect goods."""
        there = self._there(document.business_id)
        if there is not None:
            return self._same(document, there)
        number = self._create(encode(ENCODE, document, self._at))
        (row,) = self._rpc.call(SHIPMENT, "read", [number], ["number"])
        return Receipt(name(SHIPMENT, row))

    def found_notice(self, document: InboundNotice) -> Receipt | None:
        """Whether it expects the goods."""
        there = self._there(document.business_id)
        return None if there is None else self._same(document, there)

    def call_off(self, document: InboundCancellation, _: str) -> Receipt:
        """Have it expect them no more. What was received can no longer be called off."""
        there = self._there(document.business_id)
        if there is None:
            raise Rejected("it knows no such notice", code="unknown_at_partner")
        if there["state"] not in {"draft", "cancelled"}:
            raise Rejected(f"the goods are {there['state']} there")
        if there["state"] == "draft":
            self._rpc.call(SHIPMENT, "cancel", [there["id"]])
        return Receipt(name(SHIPMENT, there))

    def found_called_off(self, document: InboundCancellation) -> Receipt | None:
        """The shipment, once it is cancelled."""
        there = self._there(document.business_id)
        settled = there is not None and there["state"] == "cancelled"
        return Receipt(name(SHIPMENT, there)) if there and settled else None

    def _there(self, reference: str) -> Row | None:
        return self._house.there(SHIPMENT, reference, ["incoming_moves"])

    def _same(self, document: InboundNotice, there: Row) -> Receipt:
        """What is expected must be what was told; what was received may be anything."""
        wanted = self._house.by_code(summed((line.sku, line.quantity) for line in document.lines))
        found = self._house.pieces(there["incoming_moves"])
        if there["state"] == "draft" and found != wanted:
            message = f"{document.business_id} is there with other lines"
            raise Rejected(message, code="differs_at_partner")
        return Receipt(name(SHIPMENT, there))

    def _create(self, it: Coming) -> int:
        house, place = self._house, self._house.places()
        company, currency = house.records.company(), house.currency()
        moves = [
            {
                "product": product.id,
                "unit": product.unit,
                "quantity": float(piece.quantity),
                "from_location": place.supplier,
                "to_location": place.input,
                "company": company,
                "currency": currency,
                "unit_price": self._cost(product.id) if piece.cost is None else piece.cost,
            }
            for piece, product in house.products(it["pieces"])
        ]
        made = {
            "company": company,
            "supplier": self._party(),
            "reference": it["reference"],
            "planned_date": it["planned"],
            "warehouse": house.records.warehouse(),
            "warehouse_input": place.input,
            "warehouse_storage": place.storage,
            "incoming_moves": [["create", moves]],
        }
        return int(self._rpc.call(SHIPMENT, "create", [made])[0])

    def _cost(self, product: int) -> Decimal:
        """What a piece is held to cost."""
        (row,) = self._rpc.call("product.product", "read", [product], ["cost_price"])
        return Decimal(row["cost_price"])

    def _party(self) -> int:
        """Who stands for all suppliers."""
        code = self._supplier or "OH-SUPPLIER"
        known = self._house.records.rows(PARTY, "code", [code]).get(code)
        if known is not None:
            return int(known["id"])
        if self._supplier:
            message = f"Tryton has no party whose code is {code!r} (setting supplier)"
            raise NeedsPerson(message, code="missing_master_data")
        values = {"name": "Order Hub: suppliers", "code": code, "addresses": [["create", [{}]]]}
        return int(self._rpc.call(PARTY, "create", [values])[0])
