"""A database that is disposed of keeps no session open."""

from hub.store.base.database import Database


def test_a_session_in_use_is_closed_when_it_is_given_back(db_url: str) -> None:
    database = Database(db_url, pool=1)
    with database.begin() as db:
        session = db.connection.driver_connection
        database.dispose()
        assert not session.closed
        db.exec_driver_sql("SELECT 1")
    assert session.closed
    with database.begin() as db:
        assert db.connection.driver_connection is not session
    database.dispose()
