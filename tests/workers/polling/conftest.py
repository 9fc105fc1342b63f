"""The shop, installed as a package of its own would be, and a hub connected to it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.kit import registry
from tests.kit.world import World
from tests.workers.polling.tide import Shop, Tide, served

TARGET = "tests.workers.polling.tideshop:ADAPTER"


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[None]:
    """What an installer makes of a package with an adapter."""
    info = tmp_path / "site" / "tideshop-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tideshop\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[orderhub.adapters]\ntideshop = {TARGET}\n")
    sys.path.append(str(info.parent))
    registry.entries.cache_clear()
    yield
    sys.path.remove(str(info.parent))
    registry.entries.cache_clear()


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def connected(
    db_url: str, tmp_path: Path, shop: Shop, installed: None
) -> Iterator[Callable[..., Tide]]:
    """Makes the hub, with settings of the connection."""
    world = World(db_url, tmp_path)
    with served(shop) as line:

        def make(**settings: Any) -> Tide:
            return Tide(world, shop, line.url, **settings)

        yield make
    world.close()


@pytest.fixture
def tide(connected: Callable[..., Tide]) -> Tide:
    return connected()
