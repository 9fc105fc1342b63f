"""Orders of kits: told to the warehouse as their parts, and to everybody else as kits."""

from collections.abc import Callable
from typing import Any

import pytest

from hub.flows.ops import auditing
from hub.flows.orders import edits
from hub.flows.products import learn
from hub.flows.routing import what_if
from hub.model.fulfilment import FulfilmentOrder, Shipment
from hub.model.product import Product
from hub.rules.orders.editing import Edit
from mappings.kit.context import Context
from mappings.shopify import outward
from tests.kit.catalogue import product, shipment, status, stock_report
from tests.kit.world import Merchant

SET = {"CUP": 2, "BOX": 1}


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    """Seven cups, four boxes, and sets of two cups and a box that are made to order."""
    made = new_merchant(CUP=7, BOX=4, A=5)
    teach(made, SET=SET)
    return made


def teach(acme: Merchant, *, made_to_order: bool = True, **kits: dict[str, int]) -> None:
    said = [
        product(
            kit,
            components=[{"sku": part, "quantity": str(n)} for part, n in parts.items()],
            made_to_order=made_to_order,
        )
        for kit, parts in kits.items()
    ]
    with acme.world.unit() as unit:
        learn.upsert(unit, [(acme.code, Product.model_validate(it)) for it in said], None)


def notices(acme: Merchant, code: str = "") -> list[list[tuple[int, str, int]]]:
    """What a warehouse was told to ship: line, SKU and pieces."""
    at = acme.world.at(code) if code else acme.at_wh
    orders = [document for kind, _, document in at.told if kind == "fulfilment_order"]
    return [[(it.line_no, it.sku, int(it.quantity)) for it in one.lines] for one in orders]


def told(partner: Any) -> list[Shipment]:
    return [document for kind, _, document in partner.told if kind == "shipment"]


def sold(document: Shipment) -> list[tuple[int, str | None, int]]:
    """What a shipment is of the order: line, SKU and pieces."""
    assert document.order is not None
    return [(it.line_no, it.sku, int(it.quantity)) for it in document.order.lines]


def says(acme: Merchant, number: str, delivery: str, *lines: tuple[int, int], **more: Any) -> None:
    acme.says(shipment(number, delivery=delivery, lines=lines, **more))
    acme.world.run()


def test_a_warehouse_is_told_parts_and_the_shop_of_one_kit_once(acme: Merchant) -> None:
    number = acme.notify(lines=[("A", 1), ("SET", 1)])
    assert notices(acme) == [[(1, "A", 1), (3, "BOX", 1), (4, "CUP", 2)]]
    assert acme.stock() == {"A": (5, 1), "BOX": (4, 1), "CUP": (7, 2)}
    (order,) = [it for kind, _, it in acme.at_wh.told if kind == "fulfilment_order"]
    assert isinstance(order, FulfilmentOrder)
    assert order.lines[1].attributes == {"order_line": 2, "kit": "SET"}
    assert [it.unit_price for it in order.lines[1:]] == [None, None]

    says(acme, number, "a", (4, 2), complete=False)
    assert (told(acme.at_shop), told(acme.at_erp)) == ([], [])
    says(acme, number, "b", (1, 1), (3, 1))
    for partner in (acme.at_shop, acme.at_erp):
        (one,) = told(partner)
        assert sold(one) == [(1, "A", 1), (2, "SET", 1)]
        assert [it.tracking_number for it in one.packages] == ["TRACK-a", "TRACK-b"]
        assert [[(it.sku, int(it.quantity)) for it in p.lines] for p in one.packages] == [
            [],
            [("A", 1), ("SET", 1)],
        ]
        assert one.order is not None
        assert one.order.order_complete
    assert acme.row().status == "completed"
    assert acme.stock() == {"A": (4, 0), "BOX": (3, 0), "CUP": (5, 0)}
    acme.world.check_books()


def test_kits_that_leave_one_by_one_are_told_one_by_one(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 3)])
    assert notices(acme) == [[(2, "BOX", 3), (3, "CUP", 6)]]
    says(acme, number, "a", (2, 1), (3, 3), complete=False)
    says(acme, number, "b", (2, 2), (3, 3))
    assert [sold(one) for one in told(acme.at_shop)] == [[(1, "SET", 1)], [(1, "SET", 2)]]
    acme.world.check_books()


