"""A world for a test, or a merchant's corner of one that the tests of a module share."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from hub.store.people import passwords
from tests.kit.world.console import Console
from tests.kit.world.gateway import Gateway, two_merchants
from tests.kit.world.handed_on import Databases
from tests.kit.world.vocabulary import HOW, SHOP, Merchant
from tests.kit.world.world import World

TEN = {"A": 10, "B": 10, "C": 10}


@pytest.fixture(autouse=True, scope="session")
def in_earnest() -> Iterator[PasswordHasher]:
    """Thousands of passwords are hashed with the least effort; this is the effort in earnest."""
    effort = passwords._HASHER
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield effort
    passwords._HASHER = effort


@pytest.fixture
def world(db_url: str, tmp_path: Path) -> Iterator[World]:
    """One merchant with `shop`, `wh`, which has ten of each article, and `erp`."""
    made = World(db_url, tmp_path)
    made.merchant().shop().warehouse(**TEN).erp()
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world for all tests of a module: one database, not many."""
    with databases.open() as url:
        made = World(url, tmp_path_factory.mktemp("home"))
        yield made
        made.close()


@pytest.fixture
def new_merchant(shared: World) -> Iterator[Callable[..., Merchant]]:
    """Makes merchants with a shop, a warehouse and an ERP of their own. What they leave unfinished
    is put away, so that it meets no other test.
    """

    def make(*, shop_takes: Sequence[str] = SHOP, **how_or_pieces: Any) -> Merchant:
        how = {word: value for word, value in how_or_pieces.items() if word in HOW}
        pieces = {word: value for word, value in how_or_pieces.items() if word not in HOW}
        made = shared.new_merchant(**how).shop(takes=shop_takes)
        return made.warehouse(**(pieces or TEN)).erp()

    yield make
    shared.put_away()


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    """A merchant of its own, with all defaults."""
    return new_merchant()


@pytest.fixture
def gateway(shared: World) -> Iterator[Gateway]:
    """A gateway before two merchants, in a world that is emptied between tests."""
    shared.empty()
    two_merchants(shared)
    made = Gateway(shared)
    yield made
    made.close()


@pytest.fixture
def bare_console(db_url: str, tmp_path: Path) -> Iterator[Console]:
    """A console over an empty hub."""
    made = World(db_url, tmp_path)
    yield Console(made)
    made.close()


@pytest.fixture
def console(bare_console: Console) -> Console:
    """One merchant with a shop, a warehouse that has ten of each article, and its books."""
    acme = bare_console.world.merchant().shop(adapter="shopify")
    acme.warehouse(**TEN).erp(adapter="tryton")
    return bare_console
