"""The first page: what flows, what stands still and why, who works; and the search over all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from admin import forms
from admin.request_context import account, looking, now
from admin.shown.causes import grouped
from hub.flows.config import pause as flow
from hub.rules.ops.condition import Condition, State
from hub.store.views import connections, incidents, orders
from hub.store.views.connections import Backlog, ConnectionItem
from hub.store.views.running import traffic, workers
from hub.store.views.running.traffic import Flow

desk = Blueprint("overview", __name__)

SILENT_S = 20.0
"""A worker that beats every 5 s and was not heard for so long is in trouble."""
_DUE = frozenset({"received", "pending", "retry", "unknown"})
_FINDS_ORDERS_BY = 20


@dataclass(frozen=True, slots=True)
class Lane:
    """A connection in one direction: how much waits, and for how long the oldest is overdue."""

    direction: str
    connection: str
    waiting: int
    overdue: timedelta


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart, in its coordinates."""

    x: int
    received: float
    told: float
    flow: Flow


@desk.get("/")
def home() -> str:
    """The overview."""
    return render_template("overview/home.html", **_numbers())


@desk.get("/overview/numbers")
def numbers() -> str:
    """The same without the frame: the page asks for it again by itself."""
    return render_template("overview/numbers.html", **_numbers())


@desk.get("/search")
def search() -> Response:
    """To the order that is meant; else to the messages that fit."""
    text = forms.arg("q")
    if text is None:
        return redirect(url_for("overview.home"), 303)
    with looking() as db:
        ids = orders.find(db, text)
    if len(ids) == 1:
        return redirect(url_for("orders.one", order_id=ids[0]), 303)
    from_messages = not ids and account().role not in {"warehouse", "finance"}
    return redirect(url_for("messages.listed" if from_messages else "orders.listed", q=text), 303)


def lanes(backlog: list[Backlog]) -> list[Lane]:
    """Lanes by connection, the one that is behind most first; shards are taken together."""
    counts: Counter[tuple[str, str]] = Counter()
    oldest: dict[tuple[str, str], float] = {}
    for row in backlog:
        if row.status == "parked":
            continue
        at = (row.direction, row.connection)
        counts[at] += row.count
        late = row.oldest_s if row.status in _DUE else 0.0
        oldest[at] = max(oldest.get(at, 0.0), late)
    rows = [Lane(*at, count, timedelta(seconds=round(oldest[at]))) for at, count in counts.items()]
    return sorted(rows, key=lambda lane: (-lane.overdue, -lane.waiting, lane.connection))[:12]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A connection that does not do well, and what waits for it."""

    connection: ConnectionItem
    condition: Condition
    messages: int
    orders: int


def troubled(
    partners: list[tuple[ConnectionItem, Condition]], behind: Mapping[str, int]
) -> list[Trouble]:
    """Connections that do not work, those with most orders behind them first."""
    rows = [
        Trouble(item, condition, item.waiting_in + item.waiting_out, behind.get(item.code, 0))
        for item, condition in partners
        if condition.state is not State.WORKS
    ]
    return sorted(rows, key=lambda row: (-row.orders, -row.messages, row.connection.code))


def chart(flows: list[Flow], height: int = 56) -> dict[str, Any]:
    """Bars of what came in, upwards, and what was told, downwards."""
    most = max([1, *(slot.received for slot in flows), *(slot.told for slot in flows)])
    bars = [
        Bar(
            n * 10,
            round(slot.received / most * height / 2, 1),
            round(slot.told / most * height / 2, 1),
            slot,
        )
        for n, slot in enumerate(flows)
    ]
    total = sum(slot.received + slot.told for slot in flows)
    return {"bars": bars, "height": height, "width": len(flows) * 10, "most": most, "total": total}


def _numbers() -> dict[str, Any]:
    at = now()
    everyone = account().role in {"operator", "integrator", "auditor"} and not account().merchants
    with looking() as db:
        standing = traffic.standing(db)
        partners = flow.conditions(db, at)
        known = {item.code: (item, condition) for item, condition in partners}
        return {
            "at": at,
            "standing": standing,
            "finished": traffic.finished(db, at),
            "chart": chart(traffic.flows(db, at)),
            "lanes": lanes(connections.backlog(db)),
            "causes": grouped(traffic.causes(db), known),
            "orders": orders.by_status(db),
            "holds": orders.by_hold(db),
            "workers": workers.heard(db) if everyone else None,
            "silent_s": SILENT_S,
            "troubled": troubled(partners, traffic.orders_behind(db)),
            "incidents": len(incidents.incidents(db, "open", limit=100).items),
        }
