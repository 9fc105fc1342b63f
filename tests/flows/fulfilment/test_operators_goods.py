"""Goods of a merchant, sold over the operator's channel and shipped by the operator's warehouse."""

from pathlib import Path

from hub.store import invariants
from tests.kit.catalogue import sales_order
from tests.kit.world import ONCE, World
from workers.drain import drain


def test_G13_a_cancel_behind_its_notice_is_let_go_and_told(db_url: str, tmp_path: Path) -> None:
    """Both run under the merchant's counter of the key, though the order is the operator's."""
    world = World(db_url, tmp_path)
    world.merchant()
    at_wh = world.operator().shop().warehouse().at_wh
    world.stock("wh", A=10, B=10)
    lane = world.one("SELECT id FROM lane WHERE connection = 'shop' AND direction = 'in'")

    def cancelled_meanwhile(document: object) -> None:
        at_wh.before = lambda _: None
        at = "2026-11-24T10:05:00Z"
        told = sales_order(1001, minute=5, state="cancelled", cancelled_at=at)
        world.tell("shop", told, key="1001")
        drain(world.worker(), lane, ONCE)

    at_wh.before = cancelled_meanwhile
    world.tell("shop", sales_order(1001), key="1001")
    world.run()
    assert at_wh.topics() == ["fulfilment_order", "fulfilment_cancellation"]
    assert world.sql("SELECT key FROM work") == []
    assert [one.title for one in invariants.check(world.store, at_rest=True) if one.broken] == []
    world.close()
