"""A dock of its own for each test."""

from collections.abc import Callable, Iterator

import pytest

from tests.flows.inbound.goods import Dock
from tests.kit.world.world import World


@pytest.fixture
def new_dock(shared: World) -> Iterator[Callable[..., Dock]]:
    yield lambda **pieces: Dock(shared, **pieces)
    shared.put_away()


@pytest.fixture
def dock(new_dock: Callable[..., Dock]) -> Dock:
    return new_dock()
