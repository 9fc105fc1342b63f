"""What the gateway logs."""

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs


@pytest.fixture
def log() -> Iterator[list[Any]]:
    """What is logged, as events."""
    with capture_logs() as events:
        yield events
