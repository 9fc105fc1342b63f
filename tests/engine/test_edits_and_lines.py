"""Edits that a warehouse gives way to, and orders whose lines cannot be told apart."""

import json
from typing import Any

import pytest

from hub.flows import desk
from hub.model.errors import BadData, UnknownCode
from mappings.generic import decoders
from mappings.kit import Context, decode
from tests.engine.town import Town
from tests.kit.world import sales_order, status


def test_what_was_asked_back_for_an_edit_may_go_to_the_same_warehouse_again(town: Town) -> None:
    """A warehouse that cancels because we asked for it has refused nothing."""
    number = town.notify(1, lines=[("A", 3)])
    town.order(1, minute=5, lines=[("A", 1)])
    town.world.run()
    assert town.fulfilment() == ["cancel_requested"]
    town.warehouse(status(number, "cancelled"))
    town.world.run()
    assert town.row(1).status == "open"
    assert town.fulfilment() == ["cancelled", "notified"]
    assert town.stock()["A"] == (10, 1)
    town.world.check_books()


LINE = sales_order(lines=[("A", 1)])["lines"][0]


@pytest.mark.parametrize(
    ("lines", "code"),
    [([], "no_lines"), ([LINE, {**LINE, "quantity": "2", "total": "20.00"}], "conflicting_lines")],
)
def test_a_document_of_ours_with_no_lines_or_one_line_twice_says_so(
    lines: list[Any], code: str
) -> None:
    """As the catalogue of bad input has it, for the generic channel and the Open API."""
    raw = json.dumps({**sales_order(), "lines": lines}).encode()
    with pytest.raises(BadData) as wrong:
        decode(decoders(["sales_order"]), "sales_order", raw, Context("shop"))
    assert wrong.value.code == code


def test_a_code_that_is_mapped_lets_go_what_waits_for_it(town: Town) -> None:
    """As `orderhub map code` does: no attempt was spent, and the message runs at once."""
    world = town.world
    town.at_wh.answers = [UnknownCode("carriers", "dhl", path="carrier")]
    town.order(1)
    world.run()
    waiting = "SELECT status, attempts, waits_for FROM work WHERE connection = :wh"
    fact = f"code:carriers:dhl:{town.wh}"
    assert [tuple(row) for row in world.sql(waiting, wh=town.wh)] == [("waiting", 0, fact)]
    with world.unit() as unit:
        assert desk.map_code(unit, town.wh, "carriers", "DHL_NL", "dhl", "tester") == 1
    world.run()
    assert world.sql(waiting, wh=town.wh) == []
    assert [kind for kind, _, _ in town.at_wh.told] == ["fulfilment_order", "fulfilment_order"]
