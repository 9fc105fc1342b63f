"""Kits of which only some parts ever leave: the shop and the books hear of them once, when it is
certain.
"""

from typing import Any

import pytest

from hub.flows.ops import auditing
from hub.flows.orders import edits, order_requests
from hub.model.fulfilment import Shipment
from hub.model.order import SalesOrder
from hub.rules.orders.editing import Edit
from mappings.kit.context import Context
from mappings.shopify import outward
from tests.flows.fulfilment.test_kits_shipped import acme, notices, says, sold, told
from tests.kit.catalogue import shipment, status
from tests.kit.world import Merchant

__all__ = ["acme"]


def lost(line: int) -> dict[str, Any]:
    return {"short": [{"line_no": line, "quantity": "1", "reason": "lost"}]}


def give_up(acme: Merchant) -> str:
    with acme.world.unit() as unit:
        done = order_requests.cancel(unit, acme.row().id, "user:ann", "no more boxes")
    acme.world.run()
    return done


def given_up(acme: Merchant) -> list[tuple[int, int]]:
    """What the books were told will not come: line and pieces."""
    last = [it for _, _, it in acme.at_erp.told if isinstance(it, SalesOrder)][-1]
    return [(it.line_no, int(it.cancelled_here)) for it in last.lines if it.cancelled_here]


def parcels(document: Shipment) -> list[tuple[str | None, list[tuple[str | None, int]]]]:
    return [
        (it.tracking_number, [(line.sku, int(line.quantity)) for line in it.lines])
        for it in document.packages
    ]


def rests(acme: Merchant) -> None:
    """Nothing contradicts itself."""
    acme.world.check_books()
    looked = auditing.audit(acme.world.store, at_rest=True)
    assert {it.title: it.broken for it in looked if it.broken} == {}


def test_a_part_that_is_short_for_good(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 2)])
    says(acme, number, "a", (2, 1), (3, 4), **lost(2))
    assert [sold(one) for one in told(acme.at_shop)] == [[(1, "SET", 1)]]
    assert acme.row().status == "open"
    assert give_up(acme) == "completed"
    for partner in (acme.at_shop, acme.at_erp):
        whole, rest = told(partner)
        assert (sold(whole), sold(rest)) == ([(1, "SET", 1)], [(1, "SET", 1)])
        assert parcels(rest) == [("TRACK-a", [("SET", 1)])]
        assert rest.attributes["missing"] == [
            {"order_line": 1, "kit": "SET", "parts": {"BOX": "1"}}
        ]
        assert [it.order.order_complete for it in (whole, rest) if it.order] == [False, True]
    assert given_up(acme) == []
    assert acme.incidents() == ["kit_unfinished"]
    rests(acme)


def test_the_parcels_that_nobody_was_told_of_are_named(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 2), ("A", 1)])
    says(acme, number, "a", (4, 1), complete=False)
    says(acme, number, "b", (4, 2), complete=False)
    assert told(acme.at_shop) == []
    acme.order(lines=[("SET", 2), ("A", 1)], state="cancelled", minute=5)
    acme.world.run()
    acme.says(status(number, "cancelled"))
    acme.world.run()
    (one,) = told(acme.at_shop)
    assert (sold(one), parcels(one)) == (
        [(1, "SET", 2)],
        [("TRACK-a", []), ("TRACK-b", [("SET", 2)])],
    )
    assert one.attributes["missing"][0]["parts"] == {"BOX": "2", "CUP": "1"}
    (parcel,) = outward.parcels(one, Context("shop"))
    assert (dict(parcel.lines), parcel.numbers) == ({"1001-1": 2}, ("TRACK-a", "TRACK-b"))
    assert (acme.row().status, acme.incidents()) == ("completed", ["return_proposed"])
    rests(acme)


def test_a_person_gives_up_what_a_warehouse_then_lets_go(acme: Merchant) -> None:
    number = acme.notify(lines=[("A", 1), ("SET", 1)])
    says(acme, number, "a", (4, 1), complete=False)
    assert give_up(acme) == "cancel_requested"
    assert told(acme.at_shop) == []
    acme.says(status(number, "cancelled"))
    acme.world.run()
    assert acme.row().status == "completed"
    assert [sold(one) for one in told(acme.at_shop)] == [[(2, "SET", 1)]]
    assert given_up(acme) == [(1, 1)]
    assert acme.incidents() == ["return_proposed", "kit_unfinished"]
    rests(acme)


def test_parts_that_left_beside_other_goods(acme: Merchant) -> None:
    """Their parcel was told with these; the kit is told with the same parcel."""
    number = acme.notify(lines=[("A", 1), ("SET", 1)])
    says(acme, number, "a", (1, 1), (4, 2), **lost(3))
    assert [sold(one) for one in told(acme.at_shop)] == [[(1, "A", 1)]]
    give_up(acme)
    assert [sold(one) for one in told(acme.at_shop)] == [[(1, "A", 1)], [(2, "SET", 1)]]
    assert parcels(told(acme.at_shop)[1]) == [("TRACK-a", [("SET", 1)])]
    rests(acme)


