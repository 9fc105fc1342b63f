"""A refund that was decided elsewhere, as `refundCreate` takes it: what goes back, and out of which
payments. The note ends with our number, by which the refund is found again and its echo known.

Amounts are ours to say. Stock is told with the levels, so no piece is put back by the shop. Where
the customer paid in another currency than the shop's, the shop wants his: an amount is changed by
the rate of the payment that it goes out of, and what is left of a payment is given back whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.model.errors import BadData, Rejected
from hub.model.money import EXPONENT, add, round_to
from hub.model.order import Refund
from mappings.kit import Context
from mappings.kit.marks import marked
from mappings.shopify.values import identity

PAID = frozenset({"SALE", "CAPTURE"})
MOVED = frozenset({"SUCCESS", "PENDING"})
Tree = Mapping[str, Any]


@dataclass(slots=True)
class Payment:
    """A payment and what is left of it, in the shop's money and in the customer's."""

    id: str
    gateway: str
    paid: tuple[Decimal, Decimal]
    left: tuple[Decimal, Decimal]

    def spend(self, amount: Decimal, currency: str) -> Decimal:
        """Take an amount of the shop's money out of it. Returns it in the customer's."""
        ours, theirs = self.left
        taken = theirs if amount == ours else self.changed(amount, currency)
        self.left = (add(ours, -amount), add(theirs, -taken))
        return taken

    def changed(self, amount: Decimal, currency: str) -> Decimal:
        """An amount of the shop's money in the customer's, by this payment's rate."""
        ours, theirs = self.paid
        if ours == theirs or not ours:
            return amount
        return round_to(amount * theirs / ours, currency)


def refund(document: Refund, _at: Context) -> dict[str, Any]:
    """A refund, without the payments that only the shop knows."""
    shipping = document.shipping_amount
    return {
        "orderId": f"gid://shopify/Order/{document.channel_order_id}",
        "note": marked(document.reason, document),
        "refundLineItems": [
            {
                "lineItemId": f"gid://shopify/LineItem/{_known(line.channel_line_id, place)}",
                "quantity": int(line.quantity),
                "restockType": "NO_RESTOCK",
            }
            for place, line in enumerate(document.lines)
            if line.quantity
        ],
        **({"shipping": {"amount": f"{shipping:f}"}} if shipping else {}),
    }


def _known(line: str | None, place: int) -> str:
    if line is None:
        path = f"lines.{place}.channel_line_id"
        raise BadData("the order has no such line at the channel", path=path, code="missing_field")
    return line


def paid_back(document: Refund, order: Tree, at: Context) -> dict[str, Any]:
    """The whole `RefundInput`, with the payments of the order that bear it."""
    told, shown = refund(document, at), str(order["presentmentCurrencyCode"])
    if document.currency != order["currencyCode"]:
        message = f"the shop reckons the order in {order['currencyCode']}"
        raise Rejected(message, path="currency", code="differs_at_partner")
    payments = _payments(document, order["transactions"])
    if shown != document.currency:
        told["currency"] = shown
        if "shipping" in told and payments:
            amount = payments[0].changed(document.shipping_amount, shown)
            told["shipping"] = {"amount": f"{amount:f}"}
    told["transactions"] = list(_spent(document, payments, shown))
    return told


def _spent(document: Refund, payments: Sequence[Payment], shown: str) -> list[dict[str, Any]]:
    left, found = document.amount, []
    for payment in payments:
        part = min(left, payment.left[0])
        if part <= 0:
            continue
        amount = payment.spend(part, shown)
        left = add(left, -part)
        found.append(
            {
                "orderId": f"gid://shopify/Order/{document.channel_order_id}",
                "parentId": payment.id,
                "gateway": payment.gateway,
                "kind": "REFUND",
                "amount": _written(amount, shown),
            }
        )
    if left > 0:
        has = add(document.amount, -left)
        message = f"of what was paid only {has:f} {document.currency} are left at the shop"
        raise Rejected(message, path="amount", code="differs_at_partner")
    return found


def _payments(document: Refund, rows: Sequence[Tree]) -> list[Payment]:
    """What was paid and how much of it is left; what the refund itself names comes first."""
    found = [
        Payment(row["id"], row.get("gateway") or "", _both(row), _both(row))
        for row in rows
        if row["kind"] in PAID and row["status"] == "SUCCESS"
    ]
    for row in rows:
        if row["kind"] == "REFUND" and row["status"] in MOVED:
            _give_back(found, row)
    names = {it.reference for it in document.payments} | {it.gateway for it in document.payments}
    return sorted(found, key=lambda it: not {identity(None, it.id), it.gateway} & names)


def _give_back(payments: Sequence[Payment], row: Tree) -> None:
    """Take an earlier refund off the payment that it was made of; of one that names none, off
    those of its gateway.
    """
    parent, amount = (row.get("parentTransaction") or {}).get("id"), _both(row)
    own = [it for it in payments if it.id == parent]
    for it in own or [it for it in payments if it.gateway == (row.get("gateway") or "")]:
        part = (min(amount[0], it.left[0]), min(amount[1], it.left[1]))
        it.left = (add(it.left[0], -part[0]), add(it.left[1], -part[1]))
        amount = (add(amount[0], -part[0]), add(amount[1], -part[1]))


def _both(row: Tree) -> tuple[Decimal, Decimal]:
    """An amount in the shop's money and in the customer's."""
    bag = row["amountSet"]
    ours = Decimal(str(bag["shopMoney"]["amount"]))
    theirs = (bag.get("presentmentMoney") or bag["shopMoney"])["amount"]
    return ours, Decimal(str(theirs))


def _written(amount: Decimal, currency: str) -> str:
    return f"{round_to(amount, currency) if currency in EXPONENT else amount:f}"
