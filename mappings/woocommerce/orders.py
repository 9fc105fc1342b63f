"""WooCommerce order -> `sales_order`.

Source: REST API reference, "Orders", and the item schema of plugin 10.9. An order is paid where it
has a date of payment, whatever its status; where a site does not send that date its status says
so. Gift cards and store credit lower the `total` that is told: they are payments here, so that the
order costs what was sold (see `credit`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, Document, built
from hub.model.errors import BadData, Ignored
from hub.model.money import add
from hub.model.order import Delivery, Discount, PaymentState, SalesOrder
from mappings.kit import Context, shape, times
from mappings.kit.money import one_currency
from mappings.kit.orders import ChannelOrder, ChannelPayment, sales_order
from mappings.woocommerce import lines, people, wire
from mappings.woocommerce.attributes import order_attributes
from mappings.woocommerce.clock import told
from mappings.woocommerce.credit import credits_of
from mappings.woocommerce.deposits import deposit_of
from mappings.woocommerce.envelope import resources
from mappings.woocommerce.states import DRAFTS, STANDING, Standing

_delivered, _discount = built(Delivery), built(Discount)


def decode(raw: bytes, at: Context, now: datetime) -> list[Document]:
    """The orders of a delivery. Ignored where all are drafts or subscriptions. `now` stands in for
    the time of an order that tells none.
    """
    told_of = resources(raw, at.warn)
    trees = [tree for tree in told_of if not _is_subscription(tree)]
    if told_of and not trees:
        raise Ignored("no_consequence", "a subscription is no order: each renewal of it is one")
    placed = [
        (order, is_paid)
        for tree in trees
        for is_paid in (_says_paid(tree, at),)
        if (order := shape(wire.Order, tree, at)).status not in DRAFTS
    ]
    if not placed:
        raise Ignored("draft", "a draft is no order yet")
    return [_order(order, at, now, is_paid=is_paid) for order, is_paid in placed]


def _is_subscription(tree: Mapping[str, Any]) -> bool:
    """Whether it is the contract behind orders, which has their fields and a rhythm (WooCommerce
    Subscriptions). Its goods are in its orders, and would be sent twice.
    """
    return bool(tree.get("billing_period")) and "billing_interval" in tree


def _says_paid(tree: Mapping[str, Any], at: Context) -> bool | None:
    """Whether there is a date of payment, even one that nobody can read, or the word of the legacy
    API. None: not told.
    """
    dates = [tree[name] for name in ("date_paid_gmt", "date_paid", "paid") if name in tree]
    return any(date and not times.says_none(date, at.zone) for date in dates) if dates else None


def _order(order: wire.Order, at: Context, now: datetime, *, is_paid: bool | None) -> SalesOrder:
    if order.id is None:
        raise BadData("an order has its id", path="id", code="missing_field")
    changed = told(order.date_modified_gmt, order.date_modified, at, "date_modified")
    placed = told(order.date_created_gmt, order.date_created, at, "date_created") or changed
    if placed is None:
        at.warn("bad_time", "it tells no time: that of its arrival stands", path="date_created_gmt")
    heard = _told(order, placed or now, changed or placed, at, is_paid=is_paid)
    return sales_order(heard, at)


def _told(
    order: wire.Order,
    placed: datetime,
    changed: datetime | None,
    at: Context,
    *,
    is_paid: bool | None,
) -> ChannelOrder:
    standing = _standing(order, at)
    currency, _ = one_currency([order.currency])
    is_off = standing.state == "cancelled"
    goes = order.shipping is not None and order.shipping.is_somewhere
    digital = lines.is_digital(order, has_address=goes)
    cards = credits_of(order)
    refunded = add(*(abs(one.total) for one in order.refunds if one.total))
    state = _payment_state(order, standing, refunded, at, is_paid=is_paid)
    return ChannelOrder(
        currency=currency,
        tax_included=False,
        goods=lines.goods(order, at, is_digital=digital, is_off=is_off),
        shipping=lines.ways(order),
        fees=lines.fees(order),
        discounts=_coupons(order.coupon_lines),
        tax=order.total_tax,
        grand_total=order.total,
        payment_state=state,
        paid=deposit_of(order) if state == "partially_paid" else None,
        refunded=refunded or None,
        payments=_payments(order, at, rest=order.total if cards else None),
        credit=[("gift_card", amount) for amount in cards],
        head={
            "source": at.source_by_time(order.id or "", changed),
            "channel_order_id": order.id,
            "order_number": order.number or order.id,
            "placed_at": placed,
            "updated_at": changed,
            "cancelled_at": (changed or placed) if is_off else None,
            "state": standing.state,
            "fulfilment_state": standing.fulfilment,
            "customer": people.customer(order),
            "ship_to": people.ship_to(order, at),
            "bill_to": people.bill_to(order, at),
            "delivery": _delivery(order.shipping_lines),
            "note": order.customer_note,
            "attributes": order_attributes(order),
        },
    )


def _standing(order: wire.Order, at: Context) -> Standing:
    status = (order.status or "pending").removeprefix("wc-")
    own = at.ours_or_none("order_states", status)
    return STANDING.get(own or status) or Standing()


def _payment_state(
    order: wire.Order, standing: Standing, refunded: Decimal, at: Context, *, is_paid: bool | None
) -> PaymentState:
    """The word for what was paid; see the module's docstring."""
    if is_paid is None:
        is_paid = standing.earned and _method(order, at) != "cash_on_delivery"
    if standing.refunded:
        return "refunded"
    if not is_paid:
        return "pending"
    if standing.part_paid:
        return "partially_paid"
    if refunded:
        return "refunded" if refunded >= (order.total or ZERO) else "partially_refunded"
    return "paid"


def _method(order: wire.Order, at: Context) -> str | None:
    return at.ours_or_none("payment_methods", order.payment_method)


def _payments(order: wire.Order, at: Context, rest: Decimal | None) -> list[ChannelPayment]:
    """`rest`: what it brought, where cards brought the other part."""
    if not order.payment_method:
        return []
    payment = ChannelPayment(
        reference=order.transaction_id,
        gateway=order.payment_method,
        method=_method(order, at) or order.payment_method_title,
        amount=rest,
        at=told(order.date_paid_gmt, order.date_paid, at, "date_paid"),
    )
    return [payment]


def _coupons(coupons: Sequence[wire.Coupon]) -> list[Discount]:
    return [
        _discount(code=coupon.code, amount=coupon.discount) for coupon in coupons if coupon.discount
    ]


def _delivery(ways: Sequence[wire.Way]) -> Delivery:
    way = next(iter(ways), None)
    if way is None:
        return Delivery()
    if way.method_id in lines.PICK_UP:
        return _delivered(method="pickup", pickup_point=way.method_title)
    return _delivered(method=way.method_id or way.method_title)
