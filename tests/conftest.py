"""Fixtures for every test: real servers, and no way out of this machine."""

import gc
import importlib
import ipaddress
import os
import socket
from collections.abc import Generator, Iterator
from urllib.parse import urlsplit

import pytest

from tests.kit import database, fixtures
from tests.kit.database import (  # noqa: F401  # fixtures
    broker_url,
    database_url,
    empty_db_url,
    server_url,
    servers,
    template,
)
from tests.kit.readers import reads_collection
from tests.peers import install

DATABASE = {"server_url", "template", "prescribed"}
TAKES_LONG = ("slow", "peer", "browser")
WORLDS = ("tests.kit.world.fixtures", "tests.kit.world.handed_on", "tests.kit.world.chances")
"""What tests stand in; it takes seconds to import."""


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.stash[database.SERVERS] = database.find_servers(dict(os.environ))
    if not config.pluginmanager.has_plugin("dsession"):  # that one starts others and runs no test
        for name in WORLDS:
            config.pluginmanager.register(importlib.import_module(name), name)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also what is marked `long`: `make long`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side run whole files; those in which something takes long begin first, so that nobody
    waits for them at the end. Marked is what reads the collection of recorded payloads, and what
    is quick.
    """
    if not config.getoption("long"):
        _leave_for_another_time(config, items)
    long = set()
    for item in items:
        if reads_collection(item.path):
            item.add_marker("collection")
        if any(item.get_closest_marker(name) for name in TAKES_LONG):
            long.add(item.path)
        elif not DATABASE & set(getattr(item, "fixturenames", ())):
            item.add_marker("quick")
    items.sort(key=lambda item: item.path not in long)


def _leave_for_another_time(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The whole form of what every run has a short form of."""
    left = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: the garbage collector need not go through it, ever."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hostile text that was logged would not get from one process to the other."""
    report = yield
    report.sections = [
        (name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections
    ]
    return report


def pytest_report_header(config: pytest.Config) -> list[str]:
    said = (database.report(config.stash[database.SERVERS]), fixtures.report(), install.report())
    return [line for line in said if line]


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
