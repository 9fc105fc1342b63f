"""A town for each test. They share one database, which is emptied between them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hub.store.runtime import Store
from tests.gateway.town import Town, empty, open_store, settle
from tests.kit.database import temporary_database


@pytest.fixture
def log() -> Iterator[list[Any]]:
    """What is logged, as events."""
    with capture_logs() as events:
        yield events


@pytest.fixture(scope="package")
def shared_url(server_url: str, template: str) -> Iterator[str]:
    """URL of the database of all tests here."""
    with temporary_database(server_url, template) as url:
        yield url


@pytest.fixture(scope="package")
def shared_store(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    home: Path = tmp_path_factory.mktemp("home")
    store = open_store(shared_url, home)
    yield store
    store.close()


@pytest.fixture
def town(shared_store: Store) -> Iterator[Town]:
    empty(shared_store)
    settle(shared_store)
    town = Town(shared_store)
    yield town
    town.app.close()
