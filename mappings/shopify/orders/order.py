"""Shopify order -> `sales_order`.

Source: Admin REST reference, "Order". All amounts are the shop's money; what the customer saw
stands in `presentment`. The totals are those of the order as placed, pieces later taken out
included: lines keep their `quantity`, and `grand_total` is `total_price`. What was paid, paid back
and is owed stands beside them (see `payments`). Where an edit added lines, `total_price` no longer
covers them; if then the current total agrees with what is left of the parts, it is that.

An order is one for each `updated_at`: that is its revision, in a form that sorts.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from hub.model.document import TEXT_LIMIT, Document, built
from hub.model.errors import BadData
from hub.model.money import add
from hub.model.order import Delivery, Discount, PaymentState, Presentment
from mappings.kit import Context, shape
from mappings.kit.money import NO_CURRENCY, one_currency
from mappings.kit.orders import ChannelOrder, sales_order
from mappings.shopify import wire
from mappings.shopify.envelope import resources
from mappings.shopify.money import Till, code_of, side
from mappings.shopify.orders import fees, graphql, payments, people
from mappings.shopify.orders.attributes import order_attributes
from mappings.shopify.orders.lines import Charges, Placed, taxes
from mappings.shopify.refunds.parts import ours
from mappings.shopify.states import FULFILMENT_STATES, PAYMENT_STATES, state
from mappings.shopify.values import identity

_delivered = built(Delivery)
PICK_UP = frozenset({"pickup", "pick_up", "local_pickup"})


def decode(raw: bytes, at: Context) -> list[Document]:
    """The orders of a delivery."""
    found = [order for tree in resources(raw, "order", at.warn) for order in graphql.orders(tree)]
    return [sales_order(channel_order(shape(wire.Order, order, at), at), at) for order in found]


def edited_order(raw: bytes, at: Context) -> str | None:
    """The id of the order that an edit is about."""
    (tree, *_) = resources(raw, "order_edit", at.warn) or [{}]
    return shape(wire.Edit, {"order_id": tree.get("order_id")}, at).order_id


def channel_order(order: wire.Order, at: Context) -> ChannelOrder:
    """What the order tells."""
    currency, named = _currency(order)
    till = Till(currency)
    bought, tip = fees.without_tips(_lines(order, till), order, till)
    charges = Charges(order, bought, order.shipping_lines, till)
    total = till.or_none(order.total_price, order.total_price_set)
    paying = _payment_state(order, at)
    edited = _edited_total(order, till)
    whole = max((one for one in (total, edited) if one is not None), default=None)
    moved = payments.moved(order, paying, whole, till)
    return ChannelOrder(
        currency=currency,
        tax_included=bool(order.taxes_included),
        goods=charges.goods,
        shipping=charges.shipping,
        fees=fees.fees(order, tip, till),
        discount=till.or_none(order.total_discounts, order.total_discounts_set),
        shipping_discount=_shipping_discount(order),
        discounts=_by_application(order, bought, till) or _by_code(order, till),
        tax=till.or_none(order.total_tax, order.total_tax_set),
        taxes=taxes(order.tax_lines, till),
        grand_total=total,
        edited_total=edited,
        payment_state=paying,
        paid=moved.paid,
        refunded=moved.refunded,
        refunded_worked_out=moved.is_worked_out,
        outstanding=moved.outstanding,
        payments=payments.payments(order, till, at),
        head=_head(order, currency, named, at),
    )


def _head(order: wire.Order, currency: str, named: list[str], at: Context) -> dict[str, Any]:
    """What the order says beside its money."""
    channel_id = identity(order.id, order.admin_graphql_api_id)
    placed = order.created_at or order.processed_at or order.updated_at or order.cancelled_at
    if channel_id is None or placed is None:
        name = "created_at" if channel_id else "id"
        raise BadData(f"an order has its {name}", path=name, code="missing_field")
    changed = order.updated_at or placed
    attributes = order_attributes(order)
    if currency == NO_CURRENCY and named:
        attributes["currencies"] = named
    return {
        "source": at.source_by_time(channel_id, changed),
        "channel_order_id": channel_id,
        "order_number": order.name or order.order_number or order.number or channel_id,
        "placed_at": placed,
        "updated_at": order.updated_at,
        "cancelled_at": order.cancelled_at,
        "state": "cancelled" if order.cancelled_at else "closed" if order.closed_at else "open",
        "fulfilment_state": state(
            at,
            "fulfilment_states",
            FULFILMENT_STATES,
            order.fulfillment_status or "unfulfilled",
            path="fulfillment_status",
        ),
        "test": bool(order.test),
        "presentment": _presentment(order, currency, at),
        "customer": people.customer(order),
        "ship_to": people.ship_to(order, at),
        "bill_to": people.bill_to(order, at),
        "delivery": _delivery(order),
        "note": order.note,
        "tags": tuple(_tags(order.tags)),
        "attributes": attributes,
    }


def _lines(order: wire.Order, till: Till) -> Sequence[Placed]:
    """The lines. An answer that leaves `line_items` out altogether gets one that stands for
    all its goods.
    """
    if order.line_items is None:
        goods = order.total_line_items_price
        given = till.of(order.total_discounts, order.total_discounts_set)
        if goods is None:
            goods = add(
                till.or_none(order.subtotal_price)
                or till.of(order.total_price, order.total_price_set),
                given,
            )
        whole = wire.Line(quantity=1, price=goods, title="Goods that the channel did not list")
        return [(0, whole)]
    if not any(line.quantity for line in order.line_items):
        raise BadData("an order has lines", path="line_items", code="no_lines")
    return list(enumerate(order.line_items))


def _edited_total(order: wire.Order, till: Till) -> Decimal | None:
    """What the order costs after edits, with what went back added again."""
    current = till.or_none(order.current_total_price, order.current_total_price_set)
    if current is None:
        return None
    included = bool(order.taxes_included)
    return add(current, *(ours(one, till).worth(tax_included=included) for one in order.refunds))


def _shipping_discount(order: wire.Order) -> Decimal | None:
    given = [code.amount for code in order.discount_codes if code.type == "shipping"]
    return add(*(amount for amount in given if amount)) if given else None


def _by_application(order: wire.Order, bought: Sequence[Placed], till: Till) -> list[Discount]:
    if not order.discount_applications:
        return []
    allocations = [
        *(one for _, line in bought for one in line.discount_allocations),
        *(
            one
            for way in order.shipping_lines
            if not way.is_removed
            for one in way.discount_allocations
        ),
    ]
    given = [
        (one.discount_application_index, till.of(one.amount, one.amount_set)) for one in allocations
    ]
    return [
        Discount(
            code=one.code,
            title=one.title or one.description,
            amount=till.total(amount for place, amount in given if place == index),
        )
        for index, one in enumerate(order.discount_applications)
    ]


def _by_code(order: wire.Order, till: Till) -> list[Discount]:
    return [Discount(code=one.code, amount=till.of(one.amount)) for one in order.discount_codes]


def _payment_state(order: wire.Order, at: Context) -> PaymentState | None:
    if order.financial_status is None:
        return None
    words, path = PAYMENT_STATES, "financial_status"
    return cast(
        "PaymentState", state(at, "payment_states", words, order.financial_status, path=path)
    )


def _currency(order: wire.Order) -> tuple[str, list[str]]:
    bags = [line.price_set for line in order.line_items or []]
    bags += [order.total_price_set, order.current_total_price_set]
    return one_currency([order.currency, *map(code_of, bags)])


def _presentment(order: wire.Order, currency: str, at: Context) -> Presentment | None:
    """What the customer saw; nothing is reckoned from it."""
    seen = code_of(order.total_price_set, "presentment_money") or order.presentment_currency
    try:
        amount = side(order.total_price_set, "presentment_money")
    except BadData as error:
        at.warn(error.code, f"{error}; it was left out", path=f"total_price_set.{error.path}")
        return None
    if seen is None or amount is None or seen.strip().upper() == currency:
        return None
    code, _ = one_currency([seen])
    return Presentment(currency=code, grand_total=Till(code).tidy(amount))


def _delivery(order: wire.Order) -> Delivery:
    way = next((one for one in order.shipping_lines if not one.is_removed), None)
    if way is None:
        return Delivery()
    fetched = way.delivery_category in PICK_UP
    method = "pickup" if fetched else way.code or way.title
    return _delivered(method=method, pickup_point=way.title if fetched else None)


def _tags(told: Any) -> list[str]:
    listed = told if isinstance(told, list) else told.split(",") if isinstance(told, str) else []
    return list(
        dict.fromkeys(
            tag.strip()[:TEXT_LIMIT] for tag in listed if isinstance(tag, str) and tag.strip()
        )
    )
