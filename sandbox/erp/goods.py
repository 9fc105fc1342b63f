"""What the ERP has in its warehouse, by product: pieces there, assigned, and planned to leave.

The balances stand on the product's own row, so that they are undone with a call that fails.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sandbox.erp.store import Store


def today() -> date:
    return datetime.now(UTC).date()


def balance(store: Store, product: int, name: str) -> float:
    return float(store.row("product.product", product).get(f"_{name}") or 0.0)


def add(store: Store, product: int, name: str, pieces: float) -> None:
    """`name`: pieces, assigned or planned."""
    store.put("product.product", product, f"_{name}", balance(store, product, name) + pieces)


def quantity(store: Store, product: int, context: Mapping[str, Any]) -> float:
    """Pieces in the locations of the context; without any, Tryton knows none."""
    return balance(store, product, "pieces") if context.get("locations") else 0.0


def forecast(store: Store, product: int, context: Mapping[str, Any]) -> float:
    if not context.get("locations"):
        return 0.0
    return balance(store, product, "pieces") - balance(store, product, "planned")


COMPUTED = {
    ("product.product", "quantity"): quantity,
    ("product.product", "forecast_quantity"): forecast,
}
