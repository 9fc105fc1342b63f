"""Edits that a warehouse gives way to, and orders whose lines cannot be told apart."""

import json
from typing import Any

import pytest

from hub.flows.products import meanings
from hub.model.errors import BadData, UnknownCode
from mappings.generic import decoders
from mappings.kit import Context, decode
from tests.kit.catalogue import sales_order, status
from tests.kit.world import Merchant


def test_what_was_asked_back_for_an_edit_may_go_to_the_same_warehouse_again(acme: Merchant) -> None:
    """A warehouse that cancels because we asked for it has refused nothing."""
    number = acme.notify(1, lines=[("A", 3)])
    acme.order(1, minute=5, lines=[("A", 1)])
    acme.world.run()
    assert acme.fulfilment() == ["cancel_requested"]
    acme.says(status(number, "cancelled"))
    acme.world.run()
    assert acme.row(1).status == "open"
    assert acme.fulfilment() == ["cancelled", "notified"]
    assert acme.stock()["A"] == (10, 1)
    acme.world.check_books()


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


def test_a_code_that_is_mapped_lets_go_what_waits_for_it_in_any_case(acme: Merchant) -> None:
    told = [UnknownCode("carriers", word, path="carrier") for word in ("Rocket", "ROCKET")]
    acme.at_wh.answers = list(told)
    acme.order(1)
    acme.order(2)
    acme.world.run()
    waiting = "SELECT count(*) FROM work WHERE connection = :wh AND status = 'waiting'"
    assert acme.world.one(waiting, wh=acme.at_wh.code) == 2
    with acme.world.unit() as unit:
        assert meanings.map_code(unit, acme.at_wh.code, "carriers", "rocket", "dhl", "tester") == 2


def test_a_code_that_is_mapped_lets_go_what_waits_for_it(acme: Merchant) -> None:
    """As `orderhub map code` does: no attempt was spent, and the message runs at once."""
    world = acme.world
    acme.at_wh.answers = [UnknownCode("carriers", "dhl", path="carrier")]
    acme.order(1)
    world.run()
    waiting = "SELECT status, attempts, waits_for FROM work WHERE connection = :wh"
    fact = f"code:carriers:dhl:{acme.at_wh.code}"
    assert [tuple(row) for row in world.sql(waiting, wh=acme.at_wh.code)] == [("waiting", 0, fact)]
    with world.unit() as unit:
        assert meanings.map_code(unit, acme.at_wh.code, "carriers", "DHL_NL", "dhl", "tester") == 1
    world.run()
    assert world.sql(waiting, wh=acme.at_wh.code) == []
    assert [kind for kind, _, _ in acme.at_wh.told] == ["fulfilment_order", "fulfilment_order"]
