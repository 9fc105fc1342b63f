"""What staff change on an order: its money adds up, what is kept, and what its channel hears."""

from decimal import Decimal
from typing import Any

import pytest

from hub.model.errors import BadData
from hub.model.order import SalesOrder
from hub.rules.orders import cancelling, edited, editing, order_totals, review_effects
from hub.rules.orders.editing import Edit
from tests.kit.catalogue import sales_order


def order(**changes: Any) -> SalesOrder:
    return SalesOrder.model_validate(sales_order(lines=[("A", 5), ("B", 1)], **changes))


def after(asked: dict[str, Any], gone: int = 0) -> SalesOrder:
    return editing.apply(order(), Edit.model_validate(asked), {1: Decimal(gone)})


def by_line(it: SalesOrder) -> dict[int, tuple[str | None, str, str | None]]:
    return {
        line.line_no: (line.sku, f"{order_totals.open_pieces(line):f}", line.warehouse)
        for line in it.lines
    }


EDITS: list[tuple[dict[str, Any], dict[int, Any]]] = [
    ({"lines": [{"line_no": 1, "quantity": "2"}]}, {1: ("A", "2", None)}),
    ({"lines": [{"line_no": 2, "quantity": "0"}]}, {2: ("B", "0", None)}),
    ({"lines": [{"line_no": 2, "quantity": "3"}]}, {8001: ("B", "2", None)}),
    ({"lines": [{"line_no": 1, "sku": "C"}]}, {1: ("C", "5", None)}),
    ({"lines": [{"line_no": 1, "warehouse": "w"}]}, {1: ("A", "5", "w")}),
    (
        {"splits": [{"line_no": 1, "quantity": "2", "warehouse": "w"}]},
        {1: ("A", "3", None), 8001: ("A", "2", "w")},
    ),
    ({"added": [{"sku": "C", "quantity": "2", "unit_price": "3.50"}]}, {8001: ("C", "2", None)}),
]


@pytest.mark.parametrize(("asked", "expected"), EDITS)
def test_an_edit_changes_what_it_names_and_the_sums_hold(
    asked: dict[str, Any], expected: dict[int, Any]
) -> None:
    edit = after(asked)
    assert by_line(edit) == {**by_line(order()), **expected}
    assert list(order_totals.mismatches(edit)) == []


@pytest.mark.parametrize(("asked", "expected"), EDITS)
def test_the_next_telling_of_the_channel_undoes_no_edit(
    asked: dict[str, Any], expected: dict[int, Any]
) -> None:
    edit, newer = after(asked), order(note="call first")
    kept = edited.keep(edit, cancelling.keep(edit, newer, is_cancelled=False))
    assert by_line(kept) == by_line(edit)
    assert kept.totals == edit.totals
    assert kept.note == "call first"


def test_a_line_that_the_channel_changes_itself_is_the_channels_again() -> None:
    edit = after({"lines": [{"line_no": 1, "sku": "C"}]})
    newer = SalesOrder.model_validate(sales_order(lines=[("D", 5), ("B", 1)]))
    assert by_line(edited.keep(edit, newer))[1] == ("D", "5", None)
    parted = after({"splits": [{"line_no": 1, "quantity": "2", "warehouse": "w"}]})
    newer = SalesOrder.model_validate(sales_order(lines=[("A", 2), ("B", 1)]))
    assert by_line(edited.keep(parted, newer)) == {1: ("A", "2", None), 2: ("B", "1", None)}


def test_what_the_channel_shows_as_sent_is_counted_for_no_part_before_it_must_be() -> None:
    parted = after({"splits": [{"line_no": 1, "quantity": "2", "warehouse": "w"}]})
    for sent, each in ((2, (0, 0)), (4, (2, 1)), (5, (3, 2))):
        tree = sales_order(lines=[("A", 5), ("B", 1)])
        tree["lines"][0]["fulfilled_quantity"] = str(sent)
        kept = edited.keep(parted, SalesOrder.model_validate(tree))
        lines = {line.line_no: line.fulfilled_quantity for line in kept.lines}
        assert (lines[1], lines[8001]) == each


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"lines": [{"line_no": 1, "quantity": "2"}]}, [(1, Decimal(3))]),
        ({"lines": [{"line_no": 1, "quantity": "9"}]}, None),
        ({"splits": [{"line_no": 1, "quantity": "2", "warehouse": "w"}]}, None),
        ({"added": [{"sku": "C", "quantity": "2"}]}, None),
    ],
)
def test_the_channel_hears_of_pieces_that_it_sold_and_that_are_given_up(
    asked: dict[str, Any], expected: list[tuple[int, Decimal]] | None
) -> None:
    notice = cancelling.notice(order(), after(asked), "shop", 2)
    lines = [(line.line_no, line.quantity) for line in notice.lines] if notice else None
    assert lines == expected


def test_a_cancelled_order_with_a_part_is_told_as_the_channel_sold_it() -> None:
    parted = after({"splits": [{"line_no": 1, "quantity": "2", "warehouse": "w"}]})
    gone = cancelling.whole(parted, parted.placed_at)
    notice = cancelling.notice(parted, gone, "shop", 2)
    assert notice is not None
    assert [(it.line_no, it.quantity) for it in notice.lines] == [(1, 5), (2, 1)]


@pytest.mark.parametrize(
    ("asked", "gone", "code"),
    [
        ({"lines": [{"line_no": 7, "quantity": "1"}]}, 0, "unknown_line"),
        ({"lines": [{"line_no": 1, "quantity": "1"}]}, 2, "has_left"),
        ({"lines": [{"line_no": 1, "sku": "C"}]}, 1, "has_left"),
        ({"splits": [{"line_no": 1, "quantity": "5", "warehouse": "w"}]}, 0, "bad_quantity"),
        ({"splits": [{"line_no": 1, "quantity": "3", "warehouse": "w"}]}, 2, "bad_quantity"),
        ({"lines": [{"line_no": no, "quantity": "0"} for no in (1, 2)]}, 0, "nothing_left"),
    ],
)
def test_what_cannot_be_is_named(asked: dict[str, Any], gone: int, code: str) -> None:
    with pytest.raises(BadData) as wrong:
        after(asked, gone)
    assert wrong.value.code == code


def test_what_a_partner_says_is_never_taken_for_ours() -> None:
    edit = after({"added": [{"sku": "C", "quantity": "2"}]})
    assert not any(map(edited.is_added, review_effects.as_told(edit).lines))


def test_its_worth_leaves_out_what_is_given_up() -> None:
    edit = after({"lines": [{"line_no": 1, "quantity": "2"}]})
    assert (edited.worth(order()), edited.worth(edit)) == (Decimal("60.00"), Decimal("30.00"))
