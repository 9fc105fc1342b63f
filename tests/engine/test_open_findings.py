"""What the engine does not do rightly yet: each test here fails until it does."""

import json
from typing import Any

import pytest

from hub.model.errors import BadData
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
