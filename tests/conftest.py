"""Fixtures for every test: real servers, and no way out of this machine."""

import ipaddress
import os
import socket
from collections.abc import Generator, Iterator
from urllib.parse import urlsplit

import pytest

from tests.kit import database
from tests.kit.database import (  # noqa: F401  # fixtures
    broker_url,
    database_url,
    db_url,
    empty_db_url,
    server_url,
    servers,
    template,
)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[database.SERVERS] = database.find_servers(dict(os.environ))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side run whole files, and all that talks to one ERP in one place."""
    for item in items:
        alone = item.get_closest_marker("peer")
        group = str(alone.args[0]) if alone else item.location[0]
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hostile text that was logged would not get from one process to the other."""
    report = yield
    report.sections = [
        (name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections
    ]
    return report


def pytest_report_header(config: pytest.Config) -> str:
    return database.report(config.stash[database.SERVERS])


class OutsideError(AssertionError):
    """A test tried to leave the machine."""


@pytest.fixture(autouse=True, scope="session")
def loopback_only(pytestconfig: pytest.Config) -> Iterator[None]:
    """Refuse every connection but to this machine and to a broker that was named."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    named = _addresses(pytestconfig.stash[database.SERVERS].broker)

    def check(address: object) -> None:
        host = str(address[0])  # type: ignore[index]
        if host not in named and not _is_loopback(host):
            raise OutsideError(f"a test connects to {host}; only this machine is allowed")

    def guarded_connect(self: socket.socket, address: object) -> None:
        if self.family in NETWORK:
            check(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: object) -> int:
        if self.family in NETWORK:
            check(address)
        return connect_ex(self, address)

    socket.socket.connect, socket.socket.connect_ex = guarded_connect, guarded_connect_ex
    yield
    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex


NETWORK = (socket.AF_INET, socket.AF_INET6)


def _addresses(broker: str | None) -> set[str]:
    host = urlsplit(broker).hostname if broker else None
    return {str(found[4][0]) for found in socket.getaddrinfo(host, None)} if host else set()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
