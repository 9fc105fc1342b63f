"""A stage for all simulations of a session."""

from collections.abc import Iterator

import pytest

from tests.simulation.ground import ground
from tests.simulation.stage import Stage


@pytest.fixture(scope="session")
def stage(server_url: str, template: str) -> Iterator[Stage]:
    with ground(server_url, template) as made:
        yield made
