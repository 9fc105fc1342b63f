"""What stands in a drain's way for a moment: said as such, let go, tried again, parked never."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from kombu.utils import functional
from sqlalchemy.engine import make_url

from adapters.ports import Receipt
from hub import logs
from hub.model.errors import AlreadyDone
from hub.settings import Settings
from hub.store.views import message_view
from tests.kit.catalogue import sales_order
from tests.kit.world import Merchant, World
from workers.app import make_app
from workers.registration import Identity, bury_the_dead
from workers.wakeups import wakeup
from workers.wakeups.wakeup import Bell


class Enough(Exception):
    """Seen enough."""


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """The log since the test began, line by line."""
    logs.configure(Settings.read({"ORDERHUB_LOG": "json"}))
    lines: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        lines.extend(json.loads(line) for line in capsys.readouterr().err.splitlines())
        return lines

    return read


@contextmanager
def locked(world: World, table: str, mode: str = "ACCESS EXCLUSIVE") -> Iterator[None]:
    """Somebody holds a whole table."""
    url = make_url(world.url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as db:
        db.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield


@pytest.fixture
def hasty() -> Iterator[Callable[..., None]]:
    """A store's transactions wait for nothing for long."""
    made: list[tuple[Any, Any]] = []

    def limit(world: World, name: str, value: str) -> None:
        def begin(db: sa.Connection) -> None:
            db.exec_driver_sql(f"SET LOCAL {name} = '{value}'")

        engine = world.store.database._engine
        sa.event.listen(engine, "begin", begin)
        made.append((engine, begin))

    yield limit
    for engine, begin in made:
        sa.event.remove(engine, "begin", begin)


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [("lock_timeout", "200ms", "LockNotAvailable"), ("statement_timeout", "3s", "QueryCanceled")],
    ids=["lock", "statement"],
)  # fmt: skip
def test_G05_a_lock_puts_a_drain_off_and_is_no_error_of_ours(
    world: World, said: Callable[[], Any], hasty: Callable[..., None], limit: str, value: str,
    reason: str,
) -> None:  # fmt: skip
    kept = world.tell("shop", {"type": "documents", "documents": []}, key="1")
    (lane,) = world.due()
    hasty(world, limit, value)
    with locked(world, "attempt"):
        world.hurry(world.engine, lane)
    (line,) = [one for one in said() if one["event"].startswith("drain_")]
    assert (line["event"], line["level"], line["lane"]) == ("drain_put_off", "warning", lane)
    assert line["reason"] == reason
    assert world.engine.bell.rung == [lane], "it is tried again"  # type: ignore[attr-defined]
    assert world.due() == [lane], "others may have it at once"
    world.run()
    assert world.message_status(kept.id) == "ignored"
    assert world.one("SELECT attempts FROM message WHERE id = :id", id=kept.id) == 1


def test_G02_a_lock_that_outlives_the_quick_retries_is_tried_again_later(
    world: World, hasty: Callable[..., None]
) -> None:
    kept = world.tell("shop", sales_order(), key="1001")
    (lane,) = world.due()
    hasty(world, "lock_timeout", "50ms")
    with locked(world, "sales_order"):
        world.hurry(world.engine, lane)
    assert world.message_status(kept.id) == "retry"
    why = "SELECT error ->> 'code' FROM message WHERE id = :id"
    assert world.one(why, id=kept.id) == "try_later"
    world.later(60)
    world.run()
    assert world.message_status(kept.id) == "done"


def test_G02_what_cannot_even_be_written_down_goes_back_untouched(
    world: World, said: Callable[[], Any], hasty: Callable[..., None]
) -> None:
    kept = world.tell("shop", sales_order(), key="1001")
    (lane,) = world.due()
    hasty(world, "lock_timeout", "50ms")
    with locked(world, "message", "EXCLUSIVE"):
        world.hurry(world.engine, lane)
    assert "drain_put_off" in {one["event"] for one in said()}
    stands = world.one("SELECT status, attempts, crashes FROM work WHERE id = :id", id=kept.id)
    assert tuple(stands) == ("received", 0, 0)
    world.run()
    assert world.message_status(kept.id) == "done"


def test_G08_an_outcome_that_a_lock_keeps_out_is_asked_for_and_not_parked(
    acme: Merchant, hasty: Callable[..., None]
) -> None:
    world = acme.world
    acme.order()
    world.once()
    sent = acme.outbound("fulfilment_order")
    hasty(world, "lock_timeout", "50ms")
    with ExitStack() as held:
        acme.at_wh.before = lambda _: held.enter_context(locked(world, "partner_state"))
        world.once()
    acme.at_wh.before = lambda _: None
    assert len(acme.at_wh.effects) == 1
    assert acme.status(sent) in {"sending", "unknown"}
    acme.at_wh.finds = [Receipt("theirs")]
    world.run()
    world.later(60)
    world.run()
    assert acme.status(sent) == "delivered"
    assert len(acme.at_wh.topics()) == 1


