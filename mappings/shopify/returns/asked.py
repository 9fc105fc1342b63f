"""Shopify return -> `return`.

Source: Admin REST webhooks `returns/request` and `returns/approve` (2024-10 to 2026-07), and the
`Return` of the Admin GraphQL API. The webhooks of the other topics only name their return: the
adapter asks for it, and here it is read in either form. A return that the hub told the shop of
itself comes back under our number, which stands in the notes of its lines.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from hub.model.document import Document, OptId, OptText
from hub.model.errors import BadData
from hub.model.returns import ExchangeLine, Return, ReturnLine, ReturnState
from mappings.kit import Context, shape, word
from mappings.kit.fields import DECIDES, Key, Many, Moment, MomentSeen, Part, Perhaps, Pieces, Word
from mappings.kit.marks import unmarked
from mappings.shopify.envelope import resources
from mappings.shopify.money import code_of, side
from mappings.shopify.orders.graphql import as_rest
from mappings.shopify.values import identity

STATES: dict[str, ReturnState] = {
    "requested": "requested",
    "open": "approved",
    "declined": "rejected",
    "canceled": "cancelled",
    "closed": "closed",
}


class Named(Part):
    """Whatever is only named."""

    id: OptId = None
    admin_graphql_api_id: Any = None
    sku: OptText = None

    @property
    def key(self) -> str | None:
        return identity(self.id, self.admin_graphql_api_id)


class Fulfilled(Part):
    line_item: Perhaps[Named] = None


class Returned(Part):
    """One line. What was returned without a fulfilment names no line of the order."""

    fulfillment_line_item: Perhaps[Fulfilled] = None
    quantity: Pieces
    return_reason: OptText = None
    return_reason_note: OptText = None
    customer_note: OptText = None
    restocking_fee: Any = None

    @property
    def item(self) -> Named:
        sent = self.fulfillment_line_item
        return (sent and sent.line_item) or Named()


class Exchanged(Part):
    """What the customer gets instead. Until it is processed it may not be a line yet."""

    quantity: Pieces = Decimal(1)
    variant_id: Any = None
    variant_sku: OptText = None
    line_item: Perhaps[Named] = None
    line_items: Many[Named] = ()

    @property
    def article(self) -> str | None:
        named = [self.variant_sku, *(it.sku for it in self.line_items)]
        named.append(self.line_item.sku if self.line_item else None)
        return next(filter(None, named), None)


class Deliverable(Part):
    tracking: Any = None


class Delivered(Part):
    deliverable: Perhaps[Deliverable] = None


class ReverseOrder(Part):
    reverse_deliveries: Many[Delivered] = ()


class Told(Part):
    """A return."""

    id: Key = None
    admin_graphql_api_id: Any = None
    name: OptId = None
    order: Annotated[Perhaps[Named], DECIDES] = None
    status: Word = None
    created_at: Moment = None
    request_approved_at: MomentSeen = None
    closed_at: MomentSeen = None
    decline: Any = None
    return_line_items: Annotated[Many[Returned], DECIDES] = ()
    exchange_line_items: Annotated[Many[Exchanged], DECIDES] = ()
    return_shipping_fees: Many[Any] = ()
    reverse_fulfillment_orders: Many[ReverseOrder] = ()


def decode(raw: bytes, at: Context, now: datetime) -> list[Document]:
    """The return of a delivery, or of an answer. `now`: its time where it tells none."""
    trees = (_as_told(tree) for tree in resources(raw, "return", at.warn))
    return [_return(shape(Told, tree, at), at, now) for tree in trees]


def _as_told(tree: dict[str, Any]) -> dict[str, Any]:
    """GraphQL's view in the shape of the webhooks."""
    gid = isinstance(tree.get("id"), str) and tree["id"].startswith("gid://")
    shown: dict[str, Any] = as_rest(tree) if gid else tree
    return shown


def _return(told: Told, at: Context, now: datetime) -> Return:
    number = identity(told.id, told.admin_graphql_api_id)
    order = told.order.key if told.order else None
    for name, value in (("id", number), ("order", order), ("status", told.status)):
        if not value:
            raise BadData(f"a return has its {name}", path=name, code="missing_field")
    if number is None or order is None or not told.return_line_items:
        message = "at least one line is expected"
        raise BadData(message, path="return_line_items", code="no_lines")
    changed = told.closed_at or told.request_approved_at or told.created_at
    reasons = {_reason(it) for it in told.return_line_items}
    notes = dict.fromkeys(filter(None, (it.customer_note for it in told.return_line_items)))
    tracking = next(_trackings(told), {})
    return Return(
        source=at.source(number, occurred_at=changed),
        return_id=_ours(told) or number,
        channel_return_id=number,
        channel_order_id=order,
        kind="exchange" if told.exchange_line_items else "refund",
        status=_status(told),
        reason=reasons.pop() if len(reasons) == 1 else None,
        customer_note="\n".join(notes) or None,
        requested_at=told.created_at or now,
        carrier=_text(tracking, "carrier_name"),
        tracking_number=_text(tracking, "number"),
        lines=tuple(_line(it) for it in told.return_line_items),
        exchange_lines=tuple(
            ExchangeLine(sku=it.article, quantity=it.quantity)
            for it in told.exchange_line_items
            if it.article
        ),
        attributes=_attributes(told),
    )


def _status(told: Told) -> ReturnState:
    found = STATES.get(told.status or "")
    if found is None:
        expected = ", ".join(STATES)
        raise BadData(f"one of {expected} is expected", path="status", code="unknown_code")
    return found


def _ours(told: Told) -> str | None:
    marks = (unmarked(it.return_reason_note)[1] for it in told.return_line_items)
    return next(filter(None, marks), None)


def _line(told: Returned) -> ReturnLine:
    return ReturnLine(
        channel_line_id=told.item.key,
        sku=told.item.sku,
        quantity=told.quantity,
        reason=_reason(told),
        note=unmarked(told.return_reason_note)[0],
    )


def _reason(told: Returned) -> str | None:
    return word(told.return_reason) if told.return_reason else None


def _trackings(told: Told) -> Iterator[dict[str, Any]]:
    for planned in told.reverse_fulfillment_orders:
        for delivery in planned.reverse_deliveries:
            parcel = delivery.deliverable
            if parcel is not None and _text(parcel.tracking, "number"):
                yield parcel.tracking


def _text(tree: Any, name: str) -> str | None:
    found = tree.get(name) if isinstance(tree, dict) else None
    return found.strip() or None if isinstance(found, str) else None


def _attributes(told: Told) -> dict[str, Any]:
    """What the customer bears of it, why it was declined, and articles that are not lines yet."""
    fees = {
        it.item.key or str(place): _fee(it.restocking_fee)
        for place, it in enumerate(told.return_line_items)
    }
    kept = {
        "name": told.name,
        "restocking_fees": {line: fee for line, fee in fees.items() if fee},
        "return_shipping_fees": [fee for it in told.return_shipping_fees if (fee := _fee(it))],
        "decline": told.decline if isinstance(told.decline, dict) else None,
        "exchange_variants": {
            variant: str(it.quantity)
            for it in told.exchange_line_items
            if not it.article and (variant := identity(None, it.variant_id))
        },
    }
    return {name: value for name, value in kept.items() if value}


def _fee(told: Any) -> str | None:
    """An amount with its currency, in the shop's money."""
    bag = (told.get("price") or told.get("amount_set")) if isinstance(told, dict) else None
    amount = side(bag, "shop_money")
    return f"{amount:f} {code_of(bag) or ''}".strip() if amount else None
