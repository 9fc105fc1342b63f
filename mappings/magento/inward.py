"""Magento order -> `sales_order`, credit memo -> `refund`, product -> `product`.

A configurable article stands on two rows of one SKU, one with the price and one with the article:
they are one line. The parts of a bundle are lines; the bundle is one, of nothing to send, where its
parts tell no price. An edited order is cancelled and comes anew under another number: attributes
say so. Gift cards and credit lower the grand total: they are payments here.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.errors import Ignored
from hub.model.money import add
from hub.model.order import Delivery, PaymentState, RefundPayment, Risk, TaxLine
from hub.model.product import Product
from mappings.kit import Context, Decoders, existing, numbers, shape
from mappings.kit.attributes import properties, told
from mappings.kit.fields import needed
from mappings.kit.marks import unmarked
from mappings.kit.markup import untagged
from mappings.kit.money import one_currency
from mappings.kit.orders import ONE, ChannelOrder, ChannelPayment, Charge, fulfilment, sales_order
from mappings.kit.readers import envelope
from mappings.kit.refunds import ChannelRefund, Returned, refund
from mappings.kit.units import GRAMS, measured
from mappings.magento import wire

_MARKS = frozenset({"entity_id", "increment_id", "sku"})
RISKS = {"held": "the shop holds it", "review": "its payment is under review"}
_CREDIT = {
    "gift_cards_amount": "gift_card",
    "customer_balance_amount": "store_credit",
    "reward_currency_amount": "reward_points",
}
_FIXED_TAX = "weee_tax"
_WRAPPING = ("gw", "gw_items", "gw_card")
_KEPT = ("status", "store_id", "coupon_code", "relation_parent_real_id", "relation_child_real_id")
_PAID_BACK = (None, "2")
_HUNDRED = Decimal(100)


def _each(raw: bytes, at: Context) -> list[dict[str, Any]]:
    """The resources of an answer."""
    return envelope.resources(raw, at.warn, around=("items",), marks=_MARKS)


def orders(raw: bytes, at: Context) -> list[Document]:
    """The orders of an answer."""
    return [_order(tree, at) for tree in _each(raw, at)]


def _order(tree: dict[str, Any], at: Context) -> Document:
    order, carriage = shape(wire.Order, tree, at), shape(wire.Carriage, tree, at)
    number = needed(order.increment_id, "increment_id", "what has no number is no whole order")
    state = at.ours("order_states", needed(order.state, "state"), path="state")
    place, beside = _payer(order), order.extension_attributes or wire.Beside()
    ways = (it.shipping for it in beside.shipping_assignments if it.shipping)
    way, is_taxed = next(ways, wire.Shipping()), _taxed(order, at)
    goods = list(_goods(order, beside, taxed=is_taxed))
    pays, credit = order.payment or wire.Payment(), _credit(beside)
    refunded = order.total_refunded or ZERO
    paid = add(order.total_paid or ZERO, *(amount for _, amount in credit))
    shipping = _shipping(carriage, tree.get("shipping_description"), way, beside, taxed=is_taxed)
    heard = ChannelOrder(
        currency=one_currency([order.order_currency_code])[0],
        tax_included=is_taxed,
        goods=goods,
        shipping=[*shipping],
        fees=[*_fees(order, beside, taxed=is_taxed)],
        discount=abs(order.discount_amount or ZERO),
        tax=order.tax_amount,
        grand_total=needed(order.grand_total, "grand_total"),
        payment_state=_payment_state(refunded, paid),
        paid=order.total_paid or ZERO,
        refunded=refunded,
        payments=[
            ChannelPayment(
                reference=pays.last_trans_id,
                gateway=pays.method,
                method=at.ours_or_none("payment_methods", pays.method) or pays.method,
                state="authorized" if pays.amount_authorized and not order.total_paid else None,
                amount=order.grand_total,
            )
        ],
        credit=credit,
        head={
            "source": at.source_by_time(order.entity_id or number, order.updated_at),
            "channel_order_id": needed(order.entity_id, "entity_id"),
            "order_number": number,
            "placed_at": needed(order.created_at or order.updated_at, "created_at"),
            "updated_at": order.updated_at,
            "cancelled_at": order.updated_at if state == "cancelled" else None,
            "state": "open" if state in RISKS else state,
            "fulfilment_state": fulfilment(goods, "unfulfilled"),
            "customer": place.customer(channel_customer_id=existing(order.customer_id)),
            "ship_to": way.address and way.address.address(at, "shipping", place.person),
            "bill_to": place.address(at, "billing_address.country_id"),
            "delivery": Delivery(method=way.method, pickup_point=beside.pickup_location_code),
            "note": order.customer_note,
            "risk": Risk(level="high", reasons=(RISKS[state],)) if state in RISKS else None,
            "attributes": told({name: tree.get(name) for name in _KEPT}),
        },
    )
    return sales_order(heard, at)


def _payer(order: wire.Order) -> wire.Place:
    """Who pays, and where; what is not told there, as the order itself tells it."""
    place = order.billing_address or wire.Place()
    own = {"email": place.email or order.customer_email}
    if place.person.name is None:
        own |= {"first_name": order.customer_firstname, "last_name": order.customer_lastname}
    return place.model_copy(update=own)


def _payment_state(refunded: Decimal, paid: Decimal) -> PaymentState | None:
    return None if not refunded else "refunded" if refunded >= paid else "partially_refunded"


def _taxed(sums: wire.Sums, at: Context) -> bool:
    """Whether the prices of its store hold their tax, by the connection's list `tax_modes`."""
    return at.ours_or_none("tax_modes", sums.store_id) == "included"


