"""Clocks: how long orders stand before their next step, at which connection, and which stand too
long.
"""

from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

from hub.gateway.description.answers import clocks as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import PAGED, Ask, Param, Route, choice, text
from hub.model.errors import NotFound
from hub.store.ops import clocks
from hub.store.ops.clocks import ClockName, Standing
from hub.store.views.page import Page, Position


def counted(ask: Ask) -> Any:
    """Every clock at every connection: how many orders stand, how many too long, since when."""
    _whole(ask)
    now = datetime.now(UTC)
    return {
        "items": [
            {
                "clock": clock.name,
                "connection": clock.connection,
                "count": clock.count,
                "late": clock.late,
                "oldest": clock.oldest,
                "age_s": max(0, int((now - clock.oldest).total_seconds())),
                "limit_s": int(clock.limit_s),
            }
            for clock in clocks.counts(ask.db)
        ]
    }


def listed(ask: Ask) -> Any:
    """The orders that stand by one clock, the longest first."""
    _whole(ask)
    if "clock" not in ask.query:
        raise Stop(422, "missing_field", "the name of a clock is expected", path="clock")
    limit = ask.limit()
    rows = clocks.standing(
        ask.db,
        ask.query["clock"],
        connection=ask.query.get("connection"),
        is_late=ask.query.get("late") == "yes",
        after=_place(ask.after()),
        limit=limit,
    )
    after = position(rows[limit - 1]) if len(rows) > limit else None
    return ask.listed(Page(list(rows[:limit]), after), _shown)


def _whole(ask: Ask) -> None:
    """A partner that signs sees its own orders, not how others do with them."""
    if ask.caller.connection is not None:
        raise NotFound


def position(row: Standing) -> Position:
    """Where the page after this row begins."""
    return (row.since.isoformat(), str(row.about))


def _place(after: Position | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    try:
        return datetime.fromisoformat(after[0]), UUID(after[1])
    except (ValueError, IndexError):
        message = "the cursor is none of this list"
        raise Stop(400, "bad_cursor", message, path="cursor") from None


def _shown(row: Standing) -> dict[str, Any]:
    age = datetime.now(UTC) - row.since
    return {
        "order_id": row.order_id,
        "order_number": row.number,
        "merchant": row.merchant,
        "connection": row.connection,
        "about": row.about,
        "since": row.since,
        "age_s": max(0, int(age.total_seconds())),
        "limit_s": int(row.limit_s),
        "late": row.is_late,
    }


ROUTES = (
    Route("GET", "clocks", "orders:read", counted, answers.Clocks),
    Route(
        "GET",
        "clocks/orders",
        "orders:read",
        listed,
        answers.StandingPage,
        (
            choice("clock", "which clock; needed", *get_args(ClockName)),
            Param("connection", "where it stands", text),
            choice("late", "yes: only those that stand too long", "yes", "no"),
            *PAGED,
        ),
    ),
)
