"""Messages: what came in and what was told, and why something stands still."""

import base64
from collections.abc import Sequence
from typing import Any

from hub.doors import exchanges, masking, present
from hub.doors.fields import Fields, canonical, of_adapter
from hub.doors.known import persons
from hub.doors.masking import Shown
from hub.gateway.description.answers import messages as answers
from hub.gateway.routes import PAGED, Ask, Param, Route, choice, text, uuid
from hub.model.errors import NotFound
from hub.states.message import In, Out
from hub.store.people import audit_trail
from hub.store.views import message_view, messages
from hub.store.views.message_view import AttemptRow
from hub.store.views.messages import MessageRow, Wanted

STATUSES = sorted({*In, *Out} - {"new"})


def listed(ask: Ask) -> Any:
    """Messages, newest first."""
    query = ask.query
    wanted = Wanted(
        direction=query.get("direction"),
        connection=query.get("connection"),
        status=query.get("status"),
        topic=query.get("topic"),
        code=query.get("code"),
        correlation_id=query.get("correlation_id"),
        q=query.get("q"),
    )
    page = messages.messages(ask.db, ask.store.vault, wanted, after=ask.after(), limit=ask.limit())
    return ask.listed(page, present.message)


def one(ask: Ask) -> Any:
    """One message with its versions and attempts; in clear for those who may, for others without
    what is personal in it.
    """
    row = seen(ask)
    clear = "messages:payload" in ask.caller.scopes
    attempts = message_view.attempts(ask.db, ask.store.vault, row.id)
    raw = message_view.payload(ask.db, ask.store.vault, row)
    wire = of_adapter(_adapter(ask, row.connection))
    own = _fields(row, wire)
    shown = None if clear else masking.payload(raw, own)
    hidden = [] if clear else persons(ask.db, ask.store.vault, row, raw, own)
    if clear:
        by = ask.caller.actor
        subject = f"message:{row.id}"
        audit_trail.record(ask.db, row.merchant, by, "message.read", subject, {}, ask.at)
    return {
        **present.message(row),
        "warnings": row.warnings,
        "payload": shown.whole if shown else _text(raw),
        "payload_base64": base64.b64encode(raw).decode() if clear else None,
        "payload_masked": not clear,
        "payload_fault": _fault(shown),
        "size": row.size,
        "version": row.version,
        "versions": [present.version(each) for each in message_view.versions(ask.db, row.id)],
        "behind": message_view.count_behind(ask.db, row),
        "attempt_list": [_attempt(each, None if clear else wire, hidden) for each in attempts],
    }


def _fields(row: MessageRow, wire: Fields) -> Fields:
    return canonical(row.topic) if row.direction == "out" else wire


def _adapter(ask: Ask, connection: str) -> str:
    partner = ask.directory.connections.get(connection)
    return partner.adapter if partner else ""


def _fault(shown: Shown | None) -> dict[str, Any] | None:
    if shown is None or shown.fault is None:
        return None
    found = shown.fault
    return {"line": found.line, "column": found.column, "cut_off": found.ends}


def _attempt(row: AttemptRow, fields: Fields | None, hidden: Sequence[str]) -> dict[str, Any]:
    if fields is None:
        shown = _text(row.exchange or b"")
    else:
        shown = exchanges.masked(row.exchange, fields, hidden)
    return {**present.attempt(row), "exchange": shown or None}


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def seen(ask: Ask) -> MessageRow:
    """The message that the path names, where the caller may know of it."""
    row = messages.one(ask.db, ask.store.vault, ask.uuid())
    if row is None:
        raise NotFound
    return row


_FILTERS = (
    choice("direction", "in or out", "in", "out"),
    Param("connection", "the connection's code", text),
    choice("status", "where it stands", *STATUSES),
    Param("topic", "what it is about", text),
    Param("code", "why it stands still", text),
    Param(
        "correlation_id",
        "from the first request to the last booking",
        uuid,
        {"type": "string", "format": "uuid"},
    ),
    Param("q", "an id, key, reference or order number", text),
    *PAGED,
)

ROUTES = (
    Route("GET", "messages", "messages:read", listed, answers.MessagePage, _FILTERS),
    Route("GET", "messages/{id}", "messages:read", one, answers.MessageWhole),
)
