"""A corrected telling passes a parked one: what says all of a thing, and can be read, takes the
place of what nobody can read; what tells a part of it passes nothing.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from hub.flows.messages import replay
from hub.store.messages import lanes
from tests.kit import catalogue
from tests.kit.catalogue import sales_order
from tests.kit.world import Merchant

ODD = {"currency": "???"}


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    return new_merchant(adapter="generic_channel")


def kept(acme: Merchant, message: UUID) -> Any:
    return acme.world.one(
        """SELECT status, successor, error ->> 'code' AS code, error ->> 'message' AS said
        FROM message WHERE id = :id""",
        id=message,
    )


def refund(acme: Merchant, **changes: Any) -> UUID:
    tree = catalogue.refund(channel=acme.at_shop.code, **changes)
    return acme.world.tell(acme.at_shop.code, tree, key="1001").id


def statuses(acme: Merchant, *ids: UUID) -> list[str]:
    return [acme.status(one) for one in ids]


def test_a_newer_telling_that_can_be_read_passes_a_parked_one(acme: Merchant) -> None:
    odd = acme.order(**ODD).id
    acme.world.run()
    assert acme.status(odd) == "parked"
    good = acme.order(minute=5).id
    acme.world.run()
    assert statuses(acme, odd, good) == ["superseded", "done"]
    row = kept(acme, odd)
    assert (row.successor, row.code) == (f"message:{good}", "overtaken")
    assert row.said.startswith("a newer telling of it took its place; it stood parked: ")
    assert "sealed:" not in row.said  # the words that it stood parked for are its attempt's
    assert acme.world.one("SELECT fate FROM attempt WHERE message_id = :id", id=odd) == "parked"
    assert acme.row().status == "open"
    assert acme.work() == []
    with acme.world.unit() as unit:
        refused = replay.replay(unit, [odd], "tester", "again").overtaken
    assert str(refused[odd]) == row.said
    with acme.world.unit() as unit:
        assert str(replay.edit(unit, odd, b"{}", "tester", "mended")) == row.said


def test_one_that_came_before_the_older_was_parked_passes_it_as_well(acme: Merchant) -> None:
    odd, good = acme.order(**ODD).id, acme.order(minute=5).id
    acme.world.run()
    assert statuses(acme, odd, good) == ["superseded", "done"]


def test_what_stands_between_is_worked_first(acme: Merchant) -> None:
    odd = acme.order(**ODD).id
    paid_back = refund(acme)
    good = acme.order(minute=5).id
    acme.world.run()
    assert statuses(acme, odd, paid_back, good) == ["superseded", "done", "done"]
    ended = acme.rows(
        """SELECT message_id FROM attempt WHERE merchant_id = :merchant AND fate = 'done'
        ORDER BY started_at, id"""
    )
    mine = [row[0] for row in ended if row[0] in {paid_back, good}]
    assert mine == [paid_back, good]


def test_a_part_passes_nothing_and_is_not_passed(acme: Merchant) -> None:
    odd = refund(acme, amount="much")
    whole = acme.order().id
    acme.world.run()
    assert statuses(acme, odd, whole) == ["parked", "behind"]
    other = acme.order(1002, **ODD).id
    part = acme.world.tell(
        acme.at_shop.code,
        catalogue.refund("r2", order=1002, channel=acme.at_shop.code),
        key="1002",
    ).id
    acme.world.run()
    assert statuses(acme, other, part) == ["parked", "behind"]


def test_repeats_that_cannot_be_read_either_are_looked_at_once(
    acme: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []
    decode = acme.at_shop.decode

    def counted(topic: str, raw: bytes) -> Any:
        decoded.append(json.loads(raw)["updated_at"])
        return decode(topic, raw)

    monkeypatch.setattr(acme.at_shop, "decode", counted)
    odd = [acme.order(minute=minute, **ODD).id for minute in range(4)]
    acme.world.run()
    assert statuses(acme, *odd) == ["parked", "behind", "behind", "behind"]
    tries = len(decoded)
    assert tries == 1 + 3
    odd.append(acme.order(minute=5, **ODD).id)
    acme.world.run()
    assert len(decoded) == tries + 1
    tries = len(decoded)
    for _ in range(3):
        with acme.world.store.database.begin() as db:
            assert lanes.due(db) == []
        acme.world.run()
    assert len(decoded) == tries
    good = acme.order(minute=9).id
    acme.world.run()
    assert statuses(acme, *odd, good) == ["superseded"] * 5 + ["done"]
    assert acme.row().status == "open"


def test_what_a_person_had_worked_meanwhile_is_not_closed(acme: Merchant) -> None:
    odd = acme.order(**ODD).id
    acme.world.run()
    good = acme.order(minute=5).id
    with acme.world.unit() as unit:
        raw = json.dumps(sales_order(channel=acme.at_shop.code)).encode()
        replay.edit(unit, odd, raw, "tester", "as it was meant")
    acme.world.run()
    assert statuses(acme, odd, good) == ["done", "done"]


def test_a_paused_connection_passes_nothing(acme: Merchant) -> None:
    odd = acme.order(**ODD).id
    acme.world.run()
    acme.rows(
        "UPDATE connection SET status = 'paused' WHERE code = :shop RETURNING code",
        shop=acme.at_shop.code,
    )
    good = acme.order(minute=5).id
    with acme.world.store.database.begin() as db:
        assert lanes.due(db) == []
    assert statuses(acme, odd, good) == ["parked", "behind"]
