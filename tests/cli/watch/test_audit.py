"""`orderhub audit`, as one types it: what it says, and with what it leaves."""

import json
from pathlib import Path

import pytest

from hub.store.people import audit_trail
from tests.cli.conftest import Run
from tests.kit.catalogue import sales_order
from tests.kit.world import World

BREAK = "UPDATE stock_level SET on_hand = on_hand + 1 WHERE sku = 'A'"


@pytest.fixture
def delivery(world: World) -> str:
    """The message of an order that went its way."""
    kept = world.tell("shop", sales_order(), key="1001", delivery="d1")
    world.run()
    return str(kept.id)


def test_where_everything_holds_it_leaves_with_0(on_database: Run, delivery: str) -> None:
    done = on_database("audit", "--at-rest")
    assert done.code == 0, done.out
    assert "G18  a level is the sum of its ledger" in done.out
    assert done.out.rstrip().endswith("hold")
    assert "do not hold" not in done.out


def test_what_is_broken_is_counted_named_and_left_with_1(
    on_database: Run, world: World, delivery: str
) -> None:
    world.sql(BREAK)
    done = on_database("audit", "--json")
    assert done.code == 1
    assert done.out.count("\n") == 1, "one line"
    broken = done.json["broken"]
    assert {number: count for number, count in broken.items() if count} == {"G18": 1}
    assert {"G02", "G03", "G07", "G08", "G11", "G13", "G17", "G18", "G19", "G20"} <= set(broken)
    assert {"G25", "G28", "G29"} <= set(broken)
    (found,) = done.json["found"]
    assert (found["title"], found["such_as"]) == ("a level is the sum of its ledger", ["wh A good"])

    told = on_database("audit")
    assert told.code == 1
    (line,) = [one for one in told.out.splitlines() if "wh A good" in one]
    assert line.startswith("G18  a level is the sum of its ledger")
    assert "have the warehouse counted" in line
    assert "1 of " in told.out.splitlines()[-1]


def test_what_is_left_to_do_is_wrong_only_at_rest(on_database: Run, world: World) -> None:
    world.tell("shop", sales_order(), key="1001")
    assert on_database("audit").code == 0
    done = on_database("audit", "--at-rest", "--json")
    assert (done.code, done.json["broken"]["G02"]) == (1, 1)


def test_G19_an_order_whose_total_was_changed_is_found(
    on_database: Run, world: World, delivery: str
) -> None:
    world.sql("UPDATE sales_order SET grand_total = grand_total + 1")
    assert on_database("audit", "--documents", "0").code == 0
    done = on_database("audit", "--json")
    assert [(one["number"], one["count"]) for one in done.json["found"]] == [("G19", 1)]
    assert done.json["found"][0]["such_as"][0].endswith("totals.grand_total")


def test_G19_an_order_that_was_moved_does_not_open(
    on_database: Run, world: World, delivery: str
) -> None:
    world.sql("UPDATE sales_order SET document = set_byte(document, 20, 0)")
    world.sql("UPDATE sales_order SET document = set_byte(document, 21, 1)")
    done = on_database("audit", "--json")
    assert [(one["number"], one["count"]) for one in done.json["found"]] == [("G19", 1)]
    assert done.json["found"][0]["such_as"][0].endswith("does not open")


@pytest.mark.parametrize(("back", "count"), [("30.00", 0), ("30.01", 1)])
def test_G20_more_paid_back_than_was_paid_is_found(
    on_database: Run, world: World, delivery: str, back: str, count: int
) -> None:
    refund = {
        "type": "refund",
        "source": {"connection": "shop", "id": "r-1"},
        "refund_id": "r-1",
        "channel_order_id": "1001",
        "created_at": "2026-11-24T13:00:00Z",
        "currency": "EUR",
        "amount": "30.00",
    }
    world.tell("shop", refund, key="1001")
    world.run()
    world.sql("UPDATE refund SET amount = CAST(:back AS numeric)", back=back)
    assert on_database("audit", "--json").json["broken"]["G20"] == count


def history(path: Path, *trees: dict[str, object]) -> str:
    path.write_text("".join(json.dumps(tree) + "\n" for tree in trees))
    return str(path)


def test_a_history_is_held_against_the_tables(
    on_database: Run, world: World, delivery: str, tmp_path: Path
) -> None:
    answered = {"what": "answered", "connection": "shop", "topic": "sales_order", "status": 200}
    (number,) = world.one("SELECT array_agg(key) FROM message WHERE topic = 'fulfilment_order'")
    noted = {
        "what": "effected",
        "connection": "wh",
        "document": "fulfilment_order",
        "key": number,
        "content": ["A 2", "B 1"],
    }
    newest = {"key": "1001", "revision": "2026-11-24T10:00:00Z"}
    true = [
        {**answered, "delivery": "d1", **newest},
        {**answered, "message": delivery},
        noted,
        {"what": "complete", "connection": "wh"},
    ]
    path = history(tmp_path / "true.jsonl", *true)
    done = on_database("audit", "--at-rest", "--history", path, "--json")
    assert (done.code, done.json["found"]) == (0, [])
    assert {"G01", "G14"} <= set(done.json["broken"])

    wrong = [
        *true,
        {**answered, "delivery": "d2"},
        {**answered, "message": "0192f0c0-0000-7000-8000-000000000000"},
        {**answered, "delivery": "d1", "key": "1001", "revision": "2026-11-24T11:00:00Z"},
        noted,
    ]
    path = history(tmp_path / "wrong.jsonl", *wrong)
    done = on_database("audit", "--at-rest", "--history", path, "--json")
    counts = {number: count for number, count in done.json["broken"].items() if count}
    assert (done.code, counts) == (1, {"G01": 2, "G08": 2, "G14": 1})


def test_a_history_that_is_none_is_refused_with_its_line(on_database: Run, tmp_path: Path) -> None:
    path = tmp_path / "none.jsonl"
    path.write_text('{"what": "complete", "connection": "wh"}\nx\n')
    done = on_database("audit", "--history", str(path))
    assert (done.code, done.errors) == (65, {f"{path} line 2": "bad_json"})


def test_G29_the_log_knows_what_stood_in_the_audit(
    on_database: Run, world: World, tmp_path: Path
) -> None:
    with world.unit() as unit:
        audit_trail.record(unit.db, "acme", "ann", "hold", "order", {}, unit.at)
    with world.store.database.begin() as db:
        ((head, _),) = audit_trail.keep_heads(db, world.store.vault.index_key)
    log = {"event": "audit_head", "chain": head.chain, "number": 1, "hash": head.hash.hex()}
    path = history(tmp_path / "log.jsonl", {"event": "parked"}, log)
    with (tmp_path / "log.jsonl").open("a") as more:
        more.write("audit_head in a line that was cut off {")
    assert on_database("audit", "--log", path).code == 0
    history(tmp_path / "log.jsonl", {**log, "hash": "00" * 32})
    done = on_database("audit", "--log", path, "--json")
    assert done.json["found"][0]["such_as"] == ["acme 1 altered"]