def test_a_part_that_is_short_is_planned_again_and_the_rest_of_the_kit_is_not(
    acme: Merchant,
) -> None:
    acme.warehouse("wh-two", BOX=1, CUP=1)
    number = acme.notify(lines=[("SET", 1)])
    says(acme, number, "a", (3, 2), short=[{"line_no": 2, "quantity": "1", "reason": "lost"}])
    assert told(acme.at_shop) == []
    assert acme.fulfilment() == ["short", "notified"]
    assert notices(acme, "wh-two") == [[(2, "BOX", 1)]]
    acme.world.tell("wh-two", shipment(acme.number(1), delivery="b"), key=acme.number(1))
    acme.world.run()
    (one,) = told(acme.at_shop)
    assert sold(one) == [(1, "SET", 1)]
    assert [it.tracking_number for it in one.packages] == ["TRACK-a", "TRACK-b"]
    assert acme.row().status == "completed"
    assert acme.stock() == {"A": (5, 0), "BOX": (4, 0), "CUP": (6, 0)}
    acme.world.check_books()


def test_a_kit_is_made_in_one_warehouse(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(CUP=9)
    acme.warehouse("wh-boxes", BOX=9)
    teach(acme, SET=SET)
    acme.order(lines=[("SET", 1)])
    acme.world.run()
    assert (acme.row().status, notices(acme), notices(acme, "wh-boxes")) == ("held", [], [])
    said = stock_report("more", warehouse="wh-boxes", pieces={"BOX": 9, "CUP": 2})
    acme.world.tell("wh-boxes", said)
    acme.world.run()
    acme.world.later(5)
    acme.world.run()
    assert notices(acme, "wh-boxes") == [[(2, "BOX", 1), (3, "CUP", 2)]]


def test_lines_that_share_parts_do_not_take_them_twice(acme: Merchant) -> None:
    acme.order(lines=[("SET", 3), ("CUP", 2)])
    acme.world.run()
    assert (acme.row().status, notices(acme)) == ("held", [])
    acme.order(1002, lines=[("SET", 3), ("CUP", 1)])
    acme.world.run()
    assert notices(acme) == [[(3, "BOX", 3), (4, "CUP", 6), (2, "CUP", 1)]]
    acme.world.check_books()


def test_ready_kits_go_first_and_kits_in_kits_are_taken_apart(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(CUP=7, BOX=4, SET=1, CRATE=1)
    teach(acme, SET=SET)
    teach(acme, CRATE={"SET": 2})
    number = acme.notify(lines=[("CRATE", 2)])
    assert notices(acme) == [[(2, "BOX", 1), (1, "CRATE", 1), (3, "CUP", 2), (4, "SET", 1)]]
    says(acme, number, "a", (1, 1), (2, 1), complete=False)
    says(acme, number, "b", (3, 2), complete=False)
    says(acme, number, "c", (4, 1))
    assert [sold(one) for one in told(acme.at_shop)] == [[(1, "CRATE", 1)], [(1, "CRATE", 1)]]
    acme.world.check_books()


@pytest.mark.parametrize("by", ["product", "warehouse"])
def test_a_kit_that_ships_whole_waits_until_it_is_put_together(
    new_merchant: Callable[..., Merchant], by: str
) -> None:
    acme = new_merchant(CUP=7, BOX=4, options={"kits": "whole"} if by == "warehouse" else {})
    teach(acme, made_to_order=by == "warehouse", SET=SET)
    acme.order(lines=[("SET", 1)])
    acme.world.run()
    assert (acme.row().status, notices(acme)) == ("held", [])
    said = stock_report("made", warehouse=acme.at_wh.code, pieces={"CUP": 5, "BOX": 3, "SET": 1})
    acme.world.tell(acme.at_wh.code, said)
    acme.world.run()
    assert notices(acme) == [[(1, "SET", 1)]]


def test_a_kit_is_cancelled_with_all_of_its_parts(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 2)])
    acme.order(lines=[("SET", 2)], state="cancelled", minute=5)
    acme.world.run()
    acme.says(status(number, "cancelled"))
    acme.world.run()
    assert (acme.row().status, acme.fulfilment()) == ("cancelled", ["cancelled"])
    assert acme.stock() == {"A": (5, 0), "BOX": (4, 0), "CUP": (7, 0)}
    acme.world.check_books()


