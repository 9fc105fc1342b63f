"""Whether what a message would tell is overtaken: what it is about has become something else.

| document | is overtaken when |
| --- | --- |
| `fulfilment_order` | its fulfilment order has ended, or was asked back since it was told |
| `fulfilment_cancellation` | its fulfilment order has ended |
| `stock_level` | there is a newer level of the article for that channel |
| `sales_order` | a newer telling of it was told; one that waits is enough where this one was told
already, and where the order is cancelled |

Everything else tells of what happened once (goods left, money was paid back): it stays true.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hub.states.fulfilment_order import FULFILMENT_ORDER
from hub.states.fulfilment_order import State as Goods
from hub.states.order import State as Order


@dataclass(frozen=True, slots=True)
class Subject:
    """What a telling is about, as it stands now.

    `goods` and `order`: where its fulfilment order and its order stand. `is_newer_told`: None where
    there is no newer telling of it, else whether the partner has that already. `was_told`: the
    partner has this one, told again it would come after what was told since. `successor`: the
    fulfilment order that took the place of one that was let go.
    """

    name: str
    goods: str | None = None
    order: str | None = None
    is_newer_told: bool | None = None
    was_told: bool = False
    successor: str | None = None


def overtaken(document: str, subject: Subject) -> str | None:
    """Why it must not be told any more, as a sentence; None where it may be."""
    rule = _RULES.get(document)
    return rule(subject) if rule else None


_BECAME: Mapping[str, str] = {
    Goods.SHIPPED: "is shipped",
    Goods.DELIVERED: "is delivered",
    Goods.SHORT: "is closed, part of it could not be shipped",
    Goods.REJECTED: "was refused by the warehouse",
    Goods.CANCELLED: "is cancelled",
    Goods.CANCEL_REQUESTED: "is asked back",
}


def _notice(subject: Subject) -> str | None:
    asked_back = subject.was_told and subject.goods == Goods.CANCEL_REQUESTED
    return _became(subject) if asked_back or _has_ended(subject) else None


def _wish(subject: Subject) -> str | None:
    return _became(subject) if _has_ended(subject) else None


def _level(subject: Subject) -> str | None:
    if subject.is_newer_told is None:
        return None
    return "a newer level of this article took its place"


def _booked(subject: Subject) -> str | None:
    if subject.is_newer_told is None:
        return None
    if subject.is_newer_told or subject.was_told:
        return "a newer telling of this order took its place"
    if subject.order == Order.CANCELLED:
        return "the order is cancelled; the telling of that took its place"
    return None


def _has_ended(subject: Subject) -> bool:
    return subject.goods in FULFILMENT_ORDER.final


def _became(subject: Subject) -> str:
    said = f"fulfilment order {subject.name} {_BECAME[subject.goods or '']}"
    return f"{said}; {subject.successor} took its place" if subject.successor else said


Rule = Callable[[Subject], str | None]
_RULES: Mapping[str, Rule] = {
    "fulfilment_order": _notice,
    "fulfilment_cancellation": _wish,
    "stock_level": _level,
    "sales_order": _booked,
}
OF_GOODS = frozenset({"fulfilment_order", "fulfilment_cancellation"})
"""Documents about one fulfilment order: their key is its number."""
WHOLE = frozenset({"stock_level", "sales_order"})
"""Documents that say all there is of their key: a newer one makes an older one needless."""
