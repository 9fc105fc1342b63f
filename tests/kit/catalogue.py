"""What partners say, in canonical form: the kit's samples, with numbers of a test's own and what it
wants otherwise.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from types import MappingProxyType
from typing import Any

from adapters.kit.samples import trees

DAY = "2026-11-24"
NOTHING: Mapping[str, int] = MappingProxyType({})


def sales_order(
    number: int | str = 1001, *, channel: str = "shop", **changes: Any
) -> dict[str, Any]:
    """A paid order of two lines to Amsterdam; `lines` as (SKU, pieces) pairs, or as they are."""
    wanted = changes.pop("lines", [("A", 2), ("B", 1)])
    if isinstance(wanted[0], dict):
        changes["lines"], wanted = wanted, []
    lines = [
        {
            "line_no": at,
            "channel_line_id": f"{number}-{at}",
            "sku": sku,
            "title": f"Article {sku}",
            "quantity": str(pieces),
            "unit_price": "10.00",
            "total": f"{pieces * 10}.00",
        }
        for at, (sku, pieces) in enumerate(wanted, start=1)
    ]
    total = f"{sum(pieces for _, pieces in wanted) * 10}.00"
    changed = f"{DAY}T10:{changes.pop('minute', 0):02d}:00Z"
    tree = _said("sales_order", channel, str(number), revision=changed, occurred_at=changed)
    return {
        **tree,
        "channel_order_id": str(number),
        "order_number": f"#{number}",
        "placed_at": f"{DAY}T10:00:00Z",
        "updated_at": changed,
        "customer": {**tree["customer"], "email": f"ada{number}@example.com"},
        "lines": lines,
        "totals": dict.fromkeys(tree["totals"], total),
        **changes,
    }


def shipment(
    fulfilment_order: str,
    *,
    delivery: str = "s1",
    lines: Sequence[tuple[int, int]] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A confirmation; without lines everything open has left in one parcel."""
    tree = _said("shipment", "wh", f"{fulfilment_order}:{delivery}")
    del tree["order"]  # the hub's own, for those that it tells
    package = {**tree["packages"][0], "tracking_number": f"TRACK-{delivery}"}
    del package["lines"]
    if lines is not None:
        package["lines"] = [{"line_no": no, "quantity": str(pieces)} for no, pieces in lines]
    own = {"fulfilment_order_id": fulfilment_order, "shipped_at": f"{DAY}T12:00:00Z"}
    return {**tree, **own, "complete": True, "packages": [package], **changes}


def status(fulfilment_order: str, word: str, **changes: Any) -> dict[str, Any]:
    """A warehouse's word."""
    tree = _said("fulfilment_status", "wh", f"{fulfilment_order}:{word}")
    own = {"fulfilment_order_id": fulfilment_order, "status": word, "at": f"{DAY}T11:00:00Z"}
    return {**tree, **own, **changes}


def refund(
    number: str = "r1", *, order: int = 1001, channel: str = "shop", **changes: Any
) -> dict[str, Any]:
    """The shop paid five euros back."""
    tree = _said("refund", channel, number)
    own = {"refund_id": number, "channel_order_id": str(order), "created_at": f"{DAY}T13:00:00Z"}
    return {**tree, **own, **changes}


def stock_report(
    number: str = "r1",
    *,
    warehouse: str = "wh",
    pieces: Mapping[str, int] = NOTHING,
    **changes: Any,
) -> dict[str, Any]:
    """The warehouse counted: SKU -> pieces that are there."""
    tree = _said("stock_report", warehouse, number)
    lines = [{"sku": sku, "on_hand": str(count)} for sku, count in pieces.items()]
    own = {"warehouse": warehouse, "at": f"{DAY}T11:00:00Z", "report_id": number, "lines": lines}
    return {**tree, **own, **changes}


def stock_change(
    number: str = "c1",
    *,
    warehouse: str = "wh",
    pieces: Mapping[str, int] = NOTHING,
    **changes: Any,
) -> dict[str, Any]:
    """Goods came or went at the warehouse: SKU -> pieces more or fewer."""
    tree = _said("stock_change", warehouse, number)
    lines = [{"sku": sku, "delta": str(delta)} for sku, delta in pieces.items()]
    own = {"warehouse": warehouse, "at": f"{DAY}T11:00:00Z", "change_id": number, "lines": lines}
    return {**tree, **own, **changes}


def inbound_notice(
    number: str = "PO-1",
    *,
    merchant: str = "acme",
    warehouse: str = "wh",
    lines: Sequence[tuple[str, int]] = (("A", 10), ("B", 5)),
    **changes: Any,
) -> dict[str, Any]:
    """The ERP has ordered goods: (SKU, pieces) to expect."""
    own = {
        "inbound_notice_id": number,
        "merchant": merchant,
        "warehouse": warehouse,
        "lines": [
            {"line_no": at, "sku": sku, "quantity": str(pieces)}
            for at, (sku, pieces) in enumerate(lines, start=1)
        ],
    }
    return {**_said("inbound_notice", "erp", number), **own, **changes}


def goods_receipt(
    notice: str = "PO-1",
    number: str = "g1",
    *,
    lines: Sequence[Any] = (),
    pieces: Mapping[str, int] = NOTHING,
    **changes: Any,
) -> dict[str, Any]:
    """The warehouse received goods: SKU -> pieces, or whole lines. The last ones, unless the test
    says otherwise.
    """
    own = {
        "inbound_notice_id": notice,
        "receipt_id": number,
        "received_at": f"{DAY}T12:00:00Z",
        "lines": [*lines, *({"sku": sku, "quantity": str(n)} for sku, n in pieces.items())],
    }
    return {**_said("goods_receipt", "wh", number), **own, "complete": True, **changes}


def product(sku: str, *, channel: str = "shop", **changes: Any) -> dict[str, Any]:
    """The shop lists an article."""
    return {**_said("product", channel, sku), "sku": sku, "title": sku, **changes}


def _said(kind: str, connection: str, number: str, **source: str) -> dict[str, Any]:
    """The kit's sample, as said over that connection under that number."""
    own = {"source": {"connection": connection, "id": number, **source}}
    return deepcopy(trees()[kind]) | own
