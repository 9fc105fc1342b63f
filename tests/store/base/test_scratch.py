"""Temporary tables are the owner's alone: those of matching and long counts it makes and lends."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.kit.world.world import World

LENT = {
    "matching": ("their_side", "our_side", "match_made", "reported_row"),
    "counting": ("counted_line", "counted_level"),
}


def test_nobody_else_puts_a_table_before_ours(shared: World) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), shared.unit() as unit:
        unit.db.execute(text("CREATE TEMPORARY TABLE sales_order (id uuid)"))


@pytest.mark.parametrize("purpose", LENT)
def test_what_is_lent_is_written_measured_emptied_and_gone_afterwards(
    shared: World, purpose: str
) -> None:
    with shared.unit() as unit:
        for _ in range(2):  # the second use in a transaction finds them there
            unit.db.execute(text("SELECT orderhub_scratch(:purpose)"), {"purpose": purpose})
        for name in LENT[purpose]:
            unit.db.execute(text(f"INSERT INTO {name} DEFAULT VALUES"))
            unit.db.execute(text("SELECT orderhub_scratch_analyzed(:name)"), {"name": name})
            assert unit.db.scalar(text(f"SELECT count(*) FROM {name}")) == 1  # noqa: S608
            rows = "SELECT reltuples FROM pg_class WHERE oid = to_regclass('pg_temp.' || :name)"
            assert unit.db.scalar(text(rows), {"name": name}) == 1
            unit.db.execute(text(f"TRUNCATE {name}"))
    with shared.unit() as unit:
        for name in LENT[purpose]:
            assert unit.db.scalar(text("SELECT to_regclass('pg_temp.' || :n)"), {"n": name}) is None
