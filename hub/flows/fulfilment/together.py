"""Fulfilment orders that were told in one notice: what is said of its number is said of them."""

from collections.abc import Sequence

from hub.flows.fulfilment.batch import Desk
from hub.model.fulfilment import WarehouseWord
from hub.rules.messages.receiving import Verdict
from hub.states.fulfilment_order import FULFILMENT_ORDER, State
from hub.store.orders.fulfilments import FulfilmentRow


def members(desk: Desk, row: FulfilmentRow) -> list[FulfilmentRow]:
    """What was told under its number, in the order of its notice: itself first."""
    others = (
        it
        for it in desk.rows.values()
        if it.merged_into == row.id and it.notice_id == row.notice_id
    )
    return [row, *sorted(others, key=lambda it: it.line_offset)]


def said_of_all(verdicts: Sequence[Verdict]) -> Verdict:
    """One answer for what was said of several: the first that did something, else the first."""
    return next((it for it in verdicts if it.status == "done"), verdicts[0])


def meant(parts: list[FulfilmentRow], word: WarehouseWord) -> list[FulfilmentRow]:
    """Which of the fulfilment orders of one notice a word is about. What is asked back of one is
    asked back of all that has not left: a warehouse that lets go of the others as well has refused
    none of them, and one that keeps them answers those that were asked back.
    """
    asked = [part for part in parts if part.status == State.CANCEL_REQUESTED]
    if word == "cancel_refused":
        return asked or parts
    if word in _LETS_GO:
        living = [part for part in parts if part.status not in FULFILMENT_ORDER.final]
        for part in living if asked else ():
            part.asked_back = True
        return living or parts
    if word == "delivered":
        return [part for part in parts if part.status in _LEFT] or parts
    return parts


_LETS_GO = frozenset({"rejected", "cancelled"})
_LEFT = frozenset({State.SHIPPED, State.DELIVERED})
