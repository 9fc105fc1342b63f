"""Fixtures of the engine's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.world import World

SHOP = ("shipment", "stock_level")
WAREHOUSE = ("fulfilment_order", "fulfilment_cancellation")
BOOKS = ("sales_order", "shipment", "refund")


@pytest.fixture
def world(db_url: str, tmp_path: Path) -> Iterator[World]:
    """One merchant, a shop, a warehouse with ten of each article, an ERP."""
    made = World(db_url, tmp_path)
    made.merchant()
    made.connect("shop", "channel", takes=("shipment",))
    made.connect("wh", "warehouse", takes=WAREHOUSE)
    made.connect("erp", "erp", takes=BOOKS)
    made.stock("wh", A=10, B=10, C=10)
    yield made
    made.close()