def _credit(beside: wire.Beside) -> list[tuple[str, Decimal]]:
    """What was paid, or given back, by something else than the payment."""
    amounts = [(ours, _amount(beside, theirs)) for theirs, ours in _CREDIT.items()]
    return [(method, amount) for method, amount in amounts if amount]


def _amount(beside: wire.Beside, name: str) -> Decimal:
    amount = beside.extra.get(name)
    return numbers.amount(amount, path=f"extension_attributes.{name}") if amount else ZERO


def _goods(order: wire.Order, beside: wire.Beside, *, taxed: bool) -> Iterator[Charge]:
    around: dict[str | None, wire.Item] = {item.item_id: item for item in order.items}
    named = {it.item_id: it.applied_taxes for it in beside.item_applied_taxes}
    for place, item in enumerate(order.items):
        parent = around.get(item.parent_item_id)
        inside = [it for it in order.items if it.parent_item_id == item.item_id]
        is_bundle = item.product_type == "bundle"
        if (parent and parent.product_type != "bundle") or (
            is_bundle and any(it.row_total for it in inside)
        ):
            continue
        article = inside[0] if inside and not is_bundle else item
        whole = [wire.Tax(percent=item.tax_percent, amount=item.tax_amount)]
        what = _what(item, article, is_sent=not (is_bundle or order.is_virtual))
        taxes, pieces = named.get(item.item_id) or whole, item.qty_ordered or ZERO
        yield _charge(f"items.{place}", item, taxes, what, pieces, taxed=taxed)


def _what(item: wire.Item, article: wire.Item, *, is_sent: bool) -> dict[str, Any]:
    """`article` is what is sent of `item`. Nothing is sent of what was refunded before it was."""
    sent = item.qty_shipped or ZERO
    refunded = max(add(item.qty_refunded or ZERO, -sent), ZERO)
    return {
        "channel_line_id": item.item_id,
        "sku": article.sku,
        "channel_product_id": item.product_id,
        "channel_variant_id": article.product_id if article is not item else None,
        "title": item.name or article.name,
        "cancelled_quantity": add(item.qty_canceled or ZERO, refunded),
        "fulfilled_quantity": sent,
        "requires_shipping": is_sent and not article.is_virtual,
    }


def _charge(
    path: str,
    row: wire.Row,
    taxes: Sequence[wire.Tax],
    what: Mapping[str, Any],
    pieces: Decimal = ONE,
    *,
    taxed: bool,
) -> Charge:
    gross, net = row.charged(pieces, taxed=taxed)
    return Charge(
        path=path,
        quantity=pieces,
        unit_price=row.price_incl_tax if taxed else row.price,
        gross=gross,
        net=net if taxed or net != gross else None,
        tax=row.tax_amount or ZERO,
        taxes=[
            TaxLine(title=it.title, rate=it.percent and it.percent / _HUNDRED, amount=it.amount)
            for it in taxes
            if it.amount
        ],
        what=what,
    )


def _shipping(
    row: wire.Row, title: Any, way: wire.Shipping, beside: wire.Beside, *, taxed: bool
) -> Iterator[Charge]:
    named = [it.applied_taxes for it in beside.item_applied_taxes if not it.item_id]
    if way.method or row.row_total:
        what = {"code": way.method, "title": title}
        yield _charge("shipping_amount", row, named[0] if named else (), what, taxed=taxed)


