"""An ERP that runs, and connections to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.kit.http import Transport
from adapters.kit.testing.scripted_partner import Loopback
from adapters.ports import Parts, now_utc
from adapters.soap_erp import ADAPTER, Settings
from mappings.kit import Context
from tests.adapters.soap_erp.erp import PASSWORD, USER, Erp


@pytest.fixture
def erp() -> Iterator[Erp]:
    books = Erp()
    with Loopback(books) as running:
        books.url = f"{running.url}/orderhub"
        yield books


@pytest.fixture
def connected(erp: Erp, tmp_path) -> Callable[..., Parts]:
    """Connects as an operator sets it up."""

    def connect(**changes: Any) -> Parts:
        settings = {"api_url": erp.url, "user": USER, "password": PASSWORD} | changes
        transport = replace(Transport.local(), kept=tmp_path / "kept")
        return ADAPTER.connect(Settings(**settings), Context("erp"), transport, now_utc)

    return connect


@pytest.fixture
def books(connected: Callable[..., Parts]) -> Parts:
    return connected()
