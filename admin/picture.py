"""The picture of an order: one upright line for each partner, one arrow for each message, in time.

Only geometry and words are made here; the template draws it as SVG.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from admin import words
from hub.store.views.messages import MessageRow
from hub.store.views.orders import OrderView, TimelineItem

COLUMN, ROW, TOP, MARGIN = 200, 40, 60, 110
MOST = 60
HUB = ""
"""The hub's own line stands beside the channel's; no partner has this code."""

_NOTED = frozenset(
    {
        *("held", "released", "recorded", "routed", "backordered", "withdrawn", "cancelled"),
        *("cancel_requested", "completed", "contradiction", "change_refused", "reroute_asked"),
        *("release_asked", "refunded", "cancel_refused"),
    }
)
"""Events that the hub itself decided, or a person asked for; the others are messages anyway."""


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
    """What the hub decided, on its own line."""

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
    noted = [one for one in view.timeline if one.event in _NOTED]
    happened: list[MessageRow | TimelineItem] = [*view.messages, *noted]
    found = sorted(happened, key=_moment)
    shown, arrows, notes = found[:MOST], [], []
    for n, one in enumerate(shown):
        y = TOP + ROW * (n + 1)
        if isinstance(one, MessageRow):
            arrows.append(_arrow(one, y, at))
        else:
            notes.append(Note(y, at[HUB], words.event(one.event), _tone(one.event), one.at))
    lines = [Line(name or _("Order Hub"), x) for name, x in at.items()]
    width, height = MARGIN * 2 + COLUMN * (len(names) - 1), TOP + ROW * (len(shown) + 1)
    return Picture(width, height, lines, arrows, notes, len(found) - len(shown))


def _partners(view: OrderView) -> list[str]:
    """The channel left, then the hub, warehouses, and whoever else was told."""
    warehouses = [one.warehouse for one in view.fulfilment_orders]
    others = [one.connection for one in view.messages]
    return list(dict.fromkeys([view.order.channel, HUB, *warehouses, *others]))


def _arrow(one: MessageRow, y: int, at: dict[str, int]) -> Arrow:
    partner, hub = at[one.connection], at[HUB]
    begin, end = (partner, hub) if one.direction == "in" else (hub, partner)
    return Arrow(
        y=y,
        begin=begin,
        end=end,
        text=words.document(one.topic),
        status=words.label(one.status),
        tone=words.tone(one.status),
        at=one.received_at,
        message_id=one.id,
    )


def _moment(one: MessageRow | TimelineItem) -> tuple[datetime, UUID]:
    return (one.received_at if isinstance(one, MessageRow) else one.at, one.id)


def _tone(event: str) -> str:
    if event in {"held", "backordered", "cancel_requested", "change_refused", "cancel_refused"}:
        return "warn"
    if event == "contradiction":
        return "bad"
    return "good" if event in {"completed", "routed", "released"} else "calm"
