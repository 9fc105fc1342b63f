"""Lines that somebody else sends reach the books, and never a warehouse of ours."""

from typing import Any

from hub.store.config import snapshot
from tests.kit.catalogue import refund, sales_order, shipment
from tests.kit.world import Merchant


def told_to_ship(acme: Merchant) -> list[list[str]]:
    """The SKUs of each fulfilment order that the warehouse was told."""
    return [
        [line.sku for line in document.lines]
        for kind, _, document in acme.at_wh.told
        if kind == "fulfilment_order"
    ]


def by(service: str | None, *skus: str, **changes: Any) -> dict[str, Any]:
    """An order of one piece each of A and B; these SKUs are sent by the service."""
    told = sales_order(1001, lines=[("A", 1), ("B", 1)], **changes)
    for line in told["lines"]:
        if line["sku"] in skus:
            line["fulfilled_by"] = service
    return {"lines": told["lines"], "totals": told["totals"], **changes}


def test_a_line_that_another_service_sends_is_in_the_books_and_told_to_no_warehouse(
    acme: Merchant,
) -> None:
    number = acme.notify(**by("printhouse", "B"))
    assert told_to_ship(acme) == [["A"]]
    (sold,) = [document for kind, _, document in acme.at_erp.told if kind == "sales_order"]
    assert [(line.sku, line.fulfilled_by) for line in sold.lines] == [
        ("A", None),
        ("B", "printhouse"),
    ]
    assert acme.stock()["B"] == (10, 0)
    acme.says(shipment(number))
    acme.world.run()
    assert acme.row().status == "completed"
    assert told_to_ship(acme) == [["A"]]


def test_an_order_that_others_send_whole_is_recorded_though_nobody_knows_its_articles(
    acme: Merchant,
) -> None:
    told = by("printhouse", "A", "B")
    told["lines"][0]["sku"] = "NOBODY-KNOWS"
    acme.order(**told)
    acme.world.run()
    assert (acme.row().status, told_to_ship(acme)) == ("completed", [])
    assert acme.at_erp.topics() == ["sales_order"]
    (detail,) = acme.rows(
        "SELECT detail FROM timeline WHERE merchant_id = :merchant AND event = 'recorded'"
    )
    assert detail[0] == {"because": "others_ship"}


def test_one_that_is_not_paid_is_held_like_any_other(acme: Merchant) -> None:
    acme.order(payment_state="pending", **by("printhouse", "A", "B"))
    acme.world.run()
    assert [reason["code"] for reason in acme.row().hold_reasons] == ["awaiting_payment"]


def test_what_others_sent_before_we_heard_of_it_holds_nothing(acme: Merchant) -> None:
    told = by("printhouse", "B")
    told["lines"][1]["fulfilled_quantity"] = "1"
    acme.order(fulfilment_state="partial", **told)
    acme.world.run()
    assert (acme.row().status, told_to_ship(acme)) == ("open", [["A"]])


def test_a_line_that_goes_to_another_sender_is_taken_back_and_one_that_comes_is_planned(
    acme: Merchant,
) -> None:
    acme.notify(**by("printhouse", "B"))
    acme.order(minute=5, **by("printhouse", "A"))
    acme.world.run()
    assert acme.fulfilment() == ["cancel_requested", "notified"]
    assert told_to_ship(acme) == [["A"], ["B"]]
    assert acme.at_wh.topics().count("fulfilment_cancellation") == 1


def test_an_order_after_an_exchange_has_the_new_article_sent_and_the_old_one_never_again(
    acme: Merchant,
) -> None:
    number = acme.notify(lines=[("A", 1)])
    acme.says(shipment(number))
    acme.world.run()
    line = {"channel_line_id": "1001-1", "sku": "A", "quantity": "1", "amount": "10.00"}
    more = {"amount": "0.00", "restock": True, "lines": [{**line, "restock": True}]}
    acme.world.tell(acme.at_shop.code, refund(channel=acme.at_shop.code, **more), key="1001")
    after = sales_order(1001, lines=[("A", 1), ("B", 1)])
    after["lines"][0]["fulfilled_quantity"] = "1"
    after["totals"] |= {"paid": "10.00", "outstanding": "10.00"}
    acme.order(
        minute=9,
        payment_state="partially_paid",
        fulfilment_state="partial",
        lines=after["lines"],
        totals=after["totals"],
    )
    acme.world.run()
    assert told_to_ship(acme) == [["A"], ["B"]]
    (back,) = [document for kind, _, document in acme.at_erp.told if kind == "refund"]
    assert back.amount == 0


def test_a_service_that_is_a_warehouse_of_ours_sends_its_lines_and_nobody_else_does(
    acme: Merchant,
) -> None:
    world, print_ = acme.world, f"{acme.at_wh.code}-print"
    acme.warehouse(print_, A=5)
    world.sql(
        """UPDATE connection SET options = jsonb_build_object('fulfilment_services',
        jsonb_build_object('printhouse', CAST(:warehouse AS text))) WHERE code = :shop""",
        warehouse=print_,
        shop=acme.at_shop.code,
    )
    with world.store.database.begin() as db:
        snapshot.changed(db)
    acme.order(**by("printhouse", "A"))
    world.run()
    assert told_to_ship(acme) == [["B"]]
    assert [[line.sku for line in one.lines] for _, _, one in world.at(print_).told] == [["A"]]
    acme.order(1002, **by("printhouse", "B"))
    world.run()
    assert acme.row(1002).status == "held"  # the other warehouse has B, and may not send it
    assert [reason["code"] for reason in acme.row(1002).hold_reasons] == ["out_of_stock"]
