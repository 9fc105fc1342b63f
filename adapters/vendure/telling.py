"""What a shop is told, and asked whether it has it.

Nothing there is keyed. A shipment is known by its pieces and tracking number, a refund and a
cancellation by the reason that ends with our number; a level is absolute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.kit.graphql import GraphQL
from adapters.kit.tellings import NOT_LISTED, Way, once, ours
from adapters.ports import Receipt
from adapters.vendure.admin import OPERATIONS
from hub.model.document import Document
from hub.model.errors import Rejected
from hub.model.fulfilment import Shipment
from hub.model.order import OrderCancellation, Refund
from hub.model.stock import StockLevel
from mappings.kit import Context
from mappings.kit.marks import mark, order_of
from mappings.vendure import outward

_SENT = frozenset({"Shipped", "Delivered"})
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Telling:
    """One shop. `location`: whose stock is ours to say; None where there is but one."""

    admin: GraphQL
    at: Context
    location: str | None

    def ways(self) -> Mapping[type[Document], Way]:
        """By what a document is."""
        return {
            Shipment: Way(self._ship, self._shipped),
            StockLevel: Way(self._set_level, self._has_level),
            Refund: Way(self._refund, self._refunded),
            OrderCancellation: once(self._cancel, self._cancelled),
        }

    # --- shipments

    def _ship(self, shipment: Shipment, _: str) -> Receipt:
        """A fulfilment, then moved on to Shipped: where it broke off between, that is done."""
        wanted = outward.shipment(shipment, self.at)
        there = self._fulfilment(shipment, wanted)
        if there is None:
            there = self._tell("addFulfillmentToOrder", input=wanted)
        if there["state"] not in _SENT:
            there = self._tell("transitionFulfillmentToState", id=there["id"], state="Shipped")
        return _receipt(there)

    def _shipped(self, shipment: Shipment) -> Receipt | None:
        there = self._fulfilment(shipment, outward.shipment(shipment, self.at))
        return _receipt(there) if there and there["state"] in _SENT else None

    def _fulfilment(self, shipment: Shipment, wanted: Tree) -> Tree | None:
        """The fulfilment of these pieces under this tracking number, or under our own."""
        order = self._order(order_of(shipment).channel_order_id)
        told = {it["name"]: it["value"] for it in wanted["handler"]["arguments"]}
        name = "trackingCode" if told["trackingCode"] else "method"
        return next(
            (
                it
                for it in order["fulfillments"] or []
                if it["state"] != "Cancelled"
                and it[name] == told[name]
                and _pieces(it["lines"]) == _pieces(wanted["lines"])
            ),
            None,
        )

    # --- stock

    def _set_level(self, level: StockLevel, _: str) -> Receipt:
        """The shop sells what is on hand and not allocated to its orders; told is what is on hand.
        What it allocated and we do not know yet counts as sold here until its order came.
        """
        there = self._level(level)
        if there is None:
            return NOT_LISTED
        variant, stock, wanted = there
        on_hand = wanted + int(stock["stockAllocated"])
        levels = [{"stockLocationId": stock["stockLocationId"], "stockOnHand": on_hand}]
        self._tell("updateProductVariant", input={"id": variant, "stockLevels": levels})
        return Receipt(variant)

    def _has_level(self, level: StockLevel) -> Receipt | None:
        there = self._level(level)
        if there is None:
            return NOT_LISTED
        variant, stock, wanted = there
        sold = int(stock["stockOnHand"]) - int(stock["stockAllocated"])
        return Receipt(variant) if sold == wanted else None

    def _level(self, level: StockLevel) -> tuple[str, Tree, int] | None:
        """The variant of a SKU, its stock at our location, and what may be sold of it."""
        wanted = outward.stock_level(level, self.at)
        options = {"filter": {"sku": {"eq": wanted["sku"]}}, "take": 2}
        variants = self._ask("stock", options)["productVariants"]["items"]
        listed = [it for it in variants if it["sku"] == wanted["sku"]]
        if not listed:
            return None
        levels = [
            it
            for it in listed[0]["stockLevels"]
            if self.location in {None, str(it["stockLocationId"])}
        ]
        if len(listed) > 1 or len(levels) != 1:
            message = f"{len(listed)} variants with {len(levels)} places of stock; one is expected"
            raise Rejected(message, path="sku", code="differs_at_partner")
        return str(listed[0]["id"]), levels[0], wanted["available"]

    # --- refunds and cancellations

    def _refund(self, refund: Refund, _: str) -> Receipt:
        """Made by the payment that has most left of it, then settled: the money moved already."""
        order = self._order(refund.channel_order_id)
        there = _refund_of(order, refund)
        if there is None:
            places = int(order["places"]["moneyStrategyPrecision"])
            made = {**outward.refund(refund, self.at, places), "paymentId": _payment(order)}
            there = self._tell("refundOrder", input=made)
        if there["state"] != "Settled":
            reference = next((it.reference for it in refund.payments if it.reference), None)
            settled = {"id": there["id"], "transactionId": reference or refund.refund_id}
            there = self._tell("settleRefund", input=settled)
        return _receipt(there)

    def _refunded(self, refund: Refund) -> Receipt | None:
        there = _refund_of(self._order(refund.channel_order_id), refund)
        return _receipt(there) if there and there["state"] == "Settled" else None

    def _cancel(self, given_up: OrderCancellation) -> Receipt:
        self._tell("cancelOrder", input=outward.order_cancellation(given_up, self.at))
        return Receipt(given_up.channel_order_id)

    def _cancelled(self, given_up: OrderCancellation) -> Receipt | None:
        order = self._order(number := given_up.channel_order_id)
        if given_up.whole and order["state"] == "Cancelled":
            return Receipt(number)
        reasons = [(it.get("data") or {}).get("reason") for it in order["history"]["items"]]
        return ours([{"id": number, "reasons": reasons}], given_up, "reasons")

    # --- the shop

    def _order(self, number: str) -> Tree:
        data = self._ask("toTell", {"filter": {"id": {"eq": number}}, "take": 1})
        if not data["orders"]["items"]:
            raise Rejected("the shop does not know the order", code="unknown_at_partner")
        return {**data["orders"]["items"][0], "places": data["globalSettings"]["serverConfig"]}

    def _ask(self, name: str, options: Tree) -> Tree:
        return self.admin.ask(OPERATIONS[name], {"options": options})

    def _tell(self, field: str, **variables: Any) -> Tree:
        return self.admin.tell(field, OPERATIONS[field], variables)


def _receipt(there: Tree) -> Receipt:
    return Receipt(str(there["id"]))


def _pieces(lines: Sequence[Tree]) -> set[tuple[str, int]]:
    return {(str(it["orderLineId"]), int(it["quantity"])) for it in lines}


def _payment(order: Tree) -> str:
    """The settled payment with most left."""
    settled = [it for it in order["payments"] or [] if it["state"] == "Settled"]
    if not settled:
        raise Rejected("no payment of the order is settled", code="differs_at_partner")
    return str(max(settled, key=_left)["id"])


def _left(payment: Tree) -> int:
    refunds = [it for it in payment["refunds"] if it["state"] != "Failed"]
    return int(payment["amount"]) - sum(int(it["total"]) for it in refunds)


def _refund_of(order: Tree, refund: Refund) -> Tree | None:
    refunds = [it for payment in order["payments"] or [] for it in payment["refunds"]]
    marked = [it for it in refunds if mark(refund) in (it["reason"] or "")]
    return next((it for it in marked if it["state"] != "Failed"), None)
