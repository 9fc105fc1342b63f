"""What an order's update changes, and what each fulfilment order of it must do about it.

A change is a proposal: what no warehouse was told is applied, what one was told is intercepted, and
what has left the building is refused with its reason.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from hub.model.document import pieces
from hub.model.order import OrderLine, SalesOrder
from hub.rules.orders.order_totals import open_pieces
from hub.states.fulfilment_order import State

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LineChange:
    """How many pieces of a line are wanted now and before; `article`: it is another SKU; `sender`:
    somebody else is to send it.
    """

    kind: Literal["added", "removed", "raised", "lowered", "article", "sender"]
    line_no: int
    sku: str | None
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different. `other`: anything that no warehouse needs to know (note, tags, sums)."""

    lines: tuple[LineChange, ...] = ()
    address: bool = False
    delivery: bool = False
    payment: bool = False
    cancelled: bool = False
    other: bool = False

    def __bool__(self) -> bool:
        """Whether anything is different at all."""
        parts = (self.address, self.delivery, self.payment, self.cancelled, self.other)
        return bool(self.lines) or any(parts)


class Kind(StrEnum):
    """What is to be done.

    `apply`: store it. `withdraw`: end an untold fulfilment order. `replan`: plan the order's open
    pieces anew. `ask_cancel`: ask the warehouse. `refuse`: too late, with the reason.
    """

    NOTHING = "nothing"
    APPLY = "apply"
    WITHDRAW = "withdraw"
    REPLAN = "replan"
    ASK_CANCEL = "ask_cancel"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do, for one fulfilment order or (None) for the order."""

    kind: Kind
    fulfilment_order_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """A fulfilment order of the order: its state, whether it was told, pieces by order line."""

    fulfilment_order_id: str
    state: State
    told: bool
    pieces: dict[int, Decimal]


_LEFT = frozenset({State.SHIPPED, State.DELIVERED})
_ENDED = frozenset({State.SHORT, State.REJECTED, State.CANCELLED})
_OTHER = (
    "order_number",
    "state",
    "fulfilment_state",
    "customer",
    "bill_to",
    "shipping",
    "fees",
    "discounts",
    "totals",
    "note",
    "tags",
    "test",
    "attributes",
)
_LINE_OTHER = (
    "unit_price",
    "discount",
    "tax",
    "total",
    "title",
    "attributes",
    "quantity",
    "fulfilled_quantity",
)
_OTHER_GOODS = {"article": "is another article", "sender": "is sent by somebody else"}
"""Change -> what the line is, where nothing that was planned of it counts any more."""


def compare(stored: SalesOrder, new: SalesOrder) -> Changes:
    """What `new` changes. Lines are the same by the channel's line id, else by their number."""
    before = {_key(line): line for line in stored.lines}
    after = {_key(line): line for line in new.lines}
    lines = tuple(
        change for key in {**before, **after} for change in _line(before.get(key), after.get(key))
    )
    same = [(before[key], line) for key, line in after.items() if key in before]
    return Changes(
        lines=lines,
        address=stored.ship_to != new.ship_to,
        delivery=stored.delivery != new.delivery,
        payment=(stored.payment_state, stored.payments) != (new.payment_state, new.payments),
        cancelled=_is_cancelled(new) and not _is_cancelled(stored),
        other=_differ(stored, new, _OTHER)
        or any(_differ(was, other, _LINE_OTHER) for was, other in same),
    )


def react(changes: Changes, fulfilments: Sequence[Fulfilment]) -> list[Action]:
    """What to do about it: first the fulfilment orders, then `apply` or `replan` for the order."""
    if not changes:
        return [Action(Kind.NOTHING)]
    living = [fulfilment for fulfilment in fulfilments if fulfilment.state not in _ENDED]
    if changes.cancelled:
        return [
            *(_stop(fulfilment, "the order is cancelled") for fulfilment in living),
            Action(Kind.APPLY),
        ]
    stopped = {
        fulfilment.fulfilment_order_id: why for fulfilment, why in _affected(changes, living)
    }
    actions = [
        _stop(fulfilment, stopped[fulfilment.fulfilment_order_id])
        for fulfilment in living
        if fulfilment.fulfilment_order_id in stopped
    ]
    more = any(change.after > change.before or change.kind == "sender" for change in changes.lines)
    replan = more or any(action.kind is not Kind.REFUSE for action in actions)
    return [*actions, Action(Kind.APPLY), *([Action(Kind.REPLAN)] if replan else [])]


def _stop(fulfilment: Fulfilment, why: str) -> Action:
    if fulfilment.state in _LEFT:
        return Action(
            Kind.REFUSE, fulfilment.fulfilment_order_id, f"{why}, but it has been shipped"
        )
    return Action(
        Kind.ASK_CANCEL if fulfilment.told else Kind.WITHDRAW, fulfilment.fulfilment_order_id, why
    )


def _affected(changes: Changes, living: Sequence[Fulfilment]) -> Iterator[tuple[Fulfilment, str]]:
    """Fulfilment orders that the changes touch, each with its reason."""
    if changes.address or changes.delivery:
        what = "address" if changes.address else "delivery"
        yield from ((fulfilment, f"the {what} changed") for fulfilment in living)
        return
    for change in changes.lines:
        if change.kind in _OTHER_GOODS:
            why = f"line {change.line_no} {_OTHER_GOODS[change.kind]} now"
            yield from (
                (fulfilment, why) for fulfilment in living if fulfilment.pieces.get(change.line_no)
            )
        elif change.after < change.before:
            why = (
                f"line {change.line_no}: {pieces(change.after)} wanted, not {pieces(change.before)}"
            )
            yield from ((fulfilment, why) for fulfilment in _holding(change, living))


def _holding(change: LineChange, living: Sequence[Fulfilment]) -> Iterator[Fulfilment]:
    """Those that must give pieces back, the untold first, the shipped last."""
    planned = sum((fulfilment.pieces.get(change.line_no, _ZERO) for fulfilment in living), _ZERO)
    surplus = planned - change.after
    for fulfilment in sorted(
        living, key=lambda fulfilment: (fulfilment.state in _LEFT, fulfilment.told)
    ):
        has = fulfilment.pieces.get(change.line_no, _ZERO)
        if surplus > 0 and has > 0:
            yield fulfilment
            surplus -= has


def _line(before: OrderLine | None, after: OrderLine | None) -> Iterator[LineChange]:
    line = after or before
    if line is None:
        return
    had = open_pieces(before) if before else _ZERO
    has = open_pieces(after) if after else _ZERO
    if before and after and before.sku != after.sku and (had or has):
        yield LineChange("article", line.line_no, line.sku, had, has)
    elif before and after and _sender(before) != _sender(after) and (had or has):
        yield LineChange("sender", line.line_no, line.sku, had, has)
    elif had != has:
        kind = _kind(had, has)
        yield LineChange(kind, line.line_no, line.sku, had, has)


def _kind(had: Decimal, has: Decimal) -> Literal["added", "removed", "raised", "lowered"]:
    if had == 0 or has == 0:
        return "added" if had == 0 else "removed"
    return "raised" if has > had else "lowered"


def _key(line: OrderLine) -> tuple[str, str | int]:
    return ("id", line.channel_line_id) if line.channel_line_id else ("no", line.line_no)


def _sender(line: OrderLine) -> tuple[bool, str | None]:
    return line.ours_to_ship, line.warehouse


def _is_cancelled(order: SalesOrder) -> bool:
    return order.state == "cancelled" or order.cancelled_at is not None


def _differ(one: object, other: object, names: Iterable[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in names)
