"""WooCommerce refunds -> `refund`.

Source: REST API reference, "Order refunds" and "Refunds". Quantities and amounts of lines are below
zero; where all together are not, the site writes what went back above it. `_refunded_item_id` in a
line's meta data names the order's line. A refund by amount has no lines. The resource does not name
its order's currency: what the adapter fetches bears the order around it (`{"order": {"id",
"currency"}, "refunds": [...]}`), and the connection may say one.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.money import add
from mappings.kit import Context, existing, shape
from mappings.kit.marks import unmarked
from mappings.kit.money import one_currency
from mappings.kit.refunds import ChannelRefund, Returned, refund
from mappings.reading import read_json
from mappings.woocommerce import wire
from mappings.woocommerce.clock import told
from mappings.woocommerce.envelope import resources

_ITEM = "_refunded_item_id"
_ORDER_LINK = re.compile(r"/orders/([0-9]{1,30})(?:/|$)", re.ASCII)


def decode(raw: bytes, at: Context, now: datetime, currency: str | None) -> list[Document]:
    """The refunds of a delivery. Ignored where there is none. `now` stands in for the time of one
    that tells none.
    """
    around, trees = _refunds(raw, at)
    found = [
        _refund(shape(wire.Refund, tree, at), tree, around, at, now, currency) for tree in trees
    ]
    if not found:
        raise Ignored("no_refund", "the order has no refund")
    return list(found)


def _refunds(raw: bytes, at: Context) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    tree = read_json(raw, at.warn)
    if isinstance(tree, dict) and isinstance(tree.get("refunds"), list | dict) and "order" in tree:
        around = tree["order"] if isinstance(tree["order"], dict) else {}
        given = tree["refunds"] if isinstance(tree["refunds"], list) else [tree["refunds"]]
        return around, [entry for entry in given if isinstance(entry, dict)]
    return {}, resources(raw, at.warn)


def _refund(
    given: wire.Refund,
    tree: dict[str, Any],
    around: dict[str, Any],
    at: Context,
    now: datetime,
    currency: str | None,
) -> Document:
    order = _order_id(given, tree, around)
    if given.id is None or order is None:
        name = "parent_id" if given.id else "id"
        raise BadData(f"a refund has its {name}", path=name, code="missing_field")
    made = told(given.date_created_gmt, given.date_created, at, "date_created")
    if made is None:
        at.warn("bad_time", "it tells no time: that of its arrival stands", path="date_created_gmt")
    _, ours = unmarked(given.reason)  # what the hub told comes back under its own number
    sign = _sign(given)
    named = given.currency or around.get("currency") or currency
    code, _ = one_currency([named if isinstance(named, str) else None])
    return refund(
        ChannelRefund(
            currency=code,
            tax_included=False,
            goods=[_goods(line, place, sign, at) for place, line in enumerate(given.line_items)],
            shipping=_charges("shipping_lines", given.shipping_lines, sign),
            fees=_charges("fee_lines", given.fee_lines, sign),
            amount=_amount(given),
            restock=False,
            head={
                "source": at.source_by_time(given.id, made),
                "refund_id": ours or given.id,
                "channel_order_id": order,
                "created_at": made or now,
                "reason": given.reason,
            },
        ),
        at,
    )


def _amount(given: wire.Refund) -> Decimal | None:
    """What went back; None where its lines tell. BadData where nothing does."""
    told = given.amount if given.amount is not None else given.total
    if told is None and not (given.line_items or given.shipping_lines or given.fee_lines):
        message = "an amount or lines are expected: nothing says what went back"
        raise BadData(message, path="amount", code="missing_field")
    return None if told is None else abs(told)


def _goods(line: wire.RefundedLine, place: int, sign: int, at: Context) -> Returned:
    """What came back of a line. Of what is sold by length or weight no piece is counted."""
    items = (it.get("value") for it in line.meta_data if it.get("key") == _ITEM)
    item = next(items, line.refunded_item_id)
    number = existing(str(item)) if isinstance(item, (str, int)) else None
    path, quantity = f"line_items.{place}", abs(line.quantity or ZERO)
    if quantity % 1:
        message = f"{quantity:f} is no number of pieces: none is counted"
        at.warn("bad_quantity", message, path=f"{path}.quantity")
        quantity = ZERO
    return Returned(
        path=path,
        quantity=quantity,
        net=_signed(line.total, sign),
        tax=_signed(line.total_tax, sign),
        what={"channel_line_id": number, "sku": line.sku},
    )


def _charges(name: str, told: Sequence[wire.Way | wire.Fee], sign: int) -> list[Returned]:
    return [
        Returned(
            path=f"{name}.{place}",
            net=_signed(it.total, sign),
            tax=_signed(it.total_tax, sign),
        )
        for place, it in enumerate(told)
    ]


def _sign(given: wire.Refund) -> int:
    """What puts its amounts above zero where they went back."""
    amounts = [
        *((it.total, it.total_tax) for it in given.line_items),
        *((it.total, it.total_tax) for it in given.shipping_lines),
        *((it.total, it.total_tax) for it in given.fee_lines),
    ]
    return 1 if add(*(told for pair in amounts for told in pair if told)) > 0 else -1


def _signed(amount: Decimal | None, sign: int) -> Decimal | None:
    return -amount if amount is not None and sign < 0 else amount


def _order_id(given: wire.Refund, tree: dict[str, Any], around: dict[str, Any]) -> str | None:
    """The order: named, around the refund, or in its link upwards."""
    named = given.parent_id or given.order_id or around.get("id")
    if named and str(named) != "0":
        return str(named)
    links = tree.get("_links")
    up = links.get("up") if isinstance(links, dict) else None
    hrefs = [entry.get("href") for entry in up or [] if isinstance(entry, dict)]
    linked = (_ORDER_LINK.search(href) for href in hrefs if isinstance(href, str))
    return next((match[1] for match in linked if match), None)
