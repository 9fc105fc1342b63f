"""Warehouses in a real Tryton, each test with one of its own."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

import pytest

from adapters.kit.http import Transport
from adapters.ports import Parts, now_utc
from adapters.tryton_stock import ADAPTER, Settings
from mappings.kit import Context
from tests.adapters.tryton.proxy import Proxy
from tests.adapters.tryton_stock.shelves import Shelves
from tests.peers.tryton import TrytonServer, tryton_server  # noqa: F401  # fixture

_CODES = count(1)
Opened = Callable[[Mapping[str, int]], Shelves]


@pytest.fixture
def opened(tryton_server: TrytonServer) -> Opened:  # noqa: F811
    """A warehouse with stock on its shelves."""
    return lambda stock: Shelves(tryton_server, f"OWN{next(_CODES)}", stock)


@pytest.fixture
def proxy(tryton_server: TrytonServer) -> Iterator[Proxy]:  # noqa: F811
    with Proxy(tryton_server.url) as between:
        yield between


def connected(house: Shelves, server: TrytonServer, **changes: Any) -> Parts:
    """The connection to a warehouse, under its own name."""
    settings: dict[str, Any] = {
        "api_url": server.url,
        "database": server.database,
        "user": server.user,
        "password": server.password,
        "warehouse": house.code,
    }
    at = Context(house.code.lower())
    return ADAPTER.connect(Settings(**settings | changes), at, Transport.local(110), now_utc)
