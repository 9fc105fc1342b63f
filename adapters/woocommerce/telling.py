"""What a site is told, and asked whether it has it.

Nothing there is keyed. A shipment is known by the note that bears our number, a refund by its
reason; a level, a status are absolute, so that telling them twice is telling them once.
"""

from typing import Any

from adapters.kit.session import Session
from adapters.kit.tellings import NOT_LISTED, ours
from adapters.ports import Receipt, takes_nothing
from hub.model.document import Document
from hub.model.errors import EndpointMissing, Rejected
from hub.model.fulfilment import Shipment
from hub.model.order import OrderCancellation, Refund
from hub.model.stock import StockLevel
from mappings.kit import Context
from mappings.kit.marks import order_of
from mappings.woocommerce import outward

_OVER = frozenset({"cancelled", "trash", "refunded"})
_PAGE = {"per_page": "100"}


class Telling:
    """One site."""

    def __init__(
        self,
        session: Session,
        at: Context,
        *,
        has_plugin: bool,
        notify: bool,
        complete: bool,
        pays: bool,
    ) -> None:
        self._session, self._at, self._notify = session, at, notify
        self._has_plugin, self._complete, self._pays = has_plugin, complete, pays

    def send(self, document: Document, key: str) -> Receipt:
        """Tell what the site does not have yet."""
        match document:
            case Shipment():
                return self._shipment(document)
            case StockLevel():
                return self._level(document)
            case Refund():
                return self.find(document) or self._refund(document)
            case OrderCancellation():
                return self.find(document) or self._cancellation(document)
            case _:
                return takes_nothing(document, key)

    def find(self, document: Document) -> Receipt | None:
        """Whether the site has it."""
        match document:
            case Shipment():
                return self._note(order_of(document).channel_order_id, document)
            case StockLevel():
                return self._found_level(document)
            case Refund():
                return self._found_refund(document)
            case OrderCancellation() if document.whole:
                is_over = self._status(document.channel_order_id) in _OVER
                return Receipt(document.channel_order_id) if is_over else None
            case OrderCancellation():
                return self._note(document.channel_order_id, document)
            case _:
                return None

    # --- shipments

    def _shipment(self, shipment: Shipment) -> Receipt:
        """Trackings first, then the status; the note last: where it stands, all stands."""
        order = order_of(shipment)
        number = order.channel_order_id
        there = self._note(number, shipment)
        if there is not None:
            return there
        if self._has_plugin:
            self._trackings(shipment, number)
        if self._complete and order.order_complete:
            self._put(f"/wc/v3/orders/{number}", {"status": "completed"})
        note = outward.shipment_note(shipment, self._at)
        return self._noted(number, {"note": note, "customer_note": self._notify})

    def _trackings(self, shipment: Shipment, number: str) -> None:
        path = f"/wc-shipment-tracking/v3/orders/{number}/shipment-trackings"
        there = {str(entry.get("tracking_number")) for entry in self._list(path)}
        for tracking in outward.trackings(shipment, self._at):
            if tracking["tracking_number"] not in there:
                self._session.call("POST", path, body=tracking)

    # --- notes

    def _note(self, number: str, told: Shipment | OrderCancellation) -> Receipt | None:
        return ours(self._list(f"/wc/v3/orders/{number}/notes"), told, "note")

    def _noted(self, number: str, note: dict[str, Any]) -> Receipt:
        made = self._session.call("POST", f"/wc/v3/orders/{number}/notes", body=note)
        return Receipt(str(made["id"]))

    # --- stock

    def _level(self, level: StockLevel) -> Receipt:
        path = self._path(level.sku)
        if path is None:
            return NOT_LISTED
        body = outward.stock_level(level, self._at)
        del body["sku"]
        self._put(path, body)
        return Receipt(path)

    def _found_level(self, level: StockLevel) -> Receipt | None:
        path = self._path(level.sku)
        if path is None:
            return NOT_LISTED
        wanted = outward.stock_level(level, self._at)["stock_quantity"]
        there = self._session.call("GET", path).get("stock_quantity")
        return Receipt(path) if str(there) == str(wanted) else None

    def _path(self, sku: str) -> str | None:
        """Where the article stands: a product, or a variation of one."""
        found = [
            entry
            for entry in self._list("/wc/v3/products", {"sku": sku, "status": "any"})
            if entry.get("sku") == sku
        ]
        if len(found) > 1:
            raise Rejected(f"the site lists {len(found)} articles under the SKU {sku}", path="sku")
        if not found:
            return None
        number, parent = found[0]["id"], str(found[0].get("parent_id") or "0")
        own = found[0].get("type") != "variation" or parent == "0"
        return f"/wc/v3/products/{number if own else f'{parent}/variations/{number}'}"

    # --- refunds and cancellations

    def _refund(self, refund: Refund) -> Receipt:
        """Of goods and shipping the order says by which rates they were taxed."""
        path = f"/wc/v3/orders/{refund.channel_order_id}"
        order = None
        if refund.lines or refund.shipping_amount:
            order = self._session.call("GET", path)
        body = outward.refund(refund, self._at, order, pays=self._pays)
        made = self._session.call("POST", f"{path}/refunds", body=body)
        return Receipt(str(made["id"]))

    def _found_refund(self, refund: Refund) -> Receipt | None:
        there = self._list(f"/wc/v3/orders/{refund.channel_order_id}/refunds")
        return ours(there, refund, "reason")

    def _cancellation(self, given_up: OrderCancellation) -> Receipt:
        body, number = outward.order_cancellation(given_up, self._at), given_up.channel_order_id
        if not given_up.whole:
            return self._noted(number, body)
        self._put(f"/wc/v3/orders/{number}", body)
        return Receipt(number)

    # --- calls

    def _status(self, number: str) -> str:
        return str(self._session.call("GET", f"/wc/v3/orders/{number}").get("status"))

    def _put(self, path: str, body: dict[str, Any]) -> Any:
        return self._session.call("PUT", path, body=body)

    def _list(self, path: str, query: dict[str, str] | None = None) -> list[dict[str, Any]]:
        try:
            answer = self._session.call("GET", path, query={**_PAGE, **(query or {})})
        except EndpointMissing:
            raise Rejected("the site does not know it", code="unknown_at_partner") from None
        return [entry for entry in answer or [] if isinstance(entry, dict)]
