"""`orderhub doctor --process`: the health check of one process, in one line."""

import socket

import pytest

from tests.cli.conftest import Run
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from workers.registration import Identity
from workers.schedule.chores import CHORES, Chore
from workers.schedule.sweep import Sweep


@pytest.fixture
def at_work(world: World):
    """A process of each kind, enlisted."""
    made = [Identity(world.store.database, kind) for kind in ("worker", "scheduler", "up")]
    for one in made:
        one.enlist()
    yield
    for one in made:
        one.stop()


@pytest.mark.parametrize("kind", ["worker", "scheduler", "up"])
def test_a_process_that_beats_is_well(on_database: Run, at_work, kind: str):
    done = on_database("doctor", "--process", kind)
    assert (done.code, done.err) == (0, "")
    (line,) = done.out.splitlines()
    assert line.startswith(f"{kind}: process ")


def test_none_of_that_kind_on_this_machine_is_a_failure(on_database: Run, world: World, at_work):
    world.sql("UPDATE worker SET host = 'elsewhere' WHERE kind = 'worker'")
    world.sql("UPDATE worker SET ended_at = now() WHERE kind = 'scheduler'")
    for kind in ("worker", "scheduler"):
        done = on_database("doctor", "--process", kind)
        assert (done.code, done.out) == (1, f"{kind}: none runs on {socket.gethostname()}\n")
    assert on_database("doctor", "--process", "up").code == 0


def test_one_that_is_silent_for_half_a_minute_is_a_failure(on_database: Run, world: World, at_work):
    world.sql("UPDATE worker SET beat_at = now() - interval '20 s'")
    assert on_database("doctor", "--process", "worker").code == 0
    world.sql("UPDATE worker SET beat_at = now() - interval '40 s'")
    done = on_database("doctor", "--process", "worker", "--json")
    assert (done.code, done.json["state"]) == (1, "fail")
    assert "is silent for 4" in done.json["says"]


def test_one_that_beats_and_leaves_work_lying_is_a_failure(on_database: Run, world: World, at_work):
    world.sql("UPDATE worker SET progress_at = now() - interval '70 s'")
    assert on_database("doctor", "--process", "scheduler").code == 1
    assert on_database("doctor", "--process", "worker").code == 0, "there is nothing to do"
    world.tell("shop", sales_order())
    assert on_database("doctor", "--process", "worker").code == 0, "it has only just come in"
    world.later(70)
    done = on_database("doctor", "--process", "worker")
    assert done.code == 1
    assert "has work and has not moved for 7" in done.out
    world.sql("UPDATE lane SET holder = 1, leased_until = now() + interval '45 s'")
    assert on_database("doctor", "--process", "worker").code == 0, "another one is at it"


def test_without_a_database_it_starts_none(orderhub: Run, tmp_path):
    done = orderhub("doctor", "--process", "up")
    assert (done.code, done.out) == (1, "up: there is no database: nothing runs here\n")
    assert not (tmp_path / "postgres").exists()


def test_a_database_that_is_away_or_empty_is_a_failure(
    orderhub: Run, empty_db_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ORDERHUB_DATABASE_URL", empty_db_url)
    done = orderhub("doctor", "--process", "worker")
    assert (done.code, len(done.out.splitlines())) == (1, 1)
    monkeypatch.setenv("ORDERHUB_DATABASE_URL", "postgresql://u:hush@127.0.0.1:1/db")
    done = orderhub("doctor", "--process", "worker")
    assert (done.code, len(done.out.splitlines())) == (1, 1)
    assert "hush" not in done.out + done.err


def test_a_kind_that_does_not_exist_is_wrong_usage(orderhub: Run):
    assert orderhub("doctor", "--process", "gateway").code == 64


def test_every_chore_that_goes_well_counts_as_progress(world: World):
    moved: list[str] = []
    sweep = Sweep(world.store, world.engine.bell, lambda: moved.append("on"))
    for chore in CHORES:
        sweep._one(chore)
    assert len(moved) == len(CHORES)

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    sweep._one(Chore(1.0, fails))
    assert len(moved) == len(CHORES)
