"""Fixtures of the engine's tests."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.engine.town import Town
from tests.kit.database import temporary_database
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


@pytest.fixture(scope="module")
def shared(
    server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A world for all tests of a module; each has a town of its own in it."""
    with temporary_database(server_url, template) as url:
        made = World(url, tmp_path_factory.mktemp("home"))
        yield made
        made.close()


@pytest.fixture
def new_town(shared: World) -> Iterator[Callable[..., Town]]:
    """Makes merchants of their own. What they leave unfinished is put away, so that it meets no
    other test.
    """
    yield partial(Town, shared)
    put_away(shared)


@pytest.fixture
def town(new_town: Callable[..., Town]) -> Town:
    """A merchant of its own, with all defaults."""
    return new_town()


def put_away(world: World) -> None:
    """Nothing is left for the next test."""
    world.sql("DELETE FROM work")
    world.sql("DELETE FROM message_key")
    world.sql("DELETE FROM partner_state")
    world.sql("UPDATE lane SET holder = NULL, leased_until = NULL")
