"""Vendure order -> `sales_order`.

A change of state need not move `updatedAt`, so the latest time of any part says how new it is.
Where a marketplace split an order, its sellers' orders are sent, and the one around them is not.
"""

from datetime import datetime
from decimal import Decimal

from hub.model.document import ZERO, Address, Document
from hub.model.errors import BadData, Ignored
from hub.model.money import add
from hub.model.order import Customer, Delivery, Discount, SalesOrder
from mappings.kit import Context, people, shape
from mappings.kit.orders import ChannelOrder, ChannelPayment, fulfilment, sales_order
from mappings.kit.people import Person, joined
from mappings.vendure import wire
from mappings.vendure.envelope import Shop, resources
from mappings.vendure.lines import attributes, fees, goods, ways
from mappings.vendure.money import Money, money_of
from mappings.vendure.states import DRAFTS, NO_PAYMENT, OTHER, PAYMENTS, STANDING

_MARKS = ("lines", "state", "orderPlacedAt")


def decode(raw: bytes, at: Context, now: datetime) -> list[Document]:
    """The orders of an answer. Ignored where all are carts. `now` stands in for the time of an
    order that tells none.
    """
    shop, orders = read(raw, at)
    return [_order(order, money_of(order, shop), at, now) for order in orders]


def read(raw: bytes, at: Context) -> tuple[Shop, list[wire.Order]]:
    """The placed orders of an answer, as Vendure tells them."""
    shop, trees = resources(raw, at, *_MARKS)
    orders = [shape(wire.Order, tree, at) for tree in trees]
    placed = [order for order in orders if order.state not in DRAFTS and not order.active]
    if not placed:
        raise Ignored("draft", "a cart is no order yet")
    return shop, placed


def _order(order: wire.Order, money: Money, at: Context, now: datetime) -> SalesOrder:
    if order.id is None:
        raise BadData("an order has its id", path="id", code="missing_field")
    changed = _latest(order)
    placed = order.order_placed_at or order.created_at or changed
    if placed is None:
        at.warn("bad_time", "it tells no time: that of its arrival stands", path="orderPlacedAt")
    stands = STANDING.get(order.state or "", OTHER)
    payments = _payments(order, money)
    total = _placed_total(order, payments, money)
    articles = goods(order, money, total)
    return sales_order(
        ChannelOrder(
            currency=money.till.currency,
            tax_included=money.taxed,
            goods=articles,
            shipping=ways(order, money),
            fees=fees(order, money),
            discounts=_discounts(order, money),
            tax=money.pair(order, "total").tax,
            grand_total=total,
            payment_state=None if payments else stands.payment,
            refunded=add(*(money.cash(it.total) or ZERO for _, it in order.settled())) or None,
            payments=payments,
            head={
                "source": at.source_by_time(order.id, changed),
                "channel_order_id": order.id,
                "order_number": order.code or order.id,
                "placed_at": placed or now,
                "updated_at": changed,
                "cancelled_at": (changed or placed) if stands.state == "cancelled" else None,
                "state": stands.state,
                "fulfilment_state": fulfilment(articles, stands.fulfilment),
                "customer": _buyer(order),
                "ship_to": _postal(order.shipping_address, order, at, "shippingAddress"),
                "bill_to": _postal(order.billing_address, order, at, "billingAddress"),
                "delivery": _delivery(order),
                "attributes": attributes(order.custom_fields),
            },
        ),
        at,
    )


def _latest(order: wire.Order) -> datetime | None:
    """When anything of it changed last."""
    refunds = (refund for payment in order.payments for refund in payment.refunds)
    steps = (order, *order.fulfillments, *order.payments, *refunds)
    lines = (line.updated_at for line in order.lines)
    times = (order.order_placed_at, *lines, *(step.updated_at for step in steps))
    return max(filter(None, times), default=None)


def _placed_total(
    order: wire.Order, payments: list[ChannelPayment], money: Money
) -> Decimal | None:
    """What it cost as placed. Cancelling lowers the order's own total: what was paid or promised
    for it still tells.
    """
    told = money.cash(order.total_with_tax)
    if not any(line.cancelled for line in order.lines):
        return told
    promised = add(*(it.amount for it in payments if it.amount and it.state != "pending"))
    return max(told or ZERO, promised) or None


def _payments(order: wire.Order, money: Money) -> list[ChannelPayment]:
    return [
        ChannelPayment(
            reference=payment.transaction_id or payment.id,
            gateway=payment.method,
            method=payment.method,
            state=PAYMENTS.get(payment.state or "", "pending"),
            amount=money.cash(payment.amount),
            at=payment.created_at,
        )
        for payment in order.payments
        if payment.state not in NO_PAYMENT
    ]


def _discounts(order: wire.Order, money: Money) -> list[Discount]:
    codes = [str(code) for code in order.coupon_codes if isinstance(code, str)]
    only = codes[0] if len(codes) == len(order.discounts) == 1 else None
    amounts = [money.amount(money.pair(it, "amount")) for it in order.discounts]
    return [
        Discount(code=only, title=it.description, amount=-amount)
        for it, amount in zip(order.discounts, amounts, strict=True)
        if amount
    ]


def _delivery(order: wire.Order) -> Delivery:
    methods = [way.method for way in order.shipping_lines]
    return Delivery(method=methods[0].code or methods[0].name) if methods else Delivery()


# --- people


def _buyer(order: wire.Order) -> Customer | None:
    buyer, place = order.customer, order.billing_address or wire.Place()
    if buyer is None:
        return None
    return people.customer(
        channel_customer_id=buyer.id,
        name=joined(buyer.first_name, buyer.last_name) or place.name,
        first_name=buyer.first_name,
        last_name=buyer.last_name,
        email=buyer.email_address,
        phone=buyer.phone_number or place.phone,
        company=place.company,
    )


def _postal(place: wire.Place | None, order: wire.Order, at: Context, path: str) -> Address | None:
    buyer = order.customer or wire.Customer()
    person = Person(
        joined(buyer.first_name, buyer.last_name), buyer.phone_number, buyer.email_address
    )
    return place.address(at, f"{path}.countryCode", person) if place else None
