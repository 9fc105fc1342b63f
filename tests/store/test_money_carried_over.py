"""Money that was expected before is carried over into the tables of this release, as it stood."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from hub.store import migrate
from hub.store.base import runtime_role
from hub.store.invariants.reconciliation import RECONCILIATION

BEFORE = "0043"
STATES = {"open": 2, "matched": 1, "explained": 1}
_FILL = """
INSERT INTO money_match (id, merchant_id, rule, currency, ours, theirs)
VALUES ('00000000-0000-7000-8000-000000000001', 'acme', 'order_sum', 'EUR', 5, 5);
INSERT INTO provider_report (id, merchant_id, connection, provider, report_id, digest, currency,
  begins_at, ends_at)
VALUES ('00000000-0000-7000-8000-000000000002', 'acme', 'psp', 'psp', 'R1', '', 'EUR', now(),
  now());
INSERT INTO provider_row (id, merchant_id, report_id, line_no, kind, reference, gross, net,
  currency, booked_at, state, match_id)
SELECT gen_random_uuid(), 'acme', '00000000-0000-7000-8000-000000000002', n, 'sale', 'x' || n,
  n, n, 'EUR', now(), 'matched', '00000000-0000-7000-8000-000000000001'
FROM generate_series(2, 3) AS n;
INSERT INTO expected_money (id, merchant_id, kind, key, amount, currency, due_at, state, match_id)
SELECT gen_random_uuid(), 'acme', 'sale', state || n, 5, 'EUR', now(), state,
  CASE state WHEN 'matched' THEN CAST('00000000-0000-7000-8000-000000000001' AS uuid) END
FROM (VALUES ('open', 1), ('open', 2), ('matched', 1), ('explained', 1)) AS row (state, n)
"""


@pytest.fixture
def before(empty_db_url: str) -> Iterator[sa.Engine]:
    """A database of the release before, with some of each."""
    engine = sa.create_engine(empty_db_url, poolclass=sa.NullPool)
    config = Config()
    config.set_main_option("script_location", migrate._SCRIPTS)
    with engine.connect() as db:
        runtime_role.prepare(db)
        db.commit()
        config.attributes["connection"] = db
        command.upgrade(config, BEFORE)
        db.execute(sa.text("SELECT set_config('orderhub.scope', '*', true)"))
        for statement in _FILL.split(";"):
            db.execute(sa.text(statement))
        db.commit()
    yield engine
    engine.dispose()


def test_what_was_open_is_open_and_what_was_matched_can_be_undone(
    before: sa.Engine, empty_db_url: str
) -> None:
    migrate.upgrade(empty_db_url)
    with before.connect() as db:
        db.execute(sa.text("SELECT set_config('orderhub.scope', '*', true)"))
        states = dict(
            db.execute(sa.text("SELECT state, count(*) FROM expected_money GROUP BY 1")).all()
        )
        assert states == STATES
        assert db.scalar(sa.text("SELECT count(*) FROM expected_open")) == STATES["open"]
        named = sa.text("SELECT cardinality(our_rows), cardinality(their_rows) FROM money_match")
        assert db.execute(named).all() == [(1, 2)]
        broken = [it.title for it in RECONCILIATION if db.execute(sa.text(it.query)).all()]
        assert broken == []
