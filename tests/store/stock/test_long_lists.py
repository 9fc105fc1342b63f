"""A catalogue of tens of thousands is looked up by its indexes, also by a plan that is kept for any
list: compared one by one, a list as long as the table takes the square of it.
"""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.merchant import OPERATOR
from hub.store.base.database import Database
from hub.store.stock import articles, levels_told, levels_touched
from tests.kit.database import temporary_database

MANY = 30_000
SKUS = [f"S{n}" for n in range(1, MANY + 1)]
CODES = [f"C{n}" for n in range(1, MANY + 1)]
CATALOGUE = (
    "INSERT INTO merchant (code, name, currency) VALUES ('acme', 'Acme', 'EUR')",
    """INSERT INTO product (merchant_id, sku, title, document)
    SELECT 'acme', 'S' || n, 'T', '{}' FROM generate_series(1, :n) AS n""",
    """INSERT INTO sku_reference (merchant_id, connection, code, sku)
    SELECT 'acme', 'wh', 'C' || n, 'S' || n FROM generate_series(1, :n) AS n""",
    """INSERT INTO stock_level (merchant_id, warehouse, sku, on_hand)
    SELECT 'acme', 'wh', 'S' || n, 5 FROM generate_series(1, :n) AS n""",
    """INSERT INTO level_told (connection, merchant_id, sku, available)
    SELECT 'shop', 'acme', 'S' || n, 5 FROM generate_series(1, :n) AS n""",
)


@pytest.fixture(scope="module")
def catalogue(server_url: str, template: str) -> Iterator[Database]:
    with temporary_database(server_url, template) as url:
        database = Database(url, pool=1)
        with database.begin() as db:
            for statement in CATALOGUE:
                db.execute(sa.text(statement), {"n": MANY} if ":n" in statement else {})
        yield database
        database.dispose()


def meant(db: Connection) -> int:
    return len(articles.articles_of(db, "wh", "acme", CODES))


def owned(db: Connection) -> int:
    return len(articles.owners(db, SKUS))


def referred(db: Connection) -> int:
    return len(articles.references(db, [("wh", code) for code in CODES]))


def touched(merchant: str) -> Callable[[Connection], int]:
    def touch(db: Connection) -> int:
        levels_touched.touch_all(db, merchant, SKUS)
        return len(levels_touched.take(db, 2 * MANY))

    return touch


def forgotten(db: Connection) -> int:
    levels_told.forget(db, "shop", SKUS)
    left = db.scalar(sa.text("SELECT count(*) FROM level_told"))
    return MANY - int(left or 0)


@pytest.mark.parametrize(
    "look_up",
    [
        pytest.param(meant, id="what a warehouse means"),
        pytest.param(owned, id="whose SKUs are"),
        pytest.param(referred, id="what a channel means"),
        pytest.param(touched("acme"), id="levels of a merchant"),
        pytest.param(touched(OPERATOR), id="levels of all merchants"),
        pytest.param(forgotten, id="what a channel was told"),
    ],
)
def test_a_list_as_long_as_the_catalogue_is_looked_up_by_a_plan_for_any(
    catalogue: Database, look_up: Callable[[Connection], int]
) -> None:
    with catalogue.begin() as db:
        db.execute(sa.text("SET LOCAL plan_cache_mode = force_generic_plan"))
        db.execute(sa.text("SET LOCAL statement_timeout = '6s'"))
        assert look_up(db) == MANY
