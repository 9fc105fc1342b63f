"""The picture of an order: one upright line for each partner, one arrow for each message, causes
before what follows from them.

Only geometry and words are made here; the template draws it as SVG.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from admin.shown import labels
from hub.store.views.messages import MessageRow
from hub.store.views.order_view import OrderView, TimelineItem

COLUMN, ROW, TOP, MARGIN = 200, 40, 60, 110
MOST = 60
LETTER = 7
"""How wide a letter of a note is, about."""
HUB = ""
"""The hub's own line stands beside the channel's; no partner has this code."""

_OWN = frozenset(
    {
        *("held", "released", "recorded", "routed", "backordered", "withdrawn", "cancelled"),
        *("cancel_requested", "completed", "contradiction", "change_refused", "reroute_asked"),
        *("release_asked", "refunded", "cancel_refused", "cancel_asked", "address_corrected"),
        *("not_told", "ruled", "merged"),
    }
)
"""Events that the hub itself decided, or a person asked for; the others are messages anyway."""
_REFUSALS = frozenset(
    {
        *("warehouse_rejected", "warehouse_short", "warehouse_cancelled"),
        *("warehouse_cancel_refused", "warehouse_exception"),
    }
)
"""What a warehouse would not do: shown on its own line, with its reason."""
_Thing = MessageRow | TimelineItem


@dataclass(frozen=True, slots=True)
class Line:
    """A partner's upright line."""

    name: str
    x: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """A message from one line to another."""

    y: int
    begin: int
    end: int
    text: str
    status: str
    tone: str
    at: datetime
    message_id: UUID

    @property
    def middle(self) -> int:
        return (self.begin + self.end) // 2


@dataclass(frozen=True, slots=True)
class Note:
    """What the hub decided, on its own line; or what a warehouse refused, on that one's."""

    y: int
    x: int
    text: str
    tone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it. `left_out`: how many messages were too many to draw."""

    width: int
    height: int
    lines: list[Line]
    arrows: list[Arrow]
    notes: list[Note]
    left_out: int


def draw(view: OrderView) -> Picture:
    """The order's path over all partners."""
    names = _partners(view)
    at = {name: MARGIN + COLUMN * n for n, name in enumerate(names)}
    numbers = {fulfilment.number: n for n, fulfilment in enumerate(view.fulfilment_orders, 1)}
    why = reasons(view)
    noted = [entry for entry in view.timeline if entry.event in _OWN | _REFUSALS]
    ordered = in_order([*view.messages, *noted])
    shown, arrows, notes = ordered[:MOST], [], []
    for n, thing in enumerate(shown):
        y = TOP + ROW * (n + 1)
        if isinstance(thing, MessageRow):
            arrows.append(_arrow(thing, y, at, numbers))
        else:
            text, x = _noted(thing, numbers, why), _place(thing, at)
            notes.append(Note(y, x, text, _tone(thing.event), thing.at))
    lines = [Line(name or _("Order Hub"), x) for name, x in at.items()]
    reach = [note.x + MARGIN // 6 + LETTER * len(note.text) for note in notes]
    width = max([MARGIN * 2 + COLUMN * (len(names) - 1), *reach])
    height = TOP + ROW * (len(shown) + 1)
    return Picture(width, height, lines, arrows, notes, len(ordered) - len(shown))


def reasons(view: OrderView) -> dict[str, str]:
    """Number of a fulfilment order -> why it stands as it does, in the warehouse's own words where
    it answered with some.
    """
    return {one.number: labels.because(one.reason) for one in view.fulfilment_orders if one.reason}


def in_order(things: Iterable[_Thing]) -> list[_Thing]:
    """What happened, each after its cause: by time, and within one moment what came in before what
    was decided upon it, and that before what was told of it.
    """
    found = list(things)
    by_id = {one.id: one for one in found if isinstance(one, MessageRow)}
    known: dict[UUID, tuple[datetime, int]] = {}
    return sorted(found, key=lambda one: (*_moment(one, by_id, known), one.id))


def _moment(
    thing: _Thing, by_id: Mapping[UUID, MessageRow], known: dict[UUID, tuple[datetime, int]]
) -> tuple[datetime, int]:
    """When, not before its cause; and how many steps it is from what came in. Even steps are
    messages, odd ones decisions.
    """
    if thing.id in known:
        return known[thing.id]
    if isinstance(thing, MessageRow):
        at, step, apart, because = (
            thing.received_at,
            0 if thing.direction == "in" else 2,
            2,
            thing.cause_id,
        )
    else:
        at, step, apart, because = thing.at, 1, 1, thing.message_id
    known[thing.id] = (at, step)  # whatever runs in a circle ends here
    cause = by_id.get(because) if because else None
    if cause is not None and cause is not thing:
        when, steps = _moment(cause, by_id, known)
        after = steps + apart
        known[thing.id] = (when, after) if when >= at else (at, max(step, after))
    return known[thing.id]


def _partners(view: OrderView) -> list[str]:
    """The channel left, then the hub, warehouses, and whoever else was told."""
    warehouses = [one.warehouse for one in view.fulfilment_orders]
    others = [one.connection for one in view.messages]
    return list(dict.fromkeys([view.order.channel, HUB, *warehouses, *others]))


def _arrow(message: MessageRow, y: int, at: Mapping[str, int], numbers: Mapping[str, int]) -> Arrow:
    partner, hub = at[message.connection], at[HUB]
    begin, end = (partner, hub) if message.direction == "in" else (hub, partner)
    number = numbers.get(message.key)
    return Arrow(
        y=y,
        begin=begin,
        end=end,
        text=labels.document(message.topic) + (f" {number}" if number else ""),
        status=labels.label(message.status),
        tone=labels.tone(message.status),
        at=message.received_at,
        message_id=message.id,
    )


def _noted(one: TimelineItem, numbers: Mapping[str, int], why: Mapping[str, str]) -> str:
    """What happened, to which fulfilment orders, and why a warehouse refused."""
    text, named = labels.event(one.event), _named(one)
    if which := ", ".join(str(numbers[name]) for name in named if name in numbers):
        text = f"{text}: {which}"
    said = next((why[name] for name in named if why.get(name)), "")
    return f"{text} · {said[:60]}" if said and one.event in _REFUSALS else text


def _named(one: TimelineItem) -> list[str]:
    """The numbers of the fulfilment orders that an entry names."""
    to = one.detail.get("to")
    found = [each.get("fulfilment_order") for each in to] if isinstance(to, list) else []
    return [str(name) for name in (*found, one.detail.get("fulfilment_order")) if name]


def _place(one: TimelineItem, at: Mapping[str, int]) -> int:
    warehouse = one.detail.get("warehouse")
    return at.get(str(warehouse), at[HUB]) if one.event in _REFUSALS else at[HUB]


def _tone(event: str) -> str:
    if event in {"contradiction", "warehouse_rejected", "warehouse_exception"}:
        return "bad"
    if event in _REFUSALS or event in {"held", "backordered", "cancel_requested"}:
        return "warn"
    if event in {"change_refused", "cancel_refused", "cancel_asked", "not_told"}:
        return "warn"
    return "good" if event in {"completed", "routed", "released"} else "calm"
