"""The settled refunds of a Vendure order -> `refund`, read with the order around them.

A refund tells the money that went back, tax and all, and for which pieces; what each of those was
worth is the order's to say. Of a refund by amount alone no tax is told. One that we told the shop
ourselves comes back under our number.
"""

from datetime import datetime

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.order import RefundPayment
from mappings.kit import Context
from mappings.kit.marks import unmarked
from mappings.kit.refunds import ChannelRefund, Returned, refund
from mappings.vendure import wire
from mappings.vendure.money import Money, Pair, money_of
from mappings.vendure.orders import read


def decode(raw: bytes, at: Context, now: datetime) -> list[Document]:
    """The refunds of an answer's orders. Ignored where none is settled."""
    shop, orders = read(raw, at)
    settled = [
        _refund(given, payment, order, money_of(order, shop), at, now)
        for order in orders
        for payment, given in order.settled()
    ]
    if not settled:
        raise Ignored("no_refund", "no refund of it is settled")
    return settled


def _refund(
    given: wire.Refund,
    payment: wire.Payment,
    order: wire.Order,
    money: Money,
    at: Context,
    now: datetime,
) -> Document:
    amount = money.cash(given.total)
    if given.id is None or order.id is None or amount is None:
        message = "a refund has its id, its order's and a total"
        raise BadData(message, path="refunds.id", code="missing_field")
    changed = given.updated_at or given.created_at
    reason, ours = unmarked(given.reason)
    adjustment = money.cash(given.adjustment)
    return refund(
        ChannelRefund(
            currency=money.till.currency,
            tax_included=money.taxed,
            goods=[_goods(it, place, order, money) for place, it in enumerate(given.lines)],
            shipping=_shipping(given, order, money),
            fees=[Returned(path="refunds.adjustment", net=adjustment, tax=ZERO)]
            if adjustment
            else [],
            amount=amount,
            payments=[
                RefundPayment(
                    reference=given.transaction_id or payment.transaction_id,
                    gateway=given.method or payment.method,
                    amount=amount,
                )
            ],
            head={
                "source": at.source_by_time(given.id, changed),
                "refund_id": ours or given.id,
                "channel_order_id": order.id,
                "created_at": given.created_at or changed or now,
                "reason": reason,
            },
        ),
        at,
    )


def _goods(pieces: wire.Pieces, place: int, order: wire.Order, money: Money) -> Returned:
    line = next((it for it in order.lines if it.id == pieces.line_id), wire.Line())
    quantity = pieces.quantity or ZERO
    worth = money.times(money.pair(line, "prorated_unit_price", "unit_price"), quantity)
    return Returned(
        path=f"refunds.lines.{place}",
        quantity=quantity,
        net=money.amount(worth),
        tax=worth.tax,
        what={
            "channel_line_id": pieces.line_id,
            "sku": line.product_variant.sku if line.product_variant else None,
        },
    )


def _shipping(given: wire.Refund, order: wire.Order, money: Money) -> list[Returned]:
    """The tax in it is in proportion to that of the order's way of shipping."""
    back = money.cash(given.shipping)
    if not back:
        return []
    price = money.pair(next(iter(order.shipping_lines), wire.Way()), "price")
    bare = money.times(price, back / price.taxed).bare if price.taxed else back
    worth = Pair(bare, back)
    return [Returned(path="refunds.shipping", net=money.amount(worth), tax=worth.tax)]
