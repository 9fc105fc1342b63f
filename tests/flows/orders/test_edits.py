"""What staff change: what is foreseen is what happens, and foreseeing leaves nothing behind."""

from typing import Any

import pytest

from hub.flows.orders import edits
from hub.flows.orders.edits import Foreseen
from hub.model.errors import BadData, IllegalTransition
from hub.rules.orders.editing import Edit
from hub.store.orders import fulfilments
from tests.kit.catalogue import shipment, status
from tests.kit.world import Merchant

FEWER = {"lines": [{"line_no": 1, "quantity": "1"}]}


def foresee(acme: Merchant, asked: dict[str, Any]) -> Foreseen:
    with acme.world.unit() as unit:
        return edits.foresee(unit, acme.row().id, Edit.model_validate(asked), "user:ann")


def apply(acme: Merchant, asked: dict[str, Any], seen: str) -> Foreseen:
    with acme.world.unit() as unit:
        return edits.apply(unit, acme.row().id, Edit.model_validate(asked), seen, "user:ann")


def standing(acme: Merchant) -> Any:
    return acme.row(), acme.fulfilment(), acme.stock(), acme.rows("SELECT count(*) FROM work")


def test_what_is_foreseen_is_what_happens(acme: Merchant) -> None:
    number = acme.notify(lines=[("A", 3)])
    acme.says(status(number, "accepted"))
    acme.world.run()
    before = standing(acme)
    foreseen = foresee(acme, FEWER)
    assert standing(acme) == before
    assert [(it.outcome, it.number) for it in foreseen.parts] == [("asked", number)]
    assert (str(foreseen.before), str(foreseen.after)) == ("30.00", "10.00")
    assert (str(foreseen.difference), str(foreseen.credit)) == ("-20.00", "20.00")
    told = {(one.kind, one.document) for one in foreseen.notices}
    assert ("warehouse", "fulfilment_cancellation") in told
    assert ("erp", "sales_order") in told

    assert apply(acme, FEWER, foreseen.seen) == foreseen
    acme.says(status(number, "cancelled"))
    acme.world.run()
    assert acme.fulfilment() == ["cancelled", "notified"]
    assert acme.stock()["A"] == (10, 1)
    acme.world.check_books()


def test_an_order_that_moved_meanwhile_is_foreseen_anew_and_left_alone(acme: Merchant) -> None:
    number = acme.notify(lines=[("A", 3)])
    seen = foresee(acme, FEWER).seen
    acme.says(status(number, "accepted"))
    acme.world.run()
    before = standing(acme)
    with pytest.raises(edits.Changed) as changed:
        apply(acme, FEWER, seen)
    assert standing(acme) == before
    assert changed.value.foreseen.seen != seen


def test_a_part_for_another_warehouse_goes_there_and_its_channel_hears_of_its_own_line(
    new_merchant: Any,
) -> None:
    acme = new_merchant(A=10)
    other = f"{acme.at_wh.code}-2"
    acme.warehouse(other, A=10)
    acme.notify(lines=[("A", 3)])
    asked = {"splits": [{"line_no": 1, "quantity": "2", "warehouse": other}]}
    apply(acme, asked, foresee(acme, asked).seen)
    acme.says(status(acme.number(), "cancelled"))
    acme.world.run()
    pieces = acme.rows(
        """SELECT it.id, warehouse, sum(ordered) AS pieces FROM fulfilment_order it
        JOIN fulfilment_line ON fulfilment_order_id = it.id
        WHERE it.merchant_id = :merchant AND status = 'notified' GROUP BY 1, 2"""
    )
    assert sorted(row.pieces for row in pieces) == [1, 2]
    (part,) = [row.id for row in pieces if row.warehouse == other]
    number = fulfilments.number(part)
    acme.world.tell(other, shipment(number), key=number)
    acme.world.run()
    (heard,) = [it[2] for it in acme.at_shop.told if it[2].type == "shipment"]
    assert [(it.line_no, it.channel_line_id, it.quantity) for it in heard.order.lines] == [
        (1, "1001-1", 2)
    ]


def test_what_is_over_or_unknown_is_refused(acme: Merchant) -> None:
    number = acme.notify(lines=[("A", 3)])
    for asked, code in (
        ({"added": [{"sku": "NOPE", "quantity": "1"}]}, "unknown_sku"),
        ({"lines": [{"line_no": 1, "warehouse": "nowhere"}]}, "unknown_warehouse"),
        ({}, "nothing_changed"),
    ):
        with pytest.raises(BadData) as wrong:
            foresee(acme, asked)
        assert wrong.value.code == code
    acme.says(shipment(number))
    acme.world.run()
    home = {"address": {"name": "Ada", "lines": ["Dam 1"], "city": "Delft", "country": "NL"}}
    assert [it.outcome for it in foresee(acme, home).parts] == ["too_late"]


def test_an_order_that_is_cancelled_is_edited_no_more(acme: Merchant) -> None:
    acme.order(lines=[("A", 3)], state="cancelled", cancelled_at="2026-11-24T10:00:00Z")
    acme.world.run()
    with pytest.raises(IllegalTransition):
        foresee(acme, FEWER)
