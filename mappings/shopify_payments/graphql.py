"""What the GraphQL Admin API lists of an account, as the REST one has it: names of fields differ,
and money stands in objects of its own.
"""

import re
from collections.abc import Iterator
from typing import Any

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def as_rest(tree: Any) -> Any:
    """An answer of the GraphQL API in the form of the REST one; anything else as it is."""
    data = _part(tree, "data") or tree if isinstance(tree, dict) else {}
    account = data.get("shopifyPaymentsAccount")
    if not isinstance(account, dict):
        return tree
    return {
        "payouts": [_payout(it) for it in _nodes(account.get("payouts"))],
        "transactions": [_transaction(it) for it in _nodes(account.get("balanceTransactions"))],
    }


def _nodes(told: Any) -> Iterator[dict[str, Any]]:
    """What a connection lists, as nodes or as edges of them."""
    if not isinstance(told, dict):
        return
    edges = [it.get("node") for it in told.get("edges") or () if isinstance(it, dict)]
    yield from (it for it in told.get("nodes") or edges if isinstance(it, dict))


def _payout(told: dict[str, Any]) -> dict[str, Any]:
    summary = told.get("summary")
    sums = summary if isinstance(summary, dict) else {}
    return {
        "id": _number(told.get("legacyResourceId") or told.get("id")),
        "status": _small(told.get("status")),
        "date": told.get("issuedAt"),
        "currency": _money(told.get("net"), "currencyCode"),
        "amount": _money(told.get("net"), "amount"),
        "summary": {_sum(name): _money(it, "amount") for name, it in sums.items()},
    }


def _transaction(told: dict[str, Any]) -> dict[str, Any]:
    payout, order = (_part(told, name) for name in ("associatedPayout", "associatedOrder"))
    return {
        "id": _number(told.get("id")),
        "type": _small(told.get("type")),
        "test": told.get("test"),
        "payout_id": _number(payout.get("id")),
        "payout_status": _small(payout.get("status")),
        "currency": _money(told.get("amount"), "currencyCode"),
        "amount": _money(told.get("amount"), "amount"),
        "fee": _money(told.get("fee"), "amount"),
        "net": _money(told.get("net"), "amount"),
        "source_id": _number(told.get("sourceId")),
        "source_order_id": _number(order.get("id")),
        "source_order_transaction_id": _number(told.get("sourceOrderTransactionId")),
        "processed_at": told.get("transactionDate"),
    }


def _sum(name: str) -> str:
    """`chargesGross` is `charges_gross_amount`; what was refunded is called `refundsFeeGross`."""
    words = _WORD.sub("_", name.replace("FeeGross", "Gross")).lower()
    return f"{words.replace('fees', 'fee')}_amount"


def _part(told: dict[str, Any], name: str) -> dict[str, Any]:
    part = told.get(name)
    return part if isinstance(part, dict) else {}


def _money(told: Any, field: str) -> Any:
    return told.get(field) if isinstance(told, dict) else None


def _number(told: Any) -> Any:
    """`gid://shopify/ShopifyPaymentsPayout/77` is 77."""
    return told.rpartition("/")[2] if isinstance(told, str) else told


def _small(told: Any) -> Any:
    return told.lower() if isinstance(told, str) else told
