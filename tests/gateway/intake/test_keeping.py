"""Deliveries that arrive together are committed together, and each hears what became of its own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from hub.gateway.intake.group_commit import Keeper
from hub.store.base.failures import DatabaseAway
from hub.store.base.ids import new_id
from hub.store.messages import inbox
from hub.store.messages.inbox import Arrival
from tests.kit.world.gateway import Gateway


def arrival(delivery: str, *, topic: str = "t", key: str | None = None) -> Arrival:
    return Arrival(
        id=new_id(),
        merchant="acme",
        connection="shop-a",
        shards=4,
        topic=topic,
        delivery_id=delivery,
        key=key,
        payload=b"x",
        correlation_id=new_id(),
    )


@pytest.fixture
def keeper(gateway: Gateway) -> Any:
    return Keeper(gateway.store)


def together(work: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same time; what each returned or raised."""
    found: list[Any] = [None] * len(work)

    def run(at: int) -> None:
        try:
            found[at] = work[at]()
        except Exception as error:  # noqa: BLE001  # it is what is asked for
            found[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_each_of_many_is_kept_once(gateway: Gateway, keeper: Keeper) -> None:
    arrivals = [arrival(f"d-{at % 50}", key=f"k-{at % 7}") for at in range(200)]
    kept = together([lambda one=one: keeper.keep(one) for one in arrivals])
    by_delivery: dict[str, set[Any]] = {}
    for one, where in zip(arrivals, kept, strict=True):
        by_delivery.setdefault(one.delivery_id, set()).add(where.id)
    assert len(by_delivery) == 50
    assert all(len(ids) == 1 for ids in by_delivery.values())
    assert sum(where.repeat == 0 for where in kept) == 50
    assert (gateway.world.count("message"), gateway.world.count("work")) == (50, 50)
    assert gateway.world.sql("SELECT count(*) FROM work WHERE status = 'received'") == [(7,)]


def test_one_that_the_database_refuses_does_not_stop_the_others(
    gateway: Gateway, keeper: Keeper
) -> None:
    arrivals = [arrival(f"d-{at}", topic="\x00" if at == 3 else "t") for at in range(12)]
    found = together([lambda one=one: keeper.keep(one) for one in arrivals])
    assert [at for at, one in enumerate(found) if isinstance(one, Exception)] == [3]
    assert gateway.world.count("message") == 11


def test_all_that_wait_hear_that_the_database_is_away(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("gone")

    monkeypatch.setattr("hub.gateway.intake.group_commit.inbox.keep", away)
    found = together([lambda at=at: keeper.keep(arrival(f"d-{at}")) for at in range(8)])
    assert {type(one) for one in found} == {DatabaseAway}


def test_G24_a_line_that_is_too_long_or_too_old_takes_no_more(
    gateway: Gateway, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.gateway.intake.group_commit.MOST_IN_LINE", 3)
    go, keep = threading.Event(), inbox.keep

    def slow(*given: Any) -> Any:
        assert go.wait(60)
        return keep(*given)

    monkeypatch.setattr("hub.gateway.intake.group_commit.inbox.keep", slow)
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda at=at: found.append(keeper.keep(arrival(f"d-{at}"))))
        for at in range(6)
    ]
    for thread in threads:
        thread.start()
    while len(keeper._line) < 3:
        assert all(thread.is_alive() for thread in threads)
    with pytest.raises(DatabaseAway):
        keeper.keep(arrival("one too many"))
    go.set()
    for thread in threads:
        thread.join()
    assert len(found) == gateway.world.count("message") == 6
    assert keeper._writing == 0
    assert keeper.keep(arrival("later")).repeat == 0


def test_G24_who_waits_too_long_is_told_and_the_line_goes_on(
    gateway: Gateway, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.gateway.intake.group_commit.PATIENCE_S", 0.2)
    monkeypatch.setattr("hub.gateway.intake.group_commit.WRITERS", 1)
    go, keep = threading.Event(), inbox.keep

    def slow(*given: Any) -> Any:
        assert go.wait(60)
        return keep(*given)

    monkeypatch.setattr("hub.gateway.intake.group_commit.inbox.keep", slow)
    first = threading.Thread(target=lambda: keeper.keep(arrival("first")))
    first.start()
    while not keeper._writing:
        assert first.is_alive()
    with pytest.raises(DatabaseAway):
        keeper.keep(arrival("second"))
    go.set()
    first.join()
    assert (keeper._writing, len(keeper._line)) == (0, 0)
    assert gateway.world.count("message") == 1
