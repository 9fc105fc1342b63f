"""Notices and receipts that come at once, over the lanes and in two transactions."""

from collections.abc import Callable
from threading import Barrier, Thread

from hub.flows.inbound import requests
from tests.flows.inbound.goods import Dock
from tests.kit.catalogue import goods_receipt

PARTS = 6


def test_the_same_and_other_receipts_at_once_are_each_booked_once(dock: Dock) -> None:
    dock.announce(lines=[("A", 100)])
    start, said = Barrier(4), []

    def tell(at: int) -> None:
        start.wait()
        for part in range(PARTS):
            number = (part + at) % PARTS
            tree = goods_receipt("PO-1", f"g{number}", pieces={"A": number + 1}, complete=False)
            said.extend(dock.take(tree))

    threads = [Thread(target=tell, args=(at,)) for at in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(said) == [("done", "")] * PARTS + [("ignored", "repeated")] * PARTS * 3
    assert dock.stock() == {"A": sum(range(1, PARTS + 1))}
    dock.check()


def test_a_notice_and_its_receipt_at_once_find_each_other(new_dock: Callable[..., Dock]) -> None:
    dock = new_dock()
    for turn in range(8):
        number, start = f"PO-{turn}", Barrier(2)

        def announce(number: str = number, start: Barrier = start) -> None:
            start.wait()
            dock.announce(number, lines=[("A", 2)])

        def receive(number: str = number, start: Barrier = start) -> None:
            start.wait()
            dock.receive("g1", number, pieces={"A": 2})

        threads = [Thread(target=announce), Thread(target=receive)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert dock.status(number) == "received"
    assert dock.stock() == {"A": 16}
    dock.check()


def test_over_the_lanes_a_notice_is_told_received_and_the_books_hear(dock: Dock) -> None:
    world, acme = dock.world, dock.acme
    world.tell(acme.at_erp.code, dock.notice(), key="PO-1")
    world.run()
    assert acme.at_wh.topics() == ["inbound_notice"]
    for number in ("g1", "g1", "g2"):
        pieces = {"A": 5} if number == "g1" else {"A": 5, "B": 5}
        tree = goods_receipt("PO-1", number, pieces=pieces, complete=number == "g2")
        world.tell(dock.wh, tree, key="PO-1")
    world.run()
    assert (dock.status(), dock.stock()) == ("received", {"A": 10, "B": 5})
    assert acme.at_erp.topics() == ["goods_receipt", "goods_receipt"]
    dock.check()


def test_a_notice_of_an_unknown_article_waits_for_the_product(dock: Dock) -> None:
    world, acme = dock.world, dock.acme
    message = world.tell(acme.at_erp.code, dock.notice(lines=[("LATER", 3)]), key="PO-1").id
    world.run()
    assert (acme.status(message), acme.reason(message)) == ("waiting", "unknown_sku")


def test_a_warehouse_that_has_no_word_for_notices_is_told_by_a_person(dock: Dock) -> None:
    world, acme = dock.world, dock.acme
    world.sql("UPDATE connection SET takes = '{fulfilment_order}' WHERE code = :c", c=dock.wh)
    world.sql(
        "UPDATE setting SET value = jsonb_set(value, '{version}', "
        "to_jsonb(CAST(value ->> 'version' AS bigint) + 1)) WHERE name = 'directory'"
    )
    assert dock.announce() == [("done", "")]
    assert (dock.status(), dock.told(), acme.incidents()) == (
        "notified",
        [],
        ["warehouse_not_told"],
    )


def test_what_was_not_told_yet_is_taken_back_when_it_is_cancelled(dock: Dock) -> None:
    dock.announce()
    (row,) = dock.acme.rows("SELECT id FROM inbound_notice WHERE merchant_id = :merchant")
    with dock.world.unit() as unit:
        assert requests.cancel(unit, row.id, "ann", "not needed") == "cancelled"
    dock.world.run()
    assert (dock.acme.at_wh.topics(), dock.told()) == ([], [])
    dock.announce("PO-2")
    dock.world.run()
    (row,) = dock.acme.rows(
        "SELECT id FROM inbound_notice WHERE merchant_id = :merchant AND number = 'PO-2'"
    )
    with dock.world.unit() as unit:
        requests.cancel(unit, row.id, "ann", "not needed")
    dock.world.run()
    assert dock.acme.at_wh.topics() == ["inbound_notice", "inbound_cancellation"]
    dock.check()
