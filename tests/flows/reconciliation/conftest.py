"""A till of its own for each test."""

from collections.abc import Iterator

import pytest

from tests.flows.reconciliation.till import Till
from tests.kit.world.world import World


@pytest.fixture
def till(shared: World) -> Iterator[Till]:
    made = Till(shared)
    yield made
    made.check()
    shared.put_away()
