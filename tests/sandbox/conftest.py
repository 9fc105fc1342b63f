"""Partners for the tests, each stopped and its connections closed when the test is done."""

from collections.abc import Iterator

import pytest

from sandbox import outgoing
from sandbox.erp import Erp
from sandbox.qimen import Warehouse
from sandbox.shopify import Shop
from tests.kit.listener import Listener


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as made:
        yield made
    outgoing.hang_up()


@pytest.fixture
def erp() -> Iterator[Erp]:
    with Erp() as made:
        yield made


@pytest.fixture
def hub() -> Iterator[Listener]:
    with Listener() as made:
        yield made


@pytest.fixture
def warehouse(hub: Listener) -> Iterator[Warehouse]:
    with Warehouse(hub_url=hub.door, stock={"A": 10, "B": 5}, tries=3) as made:
        yield made
    outgoing.hang_up()
