"""A counter of its own for each test."""

from collections.abc import Callable, Iterator

import pytest

from tests.flows.returns.counter import Counter
from tests.kit.world.world import World


@pytest.fixture
def new_counter(shared: World) -> Iterator[Callable[..., Counter]]:
    yield lambda **how: Counter(shared, **how)
    shared.put_away()


@pytest.fixture
def counter(new_counter: Callable[..., Counter]) -> Counter:
    return new_counter()
