"""`orderhub archive`: everything due at once, and whether all of it is whole."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli.watch.archive import archive
from hub.store.base.ids import floor_id
from hub.store.history import retention
from hub.store.opened import Store
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from workers.schedule import retention_job


@pytest.fixture
def world(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("ORDERHUB_DATABASE_URL", db_url)
    monkeypatch.setenv("ORDERHUB_HOME", str(tmp_path))
    made = World(db_url, tmp_path)
    made.merchant().shop(takes=()).warehouse(takes=("fulfilment_order",), A=10, B=10)
    made.tell("shop", sales_order(), key="1001")
    made.run()
    old = floor_id(datetime.now(UTC) - timedelta(days=40))
    sealed = made.store.vault.seal(b"long ago", "message.payload", "acme", old)
    made.sql(
        """INSERT INTO message (id, merchant_id, connection, direction, topic, key, correlation_id,
          payload, size, status, finished_at)
        VALUES (:id, 'acme', 'shop', 'in', 't', 'k', :id, :sealed, 8, 'done',
          now() - interval '39 days')""",
        id=old,
        sealed=sealed,
    )
    yield made
    made.close()


def run(*words: str) -> tuple[int, str]:
    answer = CliRunner().invoke(archive, words)
    return answer.exit_code, answer.stdout


def test_run_moves_what_is_old_and_verify_finds_damage(world: World, tmp_path: Path) -> None:
    code, told = run("run", "--json")
    said = json.loads(told)
    assert (code, said["messages"], said["files"], said["owner"]) == (0, 1, 1, True)
    assert world.one("SELECT count(*) FROM message WHERE archive_id IS NOT NULL") == 1
    assert json.loads(run("run", "--json")[1])["messages"] == 0
    assert run("verify") == (0, "1 files, 0 damaged or missing\n")
    (file,) = (tmp_path / "archive").glob("*/*")
    file.write_bytes(b"")
    code, told = run("verify")
    assert (code, told.splitlines()[0]) == (1, "1 files, 1 damaged or missing")


def test_the_scheduler_does_the_same_by_itself(world: World) -> None:
    store: Store = world.store
    retention_job.rotate_months(store)
    retention_job.archive_payloads(store)
    assert world.one("SELECT count(*) FROM message WHERE archive_id IS NOT NULL") == 1
    assert world.one("SELECT count(*) FROM message WHERE payload IS NOT NULL") == 2


def test_one_process_at_a_time_keeps_house(world: World) -> None:
    database = world.store.database
    with retention.alone(database) as first, retention.alone(database) as second:
        assert (first, second) == (True, False)
    with retention.alone(database) as again:
        assert again
