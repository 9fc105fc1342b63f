"""What changes in very many rows at once changes in place: it stands in no index of its table."""

import pytest
import sqlalchemy as sa

from tests.kit.world.world import World

CHANGED = {
    "expected_money": {"state", "reason", "match_id", "decided_by", "decided_at", "note"},
}
"""What a match or a decision writes."""
_INDEXED = sa.text(
    """SELECT DISTINCT attname FROM pg_index
    JOIN pg_depend ON pg_depend.objid = pg_index.indexrelid AND refobjid = indrelid
    JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
    WHERE indrelid = CAST(:table AS regclass)"""
)


@pytest.mark.parametrize("table", CHANGED)
def test_no_index_holds_what_a_match_writes(shared: World, table: str) -> None:
    with shared.unit() as unit:
        indexed = set(unit.db.scalars(_INDEXED, {"table": table}))
    assert {"order_id", "reference"} <= indexed
    assert indexed & CHANGED[table] == set()
