"""Started while the database is away: the processes wait for it, and stop when they are told to."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from hub.store.base.database import Database, probe
from hub.store.base.failures import DatabaseRefuses
from tests.kit.proxy import Fault, Proxy
from tests.kit.world.processes import free_port, until
from tests.kit.world.running import RunningHub

KINDS = ("gateway", "worker", "scheduler")
AWAY = "database_awaited"


def through(url: str, port: int) -> str:
    return make_url(url).set(port=port).render_as_string(hide_password=False)


@pytest.fixture
def away(db_url: str) -> Iterator[Proxy]:
    """A way to the database that nobody gets through for now."""
    with Proxy(int(make_url(db_url).port or 5432)) as proxy:
        proxy.go_wrong(Fault("refuse"))
        yield proxy


def test_G05_processes_wait_for_a_database_that_is_away(
    db_url: str, away: Proxy, tmp_path: Path
) -> None:
    hub = RunningHub(
        tmp_path, database_url=through(db_url, away.port), watch_url=db_url, ORDERHUB_LOG="json"
    )
    started = [hub.start(kind) for kind in KINDS]
    try:
        until(lambda: all(AWAY in one.log for one in started), "they say so", 90.0)
        until(lambda: ready(hub) == 503, "the door is open and not ready")
        assert hub.one("SELECT count(*) FROM worker") == 0
        assert [one.lives() for one in started] == [True] * len(KINDS)
        away.go_right()
        hub.wait_ready(60.0)
        kinds = "SELECT array_agg(kind ORDER BY kind) FROM worker WHERE ended_at IS NULL"
        until(lambda: hub.one(kinds) == ["scheduler", "worker"], "they beat", 60.0)
        assert [one.log.count(AWAY) for one in started] == [1] * len(KINDS), "said once"
        there = [("listening", hub.url), ("ready", None), ("ready", None)]
        until(lambda: [said(one.log) for one in started] == [[one] for one in there], "they say so")
        assert [one.stop() for one in started] == [0] * len(KINDS)
    finally:
        hub.close()


def said(log: str) -> list[tuple[str, str | None]]:
    """What a process said of its being there, and where."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    there = [line for line in lines if line["event"] in ("listening", "ready")]
    return [(line["event"], line.get("address")) for line in there]


def ready(hub: RunningHub) -> int:
    try:
        with urllib.request.urlopen(f"{hub.url}/readyz", timeout=10) as answer:  # our own door
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.slow
def test_G25_one_that_waits_stops_when_it_is_told(tmp_path: Path) -> None:
    nobody = f"postgresql+psycopg://postgres@127.0.0.1:{free_port()}/orders"
    hub = RunningHub(tmp_path, database_url=nobody, ORDERHUB_LOG="json")
    try:
        started = [hub.start(kind) for kind in KINDS]
        until(lambda: all(AWAY in one.log for one in started), "they say so", 90.0)
        assert [one.stop() for one in started] == [0] * len(KINDS)
        assert not any("Traceback" in one.log for one in started)
    finally:
        hub.close()


def test_a_wrong_database_is_told_at_once(db_url: str, tmp_path: Path) -> None:
    wrong = make_url(db_url).set(database="there_is_none").render_as_string(hide_password=False)
    hub = RunningHub(tmp_path, database_url=wrong)
    try:
        started = [hub.start(kind) for kind in KINDS]
        until(lambda: not any(one.lives() for one in started), "they end", 90.0)
        for one in started:
            assert one.stop() == 69
            assert one.log.count("\n") == 1
            assert "no such database or user" in one.log
    finally:
        hub.close()


def test_a_wrong_user_is_refused_and_not_away(db_url: str) -> None:
    wrong = make_url(db_url).set(username="nobody_known")
    with pytest.raises(DatabaseRefuses, match="user"):
        probe(wrong)


def test_a_session_gives_up_a_line_that_is_half_open(db_url: str) -> None:
    database = Database(db_url)
    try:
        with database.begin() as db:
            line = db.connection.driver_connection
            assert isinstance(line, psycopg.Connection)
            said = line.info.get_parameters()
    finally:
        database.dispose()
    wanted = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}
    assert {name: said.get(name) for name in wanted} == wanted
    assert said["tcp_user_timeout"] == "20000"