def test_G04_a_broker_that_is_away_is_said_once_and_once_when_it_is_back(
    world: World, said: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app("amqp://guest:guest@127.0.0.1:1//")
    ring = Bell(app, world.store.database)
    for lane in (1, 2, 3):
        ring._publish(lane)
    assert ring.failed == 3
    monkeypatch.setattr(wakeup, "publish", lambda app, lane: None)
    ring._publish(1)
    ring._publish(2)
    lines = [one for one in said() if one["logger"] == "bell"]
    assert [one["event"] for one in lines] == ["ring_failed", "rings_again"]
    assert lines[1]["failed"] == 3
    assert ring.failing_since is None


def test_G05_a_scheduler_that_died_without_a_lane_is_buried(world: World) -> None:
    dead = Identity(world.store.database, "scheduler")
    dead.enlist()
    session = dead._session  # what kill -9 does to it
    assert session is not None
    session.invalidate()
    session.close()
    ended = "SELECT ended_at IS NOT NULL AND died FROM worker WHERE number = :n"
    bury_the_dead(world.store.database)
    assert not world.one(ended, n=dead.number), "it may be holding on anew"
    world.sql(
        "UPDATE worker SET beat_at = now() - interval '16 s' WHERE number = :n", n=dead.number
    )
    bury_the_dead(world.store.database)
    assert world.one(ended, n=dead.number)


def test_G04_a_consumer_looks_for_its_broker_every_five_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(functional, "sleep", lambda seconds: None)
    pauses: list[float] = []

    def note(_: Exception, pause: float) -> None:
        pauses.append(pause)
        if len(pauses) == 20:
            raise Enough

    line = make_app("amqp://guest:guest@127.0.0.1:1//").connection_for_read(heartbeat=10)
    with pytest.raises(Enough):  # as Celery's consumer calls it
        line.ensure_connection(note, None, callback=lambda: None)
    assert max(pauses) == 5.0


def test_G26_an_order_that_does_not_open_hides_what_it_can_and_parks_nothing(
    acme: Merchant, said: Callable[[], Any]
) -> None:
    world = acme.world
    acme.order()
    world.once()
    sent = acme.outbound("fulfilment_order")
    world.sql(
        "UPDATE sales_order SET document = set_byte(document, 30, 255 - get_byte(document, 30))"
    )
    acme.at_wh.answers = [AlreadyDone("it is here for Ada Bakker, ada1001@example.com")]
    world.once()
    assert acme.status(sent) == "delivered"
    with world.store.database.begin() as db:
        shown = message_view.attempts(db, world.store.vault, sent)
    assert "Ada Bakker" not in str([one.detail for one in shown])
    assert [one["event"] for one in said() if one["logger"] == "discretion"] == ["cannot_open"]
    assert "outcome_not_kept" not in {one["event"] for one in said()}


def _notice(world: World, hasty: Callable[..., None]) -> Any:
    """What the warehouse is to be told, by a hub that waits for no lock."""
    world.tell("shop", sales_order(), key="1001")
    lane = world.one("SELECT id FROM lane WHERE connection = 'shop' AND direction = 'in'")
    world.hurry(world.engine, lane)
    hasty(world, "lock_timeout", "50ms")
    return world.one("SELECT id FROM message WHERE topic = 'fulfilment_order'")


def test_G09_a_lock_that_hides_an_outcome_again_and_again_is_no_crash(
    world: World, hasty: Callable[..., None]
) -> None:
    wh: Any = world.at("wh")
    notice = _notice(world, hasty)
    lane = world.one("SELECT id FROM lane WHERE connection = 'wh' AND direction = 'out'")
    stands = "SELECT status, crashes, crashed_alone FROM work WHERE id = :id"
    tell, ask = wh.before, wh.find
    for _ in range(4):  # told once, then asked, and each time the answer cannot be kept
        with ExitStack() as held:
            lock = partial(_hold, held, world)
            wh.before, wh.find, wh.finds = lock, _first(lock, ask), [Receipt("R-1")]
            world.hurry(world.engine, lane)
            assert world.message_status(notice) == "sending"
        wh.before, wh.find = tell, ask
        world.hurry(world.engine, lane)
        assert tuple(world.one(stands, id=notice)) == ("unknown", 0, 0)
        world.later(60)
    wh.finds = [Receipt("R-1")]
    world.run()
    assert world.message_status(notice) == "delivered"
    assert [kind for kind, _, _ in wh.told] == ["fulfilment_order"]


def _hold(held: ExitStack, world: World, _: Any) -> None:
    held.enter_context(locked(world, "work", "EXCLUSIVE"))


def _first(happens: Callable[[Any], Any], then: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def both(document: Any) -> Any:
        happens(document)
        return then(document)

    return both


def test_a_lane_that_could_not_be_let_go_is_let_go_when_the_database_is_back(
    world: World, hasty: Callable[..., None]
) -> None:
    wh: Any = world.at("wh")
    notice = _notice(world, hasty)
    lane = world.one("SELECT id FROM lane WHERE connection = 'wh' AND direction = 'out'")
    with ExitStack() as held:
        wh.before = lambda _: held.enter_context(locked(world, "lane"))
        world.hurry(world.engine, lane)
        assert lane in world.engine.left
        assert lane in world.engine.bell.rung  # type: ignore[attr-defined]
    wh.before = lambda _: None
    world.hurry(world.engine, lane)
    assert world.engine.left == {}
    stands = "SELECT status, crashes FROM work WHERE id = :id"
    assert tuple(world.one(stands, id=notice)) == ("unknown", 0)