def test_the_shop_cancels_what_waits_for_a_part(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 1)])
    says(acme, number, "a", (3, 2), **lost(2))
    assert (acme.row().status, told(acme.at_shop)) == ("open", [])
    acme.order(lines=[("SET", 1)], state="cancelled", minute=5)
    acme.world.run()
    assert [sold(one) for one in told(acme.at_shop)] == [[(1, "SET", 1)]]
    rests(acme)


def test_what_ends_with_a_shipment_is_told_after_it(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 2)])
    give_up(acme)
    says(acme, number, "a", (2, 1), (3, 3))
    whole, rest = told(acme.at_shop)
    assert (sold(whole), sold(rest)) == ([(1, "SET", 1)], [(1, "SET", 1)])
    assert [it.order.order_complete for it in (whole, rest) if it.order] == [False, True]
    rests(acme)


def test_a_part_that_comes_after_the_end_is_no_other_kit(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 1)])
    says(acme, number, "a", (3, 2), **lost(2))
    give_up(acme)
    says(acme, number, "b", (2, 1))
    says(acme, number, "b", (2, 1))
    assert [sold(one) for one in told(acme.at_shop)] == [[(1, "SET", 1)]]
    assert acme.stock()["BOX"] == (3, 0)
    assert acme.incidents() == ["kit_unfinished", "contradiction", "kit_part_late"]
    late = acme.rows("SELECT sentence FROM incident WHERE kind = 'kit_part_late'")
    assert [row.sentence for row in late] == [
        f"{number}: 1 BOX left after its kit was told: TRACK-b"
    ]
    noted = acme.rows(
        "SELECT detail FROM timeline WHERE merchant_id = :merchant AND event LIKE 'shipped%'"
    )
    assert ["TRACK-b"] in [row.detail["packages"] for row in noted]


@pytest.mark.parametrize("found", [True, False])
def test_nobody_hears_while_a_part_may_still_come(acme: Merchant, *, found: bool) -> None:
    number = acme.notify(lines=[("SET", 1)])
    says(acme, number, "a", (3, 2), **lost(2))
    assert (told(acme.at_shop), acme.incidents()) == ([], [])
    if found:
        acme.warehouse("wh-late", BOX=1)
        with acme.world.unit() as unit:
            order_requests.reroute(unit, acme.row().id, "user:ann")
        acme.world.run()
        acme.world.tell("wh-late", shipment(acme.number(1), delivery="b"), key=acme.number(1))
        acme.world.run()
        assert [sold(one) for one in told(acme.at_shop)] == [[(1, "SET", 1)]]
        assert acme.incidents() == []


def edit(acme: Merchant, wanted: dict[str, Any]) -> None:
    asked, id_ = Edit.model_validate(wanted), acme.row().id
    with acme.world.unit() as unit:
        seen = edits.foresee(unit, id_, asked, "user:ann").seen
        edits.apply(unit, id_, asked, seen, "user:ann")
    acme.world.run()


def again(acme: Merchant, wanted: dict[str, Any]) -> tuple[int, int]:
    """An order of a set ended without its box, and another set is put on it, which another
    warehouse has. Returns the lines of its notice: of the box and of the cups.
    """
    number = acme.notify(lines=[("SET", 1)])
    says(acme, number, "a", (3, 2), **lost(2))
    assert give_up(acme) == "completed"
    acme.warehouse(f"two-{acme.code}", BOX=1, CUP=2)
    edit(acme, wanted)
    assert acme.row().status == "open"
    (((box, *what), (cups, *more)),) = notices(acme, f"two-{acme.code}")
    assert (what, more) == (["BOX", 1], ["CUP", 2])
    return box, cups


def two_says(acme: Merchant, delivery: str, *lines: tuple[int, int], **more: Any) -> None:
    tree = shipment(acme.number(1), delivery=delivery, lines=lines, **more)
    acme.world.tell(f"two-{acme.code}", tree, key=acme.number(1))
    acme.world.run()


@pytest.mark.parametrize(
    "wanted",
    [
        {"added": [{"sku": "SET", "quantity": "1"}]},
        {"lines": [{"line_no": 1, "quantity": "2"}]},
    ],
    ids=["another line", "more of the line"],
)
def test_a_kit_put_on_an_order_that_ended_unfinished_is_one_of_its_own(
    acme: Merchant, wanted: dict[str, Any]
) -> None:
    box, cups = again(acme, wanted)
    two_says(acme, "b", (cups, 2), complete=False)
    assert [sold(one) for one in told(acme.at_erp)] == [[(1, "SET", 1)]]
    two_says(acme, "c", (box, 1))
    assert [sold(one)[0][1:] for one in told(acme.at_erp)] == [("SET", 1), ("SET", 1)]
    assert acme.row().status == "completed"
    assert acme.incidents() == ["kit_unfinished"]
    rests(acme)


def test_a_kit_put_on_it_may_stay_unfinished_as_well(acme: Merchant) -> None:
    box, cups = again(acme, {"added": [{"sku": "SET", "quantity": "1"}]})
    two_says(acme, "b", (cups, 2), **lost(box))
    assert give_up(acme) == "completed"
    said = told(acme.at_erp)
    assert [sold(one)[0][1:] for one in said] == [("SET", 1), ("SET", 1)]
    assert [it["order_line"] for it in said[1].attributes["missing"]] == [8001]
    assert acme.incidents() == ["kit_unfinished"]  # the one of the order stands open
    rests(acme)
