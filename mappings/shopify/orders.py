"""Shopify order -> `sales_order`.

Source: Admin REST reference, "Order". All amounts are the shop's money; what the customer saw
stands in `presentment`. How the totals relate to what became of the order:

* The totals are those of the order as placed, pieces later taken out included: lines keep their
  `quantity`, and `grand_total` is `total_price`. What was paid, paid back and is owed stands
  beside them (see `payments`).
* `rounding` is exactly what `total_price` has beyond the sum of the parts. Where an edit added
  lines, `total_price` no longer covers them; if then the current total agrees with what is left
  of the parts, `rounding` is measured there.
* `totals.discount`, `.shipping` and `.fees` are the sums of the parts' `discount`, `price` and
  `amount`, so that `grand_total = items - discount + shipping + fees + (tax, where it is not
  included) + rounding`.

An order is one for each `updated_at`: that is its revision, in a form that sorts.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.model.document import Document, built
from hub.model.errors import BadData
from hub.model.money import add
from hub.model.order import Delivery, Discount, Fee, Presentment, SalesOrder, Totals
from mappings.kit import Context, shape
from mappings.shopify import fees, graphql, lines, payments, people, wire
from mappings.shopify.envelope import resources
from mappings.shopify.leftovers import order_attributes
from mappings.shopify.money import NO_CURRENCY, Till, code_of, one_currency, side
from mappings.shopify.states import FULFILMENT_STATES, PAYMENT_STATES, state
from mappings.shopify.values import bounded, identity

_sums = built(Totals)
PLACES = Decimal("0.01")
PICK_UP = frozenset({"pickup", "pick_up", "local_pickup"})


def decode(raw: bytes, at: Context) -> list[Document]:
    """The orders of a delivery."""
    found = [order for tree in resources(raw, "order") for order in graphql.orders(tree)]
    return [sales_order(shape(wire.Order, order), at) for order in found]


def edited_order(raw: bytes) -> str | None:
    """The id of the order that an edit is about."""
    (tree, *_) = resources(raw, "order_edit") or [{}]
    return shape(wire.Refund, {"order_id": tree.get("order_id")}).order_id


def sales_order(order: wire.Order, at: Context) -> SalesOrder:
    """The canonical order."""
    channel_id = identity(order.id, order.admin_graphql_api_id)
    placed = order.created_at or order.processed_at or order.updated_at or order.cancelled_at
    if channel_id is None or placed is None:
        name = "created_at" if channel_id else "id"
        raise BadData(f"an order has its {name}", path=name, code="missing_field")
    currency, named = _currency(order)
    till, tax_included = Till(currency), bool(order.taxes_included)
    parts = _parts(order, till, tax_included=tax_included)
    rounding = _rounding(order, parts, till)
    total = add(parts.total, rounding)
    paying = state(
        at, "payment_states", PAYMENT_STATES, _payment_word(order, total), path="financial_status"
    )
    sending = state(
        at,
        "fulfilment_states",
        FULFILMENT_STATES,
        order.fulfillment_status or "unfulfilled",
        path="fulfillment_status",
    )
    standing = payments.balance(order, paying, total, till)
    changed, mail = order.updated_at or placed, order.email or order.contact_email
    attributes = order_attributes(order)
    if currency == NO_CURRENCY and named:
        attributes["currencies"] = named
    return SalesOrder(
        source=at.source(channel_id, revision(changed), changed),
        channel_order_id=channel_id,
        order_number=order.name or order.order_number or order.number or channel_id,
        placed_at=placed,
        updated_at=order.updated_at,
        cancelled_at=order.cancelled_at,
        state="cancelled" if order.cancelled_at else "closed" if order.closed_at else "open",
        payment_state=paying,
        fulfilment_state=sending,
        test=bool(order.test),
        currency=currency,
        presentment=_presentment(order, currency),
        prices_include_tax=tax_included,
        customer=people.customer(order),
        ship_to=people.address(order.shipping_address, mail, "shipping_address"),
        bill_to=people.address(order.billing_address, mail, "billing_address"),
        lines=tuple(
            lines.order_line(one, number, order, till, tax_included=tax_included)
            for number, one in enumerate(parts.goods, start=1)
        ),
        shipping=tuple(
            lines.shipping_line(one, till, tax_included=tax_included) for one in parts.ways
        ),
        fees=tuple(parts.fees),
        discounts=tuple(_discounts(order, parts, till)),
        payments=tuple(payments.payments(order, paying, standing.paid or total, till, at)),
        totals=_totals(parts, rounding, total, standing, till),
        delivery=_delivery(order),
        note=order.note,
        tags=tuple(_tags(order.tags)),
        attributes=attributes,
    )


def revision(changed: datetime) -> str:
    """A time of change as text of fixed width: a later one sorts behind an earlier one."""
    return changed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class _Parts:
    """Goods, shipping and fees of an order, worked out."""

    def __init__(
        self,
        goods: list[lines.Goods],
        ways: list[lines.Way],
        found: list[Fee],
        *,
        tax_included: bool,
    ) -> None:
        self.goods, self.ways, self.fees = goods, ways, found
        positions: list[lines.Position] = [*goods, *ways]
        self.discount = add(*(one.discount for one in positions))
        self.tax = add(*(one.tax for one in positions), *(fee.tax for fee in found))
        net = add(*(one.net for one in positions), *(fee.amount for fee in found))
        self.total = net if tax_included else add(net, self.tax)


def _parts(order: wire.Order, till: Till, *, tax_included: bool) -> _Parts:
    bought, tip = fees.without_tips(_lines(order, till), order, till)
    found = fees.fees(order, tip, till, tax_included=tax_included)
    goods, ways = lines.goods(bought, till), lines.ways(order.shipping_lines, till)
    lines.share_tax(order, goods, ways, till)
    parts = _Parts(goods, ways, found, tax_included=tax_included)
    stated = till.or_none(order.total_price, order.total_price_set)
    missing = Decimal(1) if stated is None else add(parts.total, -stated)
    if lines.share_discount(order, goods, ways, till, missing):
        return _Parts(goods, ways, found, tax_included=tax_included)
    return parts


def _lines(order: wire.Order, till: Till) -> Sequence[wire.Line]:
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
        return [wire.Line(quantity=1, price=goods, title="Goods that the channel did not list")]
    if not order.line_items:
        raise BadData("an order has lines", path="line_items", code="no_lines")
    return order.line_items


def _rounding(order: wire.Order, parts: _Parts, till: Till) -> Decimal:
    """What the channel's total has beyond the parts; see the module's docstring."""
    stated = till.or_none(order.total_price, order.total_price_set)
    current = till.or_none(order.current_total_price, order.current_total_price_set)
    if stated is None:
        stated = parts.total
    rounding = add(stated, -parts.total)
    most = PLACES * len(parts.goods)
    if current is None or abs(rounding) <= most:
        return till.tidy(rounding)
    included = bool(order.taxes_included)
    gone = [payments.goods_value(one, till, tax_included=included) for one in order.refunds]
    shipping = [payments.shipping_value(one, till) for one in order.refunds]
    left = add(parts.total, *(-amount for amount in (*gone, *shipping)))
    after = add(current, -left)
    return till.tidy(after if abs(after) <= most else rounding)


def _totals(
    parts: _Parts, rounding: Decimal, total: Decimal, standing: payments.Balance, till: Till
) -> Totals:
    return _sums(
        items=bounded(till.total(one.gross for one in parts.goods), "subtotal_price"),
        discount=bounded(till.tidy(parts.discount), "total_discounts"),
        shipping=bounded(till.total(one.price for one in parts.ways), "shipping_lines"),
        fees=bounded(till.total(fee.amount for fee in parts.fees), "total_price"),
        tax=bounded(till.tidy(parts.tax), "total_tax"),
        rounding=bounded(rounding, "total_price"),
        grand_total=bounded(till.tidy(total), "total_price"),
        paid=bounded(standing.paid, "transactions"),
        refunded=bounded(standing.refunded, "refunds"),
        outstanding=bounded(standing.outstanding, "total_outstanding"),
    )


def _discounts(order: wire.Order, parts: _Parts, till: Till) -> list[Discount]:
    """What was granted: by application where the lines say so, else by code; the sum is what
    was taken off.
    """
    granted = till.tidy(parts.discount)
    if not granted:
        return []
    found = [
        one for one in _by_application(order, parts, till) or _by_code(order, till) if one.amount
    ]
    rest = add(granted, *(-one.amount for one in found))
    if rest < 0:
        names = ", ".join(one.code or one.title or "" for one in found)
        return [Discount(code=names or None, amount=granted)]
    return [*found, *([Discount(amount=till.tidy(rest))] if rest else [])]


def _by_application(order: wire.Order, parts: _Parts, till: Till) -> list[Discount]:
    given = [
        (one.discount_application_index, till.of(one.amount, one.amount_set))
        for allocations in (
            *(goods.line.discount_allocations for goods in parts.goods),
            *(way.line.discount_allocations for way in parts.ways),
        )
        for one in allocations
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


def _currency(order: wire.Order) -> tuple[str, list[str]]:
    bags = [
        order.total_price_set,
        order.current_total_price_set,
        *(line.price_set for line in order.line_items or []),
    ]
    return one_currency([order.currency, *(code_of(bag) for bag in bags)])


def _presentment(order: wire.Order, currency: str) -> Presentment | None:
    seen = code_of(order.total_price_set, "presentment_money") or order.presentment_currency
    amount = side(order.total_price_set, "presentment_money")
    if seen is None or amount is None or seen.strip().upper() == currency:
        return None
    code, _ = one_currency([seen])
    return Presentment(currency=code, grand_total=Till(code).tidy(amount))


def _payment_word(order: wire.Order, total: Decimal) -> str:
    """An order that costs nothing and says nothing is paid."""
    return order.financial_status or ("pending" if total else "paid")


def _delivery(order: wire.Order) -> Delivery:
    way = next((one for one in order.shipping_lines if not one.is_removed), None)
    if way is None:
        return Delivery()
    fetched = (way.delivery_category or "").lower() in PICK_UP
    method = "pickup" if fetched else way.code or way.title
    return Delivery(method=method, pickup_point=way.title if fetched else None)


def _tags(told: Any) -> list[str]:
    listed = told if isinstance(told, list) else told.split(",") if isinstance(told, str) else []
    return list(
        dict.fromkeys(tag.strip() for tag in listed if isinstance(tag, str) and tag.strip())
    )
