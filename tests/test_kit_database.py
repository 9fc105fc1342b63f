"""The servers and the guard that every other test leans on."""

import os
import socket

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.conftest import OutsideError
from tests.kit.database import LOCAL_BROKER, Servers, find_servers, report


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    libpq = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(libpq) as db:
        return db.execute(statement).fetchall()  # type: ignore[call-overload]


def test_an_empty_database_is_this_tests_alone(empty_db_url):
    assert query(empty_db_url, "SHOW server_encoding") == [("UTF8",)]
    assert query(empty_db_url, "SELECT count(*) FROM pg_stat_user_tables") == [(0,)]
    assert make_url(empty_db_url).database.startswith(f"orderhub_test_{os.getpid()}_")


def test_a_clone_has_the_tables_of_the_migrations(db_url, database_url):
    count = "SELECT count(*) > 0 FROM pg_stat_user_tables"
    assert query(db_url, count) == query(database_url, count) == [(True,)]
    assert make_url(db_url).database != make_url(database_url).database


def test_servers_that_are_named_are_taken_unseen():
    named = {
        "ORDERHUB_TEST_DATABASE_URL": "postgresql://u:p@db.example/x",
        "ORDERHUB_TEST_BROKER_URL": "amqp://u:p@mq.example:1",
    }
    found = find_servers(named)
    assert found == Servers("postgresql+psycopg://u:p@db.example/x", "amqp://u:p@mq.example:1")
    assert report(found) == "database: db.example:default port; broker: mq.example:1"


def test_without_servers_the_report_names_the_embedded_ones():
    assert report(Servers(None, None)) == "database: embedded PostgreSQL; broker: in-process"


def test_the_broker_is_one_that_answers_or_none(broker_url):
    assert broker_url in (None, LOCAL_BROKER, os.environ.get("ORDERHUB_TEST_BROKER_URL"))


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "169.254.169.254"])
def test_a_test_cannot_leave_this_machine(host):
    with (
        socket.socket() as outward,
        pytest.raises(OutsideError, match=f"a test connects to {host}; only this machine"),
    ):
        outward.connect((host, 80))


def test_a_test_cannot_leave_by_the_other_door_either():
    with socket.socket(socket.AF_INET6) as outward, pytest.raises(OutsideError):
        outward.connect_ex(("2001:db8::1", 80))


def test_a_test_may_reach_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as inward:
        inward.connect(listening.getsockname())
        assert inward.getpeername() == listening.getsockname()