def test_a_cancel_after_a_part_of_a_kit_left_goes_to_a_person(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 1)])
    says(acme, number, "a", (3, 2), complete=False)
    acme.order(lines=[("SET", 1)], state="cancelled", minute=5)
    acme.world.run()
    acme.says(status(number, "cancelled"))
    acme.world.run()
    assert (acme.row().status, acme.incidents()) == ("completed", ["return_proposed"])
    (one,) = told(acme.at_shop)
    assert (sold(one), one.attributes["missing"][0]["parts"]) == ([(1, "SET", 1)], {"BOX": "1"})
    assert acme.stock() == {"A": (5, 0), "BOX": (4, 0), "CUP": (5, 0)}


def test_fewer_kits_are_wanted_after_an_edit(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 3)])
    acme.says(status(number, "accepted"))
    acme.world.run()
    asked = Edit.model_validate({"lines": [{"line_no": 1, "quantity": "1"}]})
    with acme.world.unit() as unit:
        foreseen = edits.foresee(unit, acme.row().id, asked, "user:ann")
        edits.apply(unit, acme.row().id, asked, foreseen.seen, "user:ann")
    acme.world.run()
    acme.says(status(number, "cancelled"))
    acme.world.run()
    assert notices(acme) == [[(2, "BOX", 3), (3, "CUP", 6)], [(2, "BOX", 1), (3, "CUP", 2)]]
    assert acme.stock() == {"A": (5, 0), "BOX": (4, 1), "CUP": (7, 2)}
    acme.world.check_books()


def test_an_order_keeps_the_parts_that_it_was_planned_with(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 2)])
    teach(acme, SET={"CUP": 1, "A": 1})
    says(acme, number, "a", (2, 2), (3, 4))
    assert [sold(one) for one in told(acme.at_shop)] == [[(1, "SET", 2)]]
    acme.world.check_books()


def test_a_begun_kit_stays_when_staff_want_none(acme: Merchant) -> None:
    """A part of one has left: no edit may say that nothing has."""
    number = acme.notify(lines=[("SET", 2)])
    says(acme, number, "a", (3, 2), complete=False)
    asked = Edit.model_validate({"lines": [{"line_no": 1, "quantity": "0"}]})
    with acme.world.unit() as unit, pytest.raises(Exception, match="1"):
        edits.foresee(unit, acme.row().id, asked, "user:ann")


def test_the_same_rules_send_a_kit_where_it_went(acme: Merchant) -> None:
    acme.notify(lines=[("SET", 2), ("A", 1)])
    with acme.world.unit() as unit:
        (again,) = what_if.of_order(unit, acme.row().id, None)
    assert not again["changed"]
    assert again["before"]["went"] == again["after"]["went"]


def test_parts_that_leave_twice_are_found_by_the_audit(acme: Merchant) -> None:
    acme.warehouse("wh-four", BOX=1, CUP=1)
    number = acme.notify(lines=[("SET", 1)])
    says(acme, number, "a", (3, 2), short=[{"line_no": 2, "quantity": "1"}])
    title = "no more pieces left or are on their way than were ordered"

    def found() -> list[str]:
        looked = auditing.audit(acme.world.store)
        return [line for one in looked if one.title == title for line in one.broken]

    assert found() == []
    acme.rows(
        """UPDATE fulfilment_order SET status = 'accepted'
        WHERE merchant_id = :merchant AND status = 'short' RETURNING id"""
    )
    acme.rows("UPDATE fulfilment_line SET short = 0 WHERE merchant_id = :merchant RETURNING sku")
    assert found() == [f"{acme.row().id} line 1"]


def test_shopify_hears_of_one_fulfilment_with_both_parcels(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 1)])
    says(acme, number, "a", (3, 2), complete=False)
    says(acme, number, "b", (2, 1))
    (one,) = told(acme.at_shop)
    (parcel,) = outward.parcels(one, Context("shop"))
    assert dict(parcel.lines) == {"1001-1": 1}
    assert parcel.numbers == ("TRACK-a", "TRACK-b")
