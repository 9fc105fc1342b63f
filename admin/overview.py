"""The first page: what flows, what stands still and why, who works; and the search over all."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from admin import forms, queries
from admin.queries import Flow
from admin.reach import account, looking, now
from hub.store.views import connections, messages, orders
from hub.store.views.connections import Backlog
from hub.store.views.messages import Cause

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
        found = orders.find(db, text)
    if len(found) == 1:
        return redirect(url_for("orders.one", order_id=found[0]), 303)
    from_messages = not found and account().role not in {"warehouse", "finance"}
    return redirect(url_for("messages.listed" if from_messages else "orders.listed", q=text), 303)


def lanes(backlog: list[Backlog]) -> list[Lane]:
    """Lanes by connection, the one that is behind most first; shards are taken together."""
    counts: Counter[tuple[str, str]] = Counter()
    oldest: dict[tuple[str, str], float] = {}
    for one in backlog:
        if one.status == "parked":
            continue
        at = (one.direction, one.connection)
        counts[at] += one.count
        late = one.oldest_s if one.status in _DUE else 0.0
        oldest[at] = max(oldest.get(at, 0.0), late)
    found = [Lane(*at, count, timedelta(seconds=round(oldest[at]))) for at, count in counts.items()]
    return sorted(found, key=lambda lane: (-lane.overdue, -lane.waiting, lane.connection))[:12]


def by_cause(found: list[Cause]) -> list[dict[str, Any]]:
    """Causes over all connections, most first."""
    groups: dict[tuple[str, str], list[Cause]] = {}
    for one in found:
        groups.setdefault((one.status, one.code), []).append(one)
    cards = [
        {
            "status": status,
            "code": code,
            "count": sum(one.count for one in some),
            "oldest": min(one.oldest for one in some),
            "causes": some,
        }
        for (status, code), some in groups.items()
    ]
    return sorted(cards, key=lambda card: (-card["count"], card["status"], card["code"]))


def chart(found: list[Flow], height: int = 56) -> dict[str, Any]:
    """Bars of what came in, upwards, and what was told, downwards."""
    most = max([1, *(one.received for one in found), *(one.told for one in found)])
    bars = [
        Bar(
            n * 10,
            round(one.received / most * height / 2, 1),
            round(one.told / most * height / 2, 1),
            one,
        )
        for n, one in enumerate(found)
    ]
    total = sum(one.received + one.told for one in found)
    return {"bars": bars, "height": height, "width": len(found) * 10, "most": most, "total": total}


def _numbers() -> dict[str, Any]:
    at = now()
    everyone = account().role in {"operator", "integrator", "auditor"} and not account().merchants
    with looking() as db:
        standing = queries.standing(db)
        return {
            "at": at,
            "standing": standing,
            "finished": queries.finished(db, at),
            "chart": chart(queries.flows(db, at)),
            "lanes": lanes(connections.backlog(db)),
            "causes": by_cause(messages.causes(db)),
            "orders": orders.by_status(db),
            "holds": orders.by_hold(db),
            "workers": queries.workers(db) if everyone else None,
            "silent_s": SILENT_S,
            "partners": connections.connections(db),
            "incidents": len(orders.incidents(db, "open", limit=100).items),
        }
