"""A line that hangs up in the middle of a statement ends its session, and nothing else is tried."""

import psycopg
import pytest
import sqlalchemy as sa

from hub.store.base.database import Database
from hub.store.base.failures import DatabaseAway


@pytest.mark.parametrize(
    ("said", "is_over"), [("connection socket closed", True), ("something else", False)]
)
def test_a_session_whose_line_hung_up_is_given_up_unasked(
    database_url: str, monkeypatch: pytest.MonkeyPatch, said: str, *, is_over: bool
) -> None:
    database = Database(database_url, pool=1)
    with database.begin() as db:
        session = db.connection.driver_connection
        assert session is not None

    with monkeypatch.context() as patched, pytest.raises(DatabaseAway):
        ask(database, patched, said)
    assert session.closed is is_over

    with database.begin() as db:
        assert (db.connection.driver_connection is session) is not is_over
        assert db.scalar(sa.text("SELECT 1")) == 1
    database.dispose()


def ask(database: Database, patched: pytest.MonkeyPatch, says: str) -> None:
    """A transaction whose statement ends by what the driver says."""

    def hang_up(*_: object, **__: object) -> None:
        raise psycopg.OperationalError(says)

    with database.begin() as db:
        patched.setattr(psycopg.Cursor, "execute", hang_up)
        db.execute(sa.text("SELECT 1"))
