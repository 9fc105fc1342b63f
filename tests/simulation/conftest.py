"""A stage for a module's simulations: while it stands, workers read its clock and say nothing."""

from collections.abc import Iterator

import pytest

from tests.simulation.ground import ground
from tests.simulation.stage import Stage


@pytest.fixture(scope="module")
def stage(server_url: str, template: str) -> Iterator[Stage]:
    with ground(server_url, template) as made:
        yield made
