"""Which line a received piece belongs to, and how what came differs from what was announced."""

from decimal import Decimal
from typing import Any

import pytest

from hub.model.document import Source
from hub.model.stock import GoodsReceipt, ReceivedLine
from hub.rules.inbound import receiving
from hub.rules.inbound.receiving import Expected, Piece
from tests.rules.builders import AT

MEANT = {"A": "A", "B": "B", "C": "C", "theirs-a": "A"}


def expected(line_no: int, sku: str, quantity: int, **how: Any) -> Expected:
    counts = {name: Decimal(how.pop(name)) for name in ("received", "damaged") if name in how}
    return Expected(line_no, sku, Decimal(quantity), **counts, **how)


def line(**how: Any) -> ReceivedLine:
    return ReceivedLine(**{**how, "quantity": Decimal(how.get("quantity", 1))})


TWO = (expected(1, "A", 10), expected(2, "B", 5))
SPLIT = (expected(1, "A", 4, batch="x"), expected(2, "A", 6, batch="y"))


@pytest.mark.parametrize(
    ("lines", "came", "placed"),
    [
        (TWO, line(sku="A", quantity=3), [(1, "A", 3)]),
        (TWO, line(line_no=2, quantity=3), [(2, "B", 3)]),
        (TWO, line(line_no=1, sku="B", quantity=3), [(2, "B", 3)]),  # the article goes first
        (TWO, line(item_code="theirs-a", quantity=3), [(1, "A", 3)]),
        (TWO, line(sku="A", quantity=12), [(1, "A", 12)]),
        (TWO, line(sku="C", quantity=2), [(None, "C", 2)]),
        (TWO, line(sku="NOBODYS", quantity=2), [(None, "NOBODYS", 2)]),
        (TWO, line(line_no=9, quantity=2), [(None, "line 9", 2)]),
        (TWO, line(sku="A", quantity=0), []),
        (SPLIT, line(sku="A", quantity=7), [(1, "A", 4), (2, "A", 3)]),
        (SPLIT, line(sku="A", batch="y", quantity=7), [(2, "A", 6), (1, "A", 1)]),
        (SPLIT, line(line_no=2, sku="A", quantity=12), [(2, "A", 8), (1, "A", 4)]),
        ((), line(sku="A", quantity=2), [(None, "A", 2)]),
    ],
)
def test_each_piece_goes_to_the_line_it_is_meant_for(
    lines: tuple[Expected, ...], came: ReceivedLine, placed: list[tuple[int | None, str, int]]
) -> None:
    found = receiving.match(lines, [came], MEANT)
    assert [(it.line_no, it.sku, int(it.quantity)) for it in found] == placed
    assert sum(it.quantity for it in found) == came.quantity


def test_an_article_that_nobody_knows_is_marked() -> None:
    found = receiving.match(TWO, [line(sku="NOBODYS"), line(sku="C")], MEANT)
    assert [it.is_known for it in found] == [False, True]


@pytest.mark.parametrize(
    ("it", "complete", "codes"),
    [
        (expected(1, "A", 10), False, []),
        (expected(1, "A", 10), True, [("short", 10)]),
        (expected(1, "A", 10, received=10), True, []),
        (expected(1, "A", 10, received=4), False, []),
        (expected(1, "A", 10, received=4), True, [("short", 6)]),
        (expected(1, "A", 10, received=12), False, [("over", 2)]),
        (expected(1, "A", 10, received=12, damaged=3), True, [("over", 2), ("damaged", 3)]),
        (expected(1, "A", 0, received=2), True, [("over", 2)]),
    ],
)
def test_a_line_differs_by_what_came_of_it(
    it: Expected, *, complete: bool, codes: list[tuple[str, int]]
) -> None:
    found = receiving.differences([it], [], complete=complete)
    assert [(one.code, int(one.quantity)) for one in found] == codes


def test_what_no_line_announces_is_summed_up_by_article() -> None:
    strays = [Piece("C", "good", Decimal(1)), Piece("C", "good", Decimal(2))]
    strays += [Piece("X", "good", Decimal(4), is_known=False)]
    found = receiving.differences([], strays, complete=False)
    assert [(it.code, it.sku, int(it.quantity)) for it in found] == [
        ("unknown_sku", "X", 4),
        ("wrong_sku", "C", 3),
    ]
    assert len({it.key for it in found}) == 2


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ([line(sku="A")], []),
        ([line(sku="A", quantity=0)], []),
        ([line(sku="A", quantity=-1)], [("lines.0.quantity", "bad_quantity")]),
        ([line(sku="A"), line()], [("lines.1.sku", "missing_field")]),
    ],
)
def test_what_is_wrong_with_a_receipt_is_named(
    lines: list[ReceivedLine], codes: list[tuple[str, str]]
) -> None:
    receipt = GoodsReceipt(
        source=Source(connection="wh", id="g1"),
        inbound_notice_id="PO-1",
        receipt_id="g1",
        received_at=AT,
        lines=tuple(lines),
    )
    assert [(it.path, it.code) for it in receiving.faults(receipt)] == codes
