"""What a shop is told, and asked whether it has it.

Nothing there is keyed. Shipments, credit memos and what is given up in part are known by a comment
that ends with our number; a level is absolute, and a cancelled order is cancelled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any
from urllib.parse import quote

from adapters.kit.session import Session
from adapters.kit.tellings import NOT_LISTED, Outcome, Told, Way, once, ours, together
from adapters.ports import Receipt, Send
from hub.model.document import Document
from hub.model.errors import Rejected
from hub.model.fulfilment import Shipment
from hub.model.order import OrderCancellation, Refund
from hub.model.stock import StockLevel
from mappings.kit import Context
from mappings.kit.marks import order_of
from mappings.magento import outward

_OVER = frozenset({"canceled", "closed"})
_MOST = "100"
_LEVELS = "/V1/inventory/source-items"
Tree = dict[str, Any]


def where(field: str, *values: str, condition: str = "eq") -> dict[str, str]:
    """What a list is asked for: a field that is one of these. Not by the condition `in`, which cuts
    a value at its commas.
    """
    asked = {"searchCriteria[pageSize]": _MOST}
    for place, value in enumerate(values):
        told = {"field": field, "value": value, "conditionType": condition}
        asked |= {
            f"searchCriteria[filterGroups][0][filters][{place}][{it}]": told[it] for it in told
        }
    return asked


@dataclass(frozen=True, slots=True)
class Telling:
    """One shop, of whose stock one source is ours to say. `notify`: it mails what was shipped."""

    session: Session
    at: Context
    source: str
    stock: int
    notify: bool

    def ways(self) -> Mapping[type[Document], Way]:
        """By what a document is."""
        return {
            Shipment: once(self._ship, self._shipped),
            StockLevel: Way(lambda it, _: self.set_levels([it])[0], self._has_level),
            Refund: once(self._refund, self._refunded),
            OrderCancellation: once(self._cancel, self._over),
        }

    def send_many(self, send: Send, batch: Sequence[Told]) -> list[Outcome]:
        """Levels together, all else one by one."""
        return together(batch, StockLevel, lambda level: level, self.set_levels, send)

    def _ship(self, shipment: Shipment) -> Receipt:
        number = order_of(shipment).channel_order_id
        body = outward.shipment(shipment, self.at, self._order(number)["items"])
        return self._made(f"/V1/order/{number}/ship", {**body, "notify": self.notify})

    def _shipped(self, shipment: Shipment) -> Receipt | None:
        rows = self._rows("/V1/shipments", where("order_id", order_of(shipment).channel_order_id))
        return ours(rows, shipment, "comments", "entity_id")

    def _refund(self, refund: Refund) -> Receipt:
        number = refund.channel_order_id
        body = outward.refund(refund, self.at, self._order(number))
        return self._made(f"/V1/order/{number}/refund", body)

    def _refunded(self, refund: Refund) -> Receipt | None:
        rows = self._rows("/V1/creditmemos", where("order_id", refund.channel_order_id))
        return ours(rows, refund, "comments", "entity_id")

    def _cancel(self, given_up: OrderCancellation) -> Receipt:
        path, number = "/V1/orders", given_up.channel_order_id
        if not given_up.whole:
            self._made(f"{path}/{number}/comments", outward.order_cancellation(given_up, self.at))
        elif self.session.call("POST", f"{path}/{number}/cancel") is not True:
            raise Rejected("the shop does not cancel the order", code="differs_at_partner")
        return Receipt(number)

    def _over(self, given_up: OrderCancellation) -> Receipt | None:
        order = self._order(number := given_up.channel_order_id)
        if given_up.whole and order.get("state") in _OVER:
            return Receipt(number)
        return ours([{**order, "id": number}], given_up, "status_histories")

    def set_levels(self, levels: Sequence[StockLevel]) -> list[Receipt]:
        """What the shop has promised and not sent stays on hand there: it takes that off itself."""
        there = self._held(*(it.sku for it in levels))
        items = [self._item(it, there[it.sku]) for it in levels if it.sku in there]
        if items:
            self.session.call("POST", _LEVELS, body={"sourceItems": items})
        return [Receipt(it.sku) if it.sku in there else NOT_LISTED for it in levels]

    def _item(self, level: StockLevel, held: Decimal) -> Tree:
        told = outward.stock_level(level, self.at, held - self._salable(level.sku))
        return {**told, "source_code": self.source}

    def _has_level(self, level: StockLevel) -> Receipt | None:
        if level.sku not in self._held(level.sku):
            return NOT_LISTED
        return Receipt(level.sku) if self._salable(level.sku) == level.available else None

    def _held(self, *skus: str) -> dict[str, Decimal]:
        """What the source has of those articles that it lists."""
        rows = self._rows(_LEVELS, where("sku", *skus))
        ours = [it for it in rows if it["source_code"] == self.source]
        return {it["sku"]: Decimal(it["quantity"]) for it in ours}

    def _salable(self, sku: str) -> Decimal:
        path = f"get-product-salable-quantity/{quote(sku, safe='')}/{self.stock}"
        return Decimal(self.session.call("GET", f"/V1/inventory/{path}"))

    def _made(self, path: str, body: Tree) -> Receipt:
        return Receipt(str(self.session.call("POST", path, body=body)))

    def _rows(self, path: str, query: Mapping[str, str]) -> list[Tree]:
        """All that fits, page by page: each article has a row for each source of the shop."""
        rows: list[Tree] = []
        for page in count(1):
            asked = {**query, "searchCriteria[currentPage]": str(page)}
            answer = self.session.call("GET", path, query=asked)
            rows += (found := answer.get("items") or ())
            if not found or len(rows) >= int(answer.get("total_count") or 0):
                break
        return rows

    def _order(self, number: str) -> Tree:
        order: Tree = self.session.call("GET", f"/V1/orders/{number}", fates={404: Rejected})
        return order
