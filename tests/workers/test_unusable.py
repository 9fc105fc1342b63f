"""A process that cannot use a connection says what it lacks; others go on, in time it does too."""

from collections.abc import Mapping
from typing import Any

import pytest

from hub.model.errors import BadData
from hub.store.config import hindrances
from hub.store.config.hindrances import Hindrance
from hub.store.views import connection_health
from tests.kit.catalogue import sales_order
from tests.kit.world import Adapters, Scripted, World
from workers.context import Context
from workers.schedule import chores

LACKING = BadData(
    "the environment variable WH_TOKEN is not set", path="secrets.token", code="missing_secret"
)


class Without(Adapters):
    """The adapters of a process that lacks what the warehouse's needs, while `lacks` is set."""

    def __init__(self, whole: Adapters, error: BadData = LACKING) -> None:
        self.made, self.lacks, self.tried = whole.made, error, 0
        self.inward_too = False

    def of(self, partner: Any, network: Mapping[str, Any], version: int) -> Scripted:
        self.tried += partner.code == "wh"
        if partner.code == "wh" and self.lacks is not None:
            raise self.lacks
        return super().of(partner, network, version)

    def inward(self, partner: Any, network: Mapping[str, Any], version: int) -> Scripted:
        return self.of(partner, network, version) if self.inward_too else self.made[partner.code]


@pytest.fixture
def poor(world: World) -> Context:
    """A worker without the warehouse's token."""
    world.sql("""UPDATE connection SET secrets = '{"token": "env:WH_TOKEN"}' WHERE code = 'wh'""")
    world.sql("""UPDATE setting SET value = '{"version": 77}' WHERE name = 'directory'""")
    engine = world.worker()
    engine.adapters = Without(world.adapters)  # type: ignore[assignment]
    engine.__post_init__()
    return engine


def look(engine: Context) -> None:
    engine.inspector.look(engine.store.directory())
    engine.inspector.write()


def notice(world: World) -> tuple[str, str | None]:
    found = world.one("SELECT status, waits_for FROM work WHERE topic = 'fulfilment_order'")
    return tuple(found)


def test_what_one_worker_cannot_tell_another_tells(world: World, poor: Context) -> None:
    world.tell("shop", sales_order(1), key="1")
    world.once()
    world.once(poor)
    assert notice(world) == ("pending", None)
    assert world.one("SELECT status FROM connection WHERE code = 'wh'") == "active"
    assert world.one("SELECT count(*) FROM lane WHERE holder IS NOT NULL") == 0
    assert world.at("wh").told == []
    world.run()
    assert [kind for kind, _, _ in world.at("wh").told] == ["fulfilment_order"]
    assert world.one("SELECT count(*) FROM incident") == 0


def test_a_lane_that_cannot_be_worked_is_not_taken_again_and_again(
    world: World, poor: Context
) -> None:
    world.tell("shop", sales_order(1), key="1")
    world.once()
    world.once(poor)
    adapters: Any = poor.adapters
    fences, tried = world.sql("SELECT id, fence FROM lane ORDER BY id"), adapters.tried
    for _ in range(20):
        world.once(poor)
    assert world.sql("SELECT id, fence FROM lane ORDER BY id") == fences
    assert adapters.tried == tried
    (lane,) = world.due()
    bell: Any = poor.bell
    assert bell.rung.count(lane) == 1  # passed on to others once in that second


def test_it_goes_on_by_itself_once_what_was_missing_is_there(world: World, poor: Context) -> None:
    world.tell("shop", sales_order(1), key="1")
    world.once()
    world.once(poor)
    adapters: Any = poor.adapters
    adapters.lacks = None
    look(poor)
    world.run(poor)
    assert [kind for kind, _, _ in world.at("wh").told] == ["fulfilment_order"]


def test_what_came_in_is_left_for_another_untouched(world: World, poor: Context) -> None:
    adapters: Any = poor.adapters
    adapters.inward_too = True
    kept = world.tell("wh", {"type": "bug"}, key="x")
    world.once(poor)
    assert tuple(world.one("SELECT status, attempts FROM work WHERE id = :id", id=kept.id)) == (
        "received",
        0,
    )


@pytest.mark.parametrize(
    ("error", "reference", "expected"),
    [
        (LACKING, "env:WH_TOKEN", ("env", "WH_TOKEN")),
        (LACKING, "file:/run/secrets/token", ("file", "/run/secrets/token")),
        (LACKING, "enc:AAAA", ("enc", "token")),
        (BadData("none of that name", path="adapter"), "env:WH_TOKEN", ("adapter", "qimen")),
        (BadData("a URL is expected", path="settings.url"), "", ("setting", "settings.url")),
    ],
)
def test_what_is_missing_is_named_and_never_its_value(
    world: World, error: BadData, reference: str, expected: tuple[str, str]
) -> None:
    world.sql(
        "UPDATE connection SET secrets = jsonb_build_object('token', CAST(:ref AS text))",
        ref=reference,
    )
    world.sql("""UPDATE setting SET value = '{"version": 78}' WHERE name = 'directory'""")
    partner = world.store.directory().connections["wh"]
    assert hindrances.of(partner, "out", error) == Hindrance("wh", "out", *expected)


def test_it_is_an_incident_that_names_process_and_variable_and_ends_by_itself(
    world: World, poor: Context
) -> None:
    bell: Any = type("Bell", (), {"away_s": lambda self: 0.0, "ring_lanes": lambda *_: None})()
    look(poor)
    assert [one.name for one in hindered(world)] == ["WH_TOKEN"]
    chores.look_after_ourselves(world.store, bell)
    assert world.sql("SELECT kind FROM incident") == []  # a process that has just begun
    world.sql("UPDATE hindrance SET since = now() - interval '20 s'")
    look(poor)
    chores.look_after_ourselves(world.store, bell)
    kind, subject, sentence = world.one("SELECT kind, subject, sentence FROM incident")
    process = hindered(world)[0].process
    assert (kind, subject) == ("connection_unusable", "connection:wh")
    told = f"{process} cannot use wh, for want of the environment variable WH_TOKEN: others go on."
    assert sentence == told
    adapters: Any = poor.adapters
    adapters.lacks = None
    look(poor)
    chores.look_after_ourselves(world.store, bell)
    assert world.one("SELECT status FROM incident") == "closed"
    assert hindered(world) == []


def test_a_process_that_is_gone_hinders_nothing(world: World, poor: Context) -> None:
    look(poor)
    world.sql("UPDATE hindrance SET seen_at = now() - interval '31 s'")
    assert hindered(world) == []


def test_an_overdue_message_that_no_process_can_tell_is_one_trouble_not_two(
    world: World, poor: Context
) -> None:
    world.tell("shop", sales_order(1), key="1")
    world.once()
    world.sql("UPDATE work SET due = due - interval '10 minutes' WHERE connection = 'wh'")
    world.sql("UPDATE worker SET kind = 'worker'")
    look(poor)
    world.sql("UPDATE hindrance SET since = now() - interval '20 s'")
    bell: Any = type("Bell", (), {"away_s": lambda self: 0.0, "ring_lanes": lambda *_: None})()
    chores.look_after_ourselves(world.store, bell)
    assert world.sql("SELECT kind FROM incident") == [("connection_unusable",)]


def hindered(world: World) -> list[Any]:
    with world.store.database.begin() as db:
        return connection_health.hindered(db).get("wh", [])
