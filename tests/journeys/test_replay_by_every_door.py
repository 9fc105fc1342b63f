"""The same selection of messages, replayed in the console, in the API and on the command line:
the same becomes of it.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner

from hub.cli.main import cli
from hub.flows.messages import replay, replay_selection
from hub.flows.messages.replay_selection import Selection
from hub.model.errors import SeveralConnections
from hub.store.views.messages import Wanted
from tests.kit.world import World
from tests.kit.world.console import Console
from tests.kit.world.gateway import Gateway

REASON = "the cause is mended"


@dataclass
class Heap:
    """Parked messages of two shops; one may have arrived, and one shop is paused."""

    world: World
    ids: dict[str, UUID]

    def statuses(self) -> dict[str, str]:
        return {name: self.world.message_status(id_) for name, id_ in self.ids.items()}

    def replayed(self) -> list[str]:
        rows = self.world.sql(
            "SELECT subject, detail FROM audit WHERE action = 'message.replay' ORDER BY subject"
        )
        assert all(row.detail == {"reason": REASON} for row in rows)
        return [row.subject for row in rows]


@pytest.fixture
def heap(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heap]:
    monkeypatch.setenv("ORDERHUB_HOME", str(tmp_path))
    monkeypatch.setenv("ORDERHUB_DATABASE_URL", db_url)
    world = World(db_url, tmp_path)
    world.merchant().shop("shop-a").shop("shop-b")
    names = {"first": "shop-a", "second": "shop-a", "other": "shop-b", "unsure": "shop-a"}
    ids = {
        name: world.tell_raw(shop, "sales_order", b"{not json", key=name).id
        for name, shop in names.items()
    }
    world.run()
    world.sql(
        """UPDATE message SET error = '{"code": "unknown_outcome", "path": "", "message": "x"}'
        WHERE id = :id""",
        id=ids["unsure"],
    )
    world.sql("UPDATE connection SET status = 'paused' WHERE code = 'shop-b'")
    yield Heap(world, ids)
    world.close()


@dataclass(frozen=True)
class Said:
    """What a door said: whether it refused the whole, and its words."""

    is_refused: bool
    words: str


def by_console(world: World, *, every: bool) -> Said:
    console = Console(world)
    person = console.person("operator" if every else "integrator")
    path = "/messages/replay?status=parked" + ("&across=1" if every else "")
    shown = person.get(path).text
    assert ("Of which connection?" in shown) is not every
    answer = person.post(path, count=1000, reason=REASON)
    refused = answer.location.startswith("/messages/replay")
    return Said(refused, person.get("/messages").text)


def by_api(world: World, *, every: bool) -> Said:
    gateway = Gateway(world)
    asked = {"status": "parked", "reason": REASON, **({"every_connection": True} if every else {})}
    answer = gateway.call("POST", "messages/replay", gateway.key("all"), asked)
    gateway.close()
    if answer.status_code == 202:
        job = answer.json
        detail = job["detail"]
        assert (job["done"], job["total"]) == (3, 4)
        assert (detail["queued"], detail["left"], detail["paused"]) == (3, 0, ["shop-b"])
        assert [one["code"] for one in detail["refused"]] == ["unknown_outcome"]
    return Said(answer.status_code == 409, answer.text)


def by_command_line(_world: World, *, every: bool) -> Said:
    args = ["messages", "replay", "--status", "parked", "--reason", REASON, "--json"]
    done = CliRunner().invoke(cli, [*args, *(["--every-connection"] if every else [])])
    if done.exit_code == 0:
        told = json.loads(done.stdout)
        assert (told["replayed"], told["left"], told["paused"]) == (3, 0, ["shop-b"])
        assert [one["code"] for one in told["refused"]] == ["unknown_outcome"]
    return Said(done.exit_code == 65, done.stdout + done.stderr)


DOORS: dict[str, tuple[Callable[..., Said], str]] = {
    "console": (by_console, "choose one, or all of them"),
    "api": (by_api, "name one as connection, or say every_connection: true"),
    "command line": (by_command_line, "choose one with --connection, or say --every-connection"),
}


@pytest.mark.parametrize("door", DOORS)
def test_the_same_becomes_of_a_selection_by_every_door(heap: Heap, door: str) -> None:
    ask, how = DOORS[door]
    unasked = ask(heap.world, every=False)
    assert unasked.is_refused
    assert how in unasked.words
    assert "(shop-a, shop-b)" in unasked.words
    assert set(heap.statuses().values()) == {"parked"}
    assert heap.replayed() == []

    meant = ask(heap.world, every=True)
    assert not meant.is_refused
    assert "shop-b" in meant.words
    assert heap.statuses() == {
        "first": "received",
        "second": "received",
        "other": "received",
        "unsure": "parked",
    }
    going = [heap.ids[name] for name in ("first", "second", "other")]
    assert heap.replayed() == sorted(f"message:{id_}" for id_ in going)


def test_a_call_takes_the_oldest_and_says_how_many_are_left(heap: Heap) -> None:
    wanted = Wanted(connection="shop-a")
    with heap.world.unit() as unit:
        foreseen = replay_selection.foresee(unit, Selection(wanted, most=1))
        done = replay_selection.replay_selection(unit, Selection(wanted, most=1), "tester", REASON)
    assert (foreseen.queued, foreseen.left) == (done.queued, done.left)
    assert list(foreseen.refused) == list(done.refused) == [heap.ids["unsure"]]
    assert (done.queued, done.left) == ([heap.ids["first"]], 1)
    with heap.world.unit() as unit:
        rest = replay_selection.replay_selection(unit, Selection(wanted), "tester", REASON)
    assert (rest.queued, rest.left) == ([heap.ids["second"]], 0)


def test_several_connections_are_found_beyond_what_one_call_works(heap: Heap) -> None:
    few = Selection(most=1)
    with heap.world.unit() as unit:
        foreseen = replay_selection.foresee(unit, few)
        assert (foreseen.connections, foreseen.across) == ({"shop-a": 1}, {"shop-a", "shop-b"})
        assert replay_selection.crosses_unasked(few, foreseen.across)
        with pytest.raises(SeveralConnections) as refused:
            replay_selection.replay_selection(unit, few, "tester", REASON)
    assert list(refused.value.connections) == ["shop-a", "shop-b"]
    assert set(heap.statuses().values()) == {"parked"}


def test_one_that_cannot_be_does_not_stop_the_others(heap: Heap) -> None:
    with heap.world.unit() as unit:
        replay.discard(unit, [heap.ids["first"]], "tester", "not wanted")
    named = Selection(ids=[heap.ids["first"], heap.ids["other"]])
    with heap.world.unit() as unit:
        done = replay_selection.replay_selection(unit, named, "tester", REASON)
    assert done.queued == [heap.ids["other"]]
    assert {id_: str(one.reason) for id_, one in done.refused.items()} == {
        heap.ids["first"]: "ended"
    }
