"""Which telling of a notice is news, what is wrong with one, and what can be decided of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.model.document import Source
from hub.model.stock import InboundLine, InboundNotice
from hub.rules.inbound import announcing, deciding
from hub.rules.inbound.announcing import News
from hub.rules.messages.revision import Telling
from tests.rules.builders import AT


def notice(*lines: InboundLine, said: str | None = None, at: Any = None, **how: Any) -> Any:
    given = lines or (InboundLine(line_no=1, sku="A", quantity=Decimal(1)),)
    return InboundNotice(
        source=Source(connection="erp", id="PO-1", revision=said, occurred_at=at),
        inbound_notice_id="PO-1",
        merchant="acme",
        warehouse="wh",
        lines=given,
        **{"kind": "purchase", **how},
    )


@pytest.mark.parametrize(
    ("stored", "number", "told", "is_same", "news"),
    [
        (Telling(), 1, notice(), True, News.SAME),
        (Telling(), 1, notice(), False, News.CHANGE),
        (Telling(), 1, notice(revision=2), False, News.CHANGE),
        (Telling(), 1, notice(revision=2), True, News.SAME),
        (Telling(), 3, notice(revision=2), False, News.STALE),
        (Telling("5"), 1, notice(said="4"), False, News.STALE),
        (Telling("5"), 1, notice(said="6"), False, News.CHANGE),
        (Telling("5"), 1, notice(said="5"), False, News.CONFLICT),
        (Telling(at=AT), 1, notice(at=AT - timedelta(1)), False, News.STALE),
        (Telling(at=AT), 1, notice(at=AT + timedelta(1)), False, News.CHANGE),
    ],
)
def test_a_telling_is_news_by_its_revision_then_by_its_tellers(
    stored: Telling, number: int, told: InboundNotice, *, is_same: bool, news: News
) -> None:
    assert announcing.news(stored, number, told, is_same=is_same) is news


def _line(number: int, quantity: int) -> InboundLine:
    return InboundLine(line_no=number, sku="A", quantity=Decimal(quantity))


@pytest.mark.parametrize(
    ("told", "paths"),
    [
        (notice(_line(1, 1), _line(2, 5)), []),
        (notice(_line(1, 0)), ["lines.0.quantity"]),
        (notice(_line(1, 1), _line(1, -2)), ["lines.1.quantity", "lines.1.line_no"]),
        (notice(kind="transfer"), ["from_warehouse"]),
        (notice(kind="transfer", from_warehouse="wh"), ["from_warehouse"]),
        (notice(kind="transfer", from_warehouse="wh-2"), []),
        (notice(from_warehouse="wh-2"), ["from_warehouse"]),
    ],
)
def test_what_is_wrong_with_a_notice_is_named(told: InboundNotice, paths: list[str]) -> None:
    assert [it.path for it in announcing.faults(told)] == paths


@pytest.mark.parametrize("code", deciding.CODES)
def test_every_difference_can_be_accepted_and_no_decision_makes_pieces_of_nothing(
    code: str,
) -> None:
    for is_transfer in (False, True):
        allowed = deciding.possible(code, is_transfer=is_transfer)
        assert "accept" in allowed
        for decision in deciding.DECISIONS:
            moves = deciding.moves(code, decision, is_transfer=is_transfer)
            assert (moves is None) == (decision not in allowed)
            shelves = [(move.shelf, move.sign) for move in moves or ()]
            assert len(set(shelves)) == len(shelves)
            if is_transfer and code == "short":
                assert ("transit", -1) in shelves


@pytest.mark.parametrize(("quantity", "decided", "left"), [(3, 0, 3), (5, 3, 2), (2, 3, 0)])
def test_what_came_since_is_decided_anew(quantity: int, decided: int, left: int) -> None:
    assert deciding.undecided(Decimal(quantity), Decimal(decided)) == left