def _fees(order: wire.Order, beside: wire.Beside, *, taxed: bool) -> Iterator[Charge]:
    """Gift wrapping, fixed taxes and a shop's own fees. Of the latter no tax is told: they share
    what the order's has beyond the rest. A bundle tells the fixed taxes of its parts once more.
    """
    for kind in _WRAPPING:
        price, tax = (_amount(beside, f"{kind}_{it}") for it in ("price", "tax_amount"))
        if price:
            row = wire.Row(row_total=price, tax_amount=tax)
            yield _charge(kind, row, (), {"code": kind}, taxed=taxed)
    told = {item.item_id: item.fixed_taxes for item in order.items}
    for place, item in enumerate(order.items):
        for it in () if told.get(item.parent_item_id or "") else item.fixed_taxes:
            amount, own = it.charged(taxed=taxed)
            what = {"code": _FIXED_TAX, "title": it.title}
            yield Charge(
                path=f"items.{place}.weee_tax_applied", net=amount or ZERO, tax=own, what=what
            )
    for place, fee in enumerate(beside.custom_fees):
        if fee.custom_fee_amount:
            path = f"extension_attributes.custom_fees.{place}.custom_fee_amount"
            what = {"code": fee.custom_fee_code, "title": fee.custom_fee_label}
            yield Charge(path=path, net=fee.custom_fee_amount, what=what)


def credit_memos(raw: bytes, at: Context) -> list[Document]:
    """The credit memos of an answer. Ignored where one is not paid back."""
    return [_refund(shape(wire.Memo, tree, at), at) for tree in _each(raw, at)]


def _refund(memo: wire.Memo, at: Context) -> Document:
    if memo.state not in _PAID_BACK:
        raise Ignored("no_refund", "the credit memo is open or cancelled")
    number, is_taxed = needed(memo.entity_id, "entity_id"), _taxed(memo, at)
    credit = _credit(memo.extension_attributes or wire.Beside())
    said = [unmarked(it.comment) for it in memo.comments if it.comment]
    heard = ChannelRefund(
        currency=one_currency([memo.order_currency_code])[0],
        tax_included=is_taxed,
        goods=[
            Returned(
                path=f"items.{place}",
                quantity=row.qty or ZERO,
                net=row.charged(row.qty or ZERO, taxed=is_taxed)[1],
                tax=row.tax_amount or ZERO,
                what={"channel_line_id": row.order_item_id, "sku": row.sku},
            )
            for place, row in enumerate(memo.items)
            if row.row_total is not None  # else another row has its price
        ],
        shipping=[Returned(path="shipping_amount")] if memo.shipping_amount else [],
        fees=[Returned(path="adjustment", net=memo.adjustment or ZERO, tax=ZERO)],
        amount=add(needed(memo.grand_total, "grand_total"), *(amount for _, amount in credit)),
        tax=memo.tax_amount,
        payments=[RefundPayment(gateway=method, amount=amount) for method, amount in credit],
        head={
            "source": at.source_by_time(number, memo.updated_at),
            "refund_id": next((ours for _, ours in said if ours), number),
            "channel_order_id": needed(memo.order_id, "order_id"),
            "created_at": needed(memo.created_at or memo.updated_at, "created_at"),
            "reason": next((words for words, _ in said if words), None),
        },
    )
    return refund(heard, at)


def products(raw: bytes, at: Context) -> list[Document]:
    """The articles of an answer. Ignored where none has a SKU."""
    listed = [shape(wire.Listing, tree, at) for tree in _each(raw, at)]
    found: list[Document] = [_product(item, at) for item in listed if item.sku]
    if not found:
        raise Ignored("no_sku", "no article has a SKU")
    return found


def _product(item: wire.Listing, at: Context) -> Product:
    more = properties(item.custom_attributes, "attribute_code")
    words = {name: value for name, value in more if isinstance(value, str)}
    return Product(
        source=at.source_by_time(item.id or item.sku or "", item.updated_at),
        sku=item.sku,
        title=item.name or item.sku,
        description=untagged(words.get("description")),
        price=item.price,
        tax_class=words.get("tax_class_id"),
        weight_g=measured(item.weight, GRAMS.get(at.ours_or_none("units", "weight") or "kg")),
        status="draft" if item.status == "2" else "active",
        channel_product_id=item.id,
    )


DECODE: Decoders = {"order": orders, "creditmemo": credit_memos, "product": products}
