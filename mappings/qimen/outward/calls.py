"""What a warehouse is asked, and told of documents that it has: queries, order.cancel, and
order.pending.
"""

from collections.abc import Sequence
from typing import Literal

from mappings.qimen.outward.terms import Terms
from mappings.qimen.outward.writing import write


def cancel(
    code: str,
    kind: str | None,
    terms: Terms,
    number: str | None = None,
    reason: str | None = None,
) -> bytes:
    """order.cancel of a document of any kind; `number` is the warehouse's own."""
    return write(
        {
            "warehouseCode": terms.warehouse_code,
            "ownerCode": terms.owner_code,
            "orderCode": code,
            "orderId": number,
            "orderType": kind,
            "cancelReason": reason,
        }
    )


def pending(
    action: Literal["pending", "restore"], code: str, kind: str, terms: Terms, reason: str | None
) -> bytes:
    """order.pending: let a document wait, or go on with it."""
    return write(
        {
            "actionType": action,
            "warehouseCode": terms.warehouse_code,
            "ownerCode": terms.owner_code,
            "orderCode": code,
            "orderType": kind,
            "reason": reason,
        }
    )


def delivery_query(code: str, terms: Terms) -> bytes:
    """deliveryorder.query."""
    return write({**_owned(terms), "orderCode": code, **_FIRST_PAGE})


def entry_query(code: str, terms: Terms) -> bytes:
    """entryorder.query."""
    return write({**_owned(terms), "entryOrderCode": code, **_FIRST_PAGE})


def process_query(code: str, kind: str, terms: Terms) -> bytes:
    """orderprocess.query: how far a document of any kind is."""
    return write(
        {
            "orderType": kind,
            "orderCode": code,
            "warehouseCode": terms.warehouse_code,
            "ownerCode": terms.owner_code,
        }
    )


def item_query(sku: str, terms: Terms) -> bytes:
    """singleitem.query."""
    return write({"ownerCode": terms.owner_code, "itemCode": sku})


def levels_query(skus: Sequence[str], terms: Terms) -> bytes:
    """inventory.query of some articles, in all qualities."""
    return write({"criteriaList": [{**_owned(terms), "itemCode": sku} for sku in skus]})


def stock_query(sku: str, page: int, terms: Terms) -> bytes:
    """stock.query: one article, batch by batch."""
    paging = {"page": str(page), "pageSize": "100"}
    return write({**_owned(terms), "itemCode": sku, **paging})


_FIRST_PAGE = {"page": "1", "pageSize": "100"}


def _owned(terms: Terms) -> dict[str, str]:
    return {"ownerCode": terms.owner_code, "warehouseCode": terms.warehouse_code}
