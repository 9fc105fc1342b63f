"""Bulk and hanging partners do not delay others, nor orders of their own connection."""

import json
import time
from typing import Any

import pytest

from hub.flows.config import pause
from hub.flows.products import meanings
from tests.kit.catalogue import sales_order
from tests.kit.world import Merchant, World
from tests.kit.world.processes import within
from tests.workers.queueing import queue
from tests.workers.shifts import crew, wait_for
from workers.inbound import inbound


def report(acme: Merchant, number: int) -> None:
    """A warehouse counts."""
    tree = {
        "type": "stock_report",
        "source": {"connection": acme.at_wh.code, "id": f"count-{number}"},
        "warehouse": acme.at_wh.code,
        "counted_at": "2026-11-24T10:00:00Z",
        "lines": [{"sku": "A", "on_hand": "10"}],
    }
    raw = json.dumps(tree).encode()
    acme.world.tell_raw(acme.at_wh.code, "stock_report", raw, f"count-{number}", bulk=True)


def test_G22_orders_pass_bulk_of_their_own_lane_and_a_fifth_is_left_for_bulk(
    acme: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[list[int]] = []
    drained = inbound.queue.load

    def watched(db: Any, vault: Any, claimed: Any) -> Any:
        batches.append([row.urgency for row, _ in claimed])
        return drained(db, vault, claimed)

    monkeypatch.setattr(inbound.queue, "load", watched)
    monkeypatch.setitem(inbound.queue.BATCH, "in", 10)
    for number in range(12):
        raw = json.dumps({"type": "bug"}).encode()
        acme.world.tell_raw(acme.at_shop.code, "products", raw, f"p{number}", bulk=True)
    for number in range(20):
        acme.order(number + 1, lines=[("C", 1)])
    acme.world.once()
    mine = [sorted(batch) for batch in batches if len(batch) > 1]
    assert mine[0] == [0] * 8 + [1] * 2
    assert sum(map(sum, mine[:2])) == 4
    acme.world.run()
    done = acme.rows("SELECT count(*) FROM sales_order WHERE merchant_id = :merchant")
    assert done[0][0] == 20


def test_G13_an_order_does_not_pass_bulk_of_its_own_key(acme: Merchant) -> None:
    raw = json.dumps(sales_order(1, channel=acme.at_shop.code, minute=1)).encode()
    first = acme.world.tell_raw(acme.at_shop.code, "sales_order", raw, "1", bulk=True).id
    second = acme.order(1, minute=2).id
    assert (acme.status(first), acme.status(second)) == ("received", "behind")
    acme.world.run()
    assert (acme.status(first), acme.status(second)) == ("done", "done")
    ended = acme.rows(
        "SELECT id FROM message WHERE merchant_id = :merchant AND direction = 'in' "
        "ORDER BY finished_at"
    )
    assert [row[0] for row in ended] == [first, second]


def test_G22_a_partner_that_hangs_on_many_lanes_leaves_threads_for_others(world: World) -> None:
    world.merchant().shop("hangs", takes=("stock_level",), shards=16)
    queue(world, "hangs", 64)
    with crew(world, "stall", "hangs"):
        wait_for(lambda: len(_lines(world, "stalled")) >= 12)
        since = time.monotonic()
        for number in range(1, 6):
            world.tell("shop", sales_order(number, lines=[("C", 1)]), key=str(number))
        wait_for(lambda: len(_lines(world, "effects")) >= 10)  # notices, and orders for the books
        assert time.monotonic() - since < within(20)
        assert len(_lines(world, "stalled")) == 12  # half of its threads, each with one call
        (world.home / "go").touch()


@pytest.mark.parametrize("fact", ["connection", "code"])
def test_what_waits_for_a_fact_goes_on_within_five_seconds_and_no_attempt_was_spent(
    world: World, fact: str
) -> None:
    at = "erp" if fact == "connection" else "wh"
    if fact == "connection":
        with world.unit() as unit:
            pause.pause(unit, at, "by a person")
    with crew(world, *(("unmapped", "wh") if fact == "code" else ())):
        world.tell("shop", sales_order(1, lines=[("C", 1)]), key="1")
        waits = "SELECT id, attempts FROM work WHERE connection = :at AND status = 'waiting'"
        wait_for(lambda: world.sql(waits, at=at))
        ((notice, attempts),) = world.sql(waits, at=at)
        assert attempts == 0
        with world.unit() as unit:
            if fact == "connection":
                pause.resume(unit, at)
            else:
                meanings.map_code(unit, at, "carriers", "RKT", "ROCKET", "tester")
        took = wait_for(lambda: world.message_status(notice) == "delivered")
        assert took < within(5)
        assert world.one("SELECT attempts FROM message WHERE id = :id", id=notice) == 1


def test_a_document_that_ends_the_process_is_parked_and_never_reaches_the_partner(
    world: World,
) -> None:
    world.sql("UPDATE connection SET adapter = 'generic_warehouse' WHERE code = 'wh'")
    world.tell("shop", sales_order(1, lines=[("C", 1)]), key="1")
    world.sql("UPDATE connection SET takes = '{}' WHERE code IN ('shop', 'erp')")
    for crash in range(1, 4):
        with crew(world, "crash", "wh") as worker:
            assert worker.wait(60) == 1
        assert len(_lines(world, "crashed")) == crash
    parked = """SELECT error ->> 'code' FROM message JOIN work USING (id)
        WHERE work.connection = 'wh' AND work.status = 'parked'"""
    with crew(world):
        wait_for(lambda: world.sql(parked) == [("crashes_worker",)])
    assert _lines(world, "effects") == []


def _lines(world: World, name: str) -> list[str]:
    path = world.home / name
    return path.read_text().splitlines() if path.exists() else []
