"""Messages: the list with its filters, and one with its payload, attempts and what hangs on it."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from admin import forms, masking, paging, pretty, queries, unmasking
from admin.reach import account, looking, store
from admin.roles import may
from hub.states.machine import Table, allowed
from hub.states.message import INBOX, OUTBOX, In, Out
from hub.store.views import connections, messages
from hub.store.views.messages import AttemptRow, MessageRow, Wanted

desk = Blueprint("messages", __name__)

TABLES: dict[str, tuple[Table[Any, Any], type[In] | type[Out]]] = {
    "in": (INBOX, In),
    "out": (OUTBOX, Out),
}
STATUSES = tuple(dict.fromkeys(str(one) for one in (*In, *Out) if one not in {In.NEW, Out.NEW}))
_ENDPOINTS = {
    "replay": "mending.replay",
    "discard": "mending.discard",
    "it_arrived": "mending.settle",
    "it_did_not": "mending.settle",
}
"""Which action serves an event of the tables."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An exchange with a partner as the page shows it. `response` None: none came."""

    line: str
    status: Any
    ms: Any
    error: str | None
    request: str
    response: str | None
    headers: list[tuple[str, str]]


@desk.get("/messages")
def listed() -> str:
    """The list, newest first. Only the rows where the page asks for them alone."""
    wanted = filters()
    with looking() as db:
        found = messages.messages(db, wanted, after=paging.after(), limit=paging.SIZE)
        codes = [] if _only_rows() else [one.code for one in connections.connections(db)]
    template = "messages/rows.html" if _only_rows() else "messages/list.html"
    return render_template(
        template,
        page=found,
        following=paging.following(found),
        wanted=wanted,
        connections=codes,
        statuses=STATUSES,
        args=given(),
    )


@desk.get("/messages/<uuid:message_id>")
def one(message_id: UUID) -> str:
    """One message. Its contents are masked until somebody gives a reason."""
    subject = f"message:{message_id}"
    clear = unmasking.is_open(subject, "messages.unmask")
    with looking() as db:
        row = seen(db, message_id)
        raw = messages.payload(db, store().vault, row)
        attempts = messages.attempts(db, store().vault, message_id)
        context = {
            "versions": messages.versions(db, message_id),
            "behind": queries.behind(db, row),
            "behind_count": messages.behind(db, row),
            "children": queries.children(db, message_id),
            "cause": row.cause_id and messages.one(db, row.cause_id),
        }
    shown = payload_shown(raw, clear=clear)
    return render_template(
        "messages/one.html",
        message=row,
        payload=shown,
        cut=shown is not None and len(shown) > masking.MOST_SHOWN,
        clear=clear,
        attempts=[(one, exchanges(one, clear=clear)) for one in attempts],
        actions=actions(row),
        **context,
    )


@desk.post("/messages/<uuid:message_id>/unmask")
def unmask(message_id: UUID) -> Response:
    """Show the contents for a while, for a reason."""
    with looking() as db:
        row = seen(db, message_id)
    to_edit = request.form.get("then") == "edit" and may_edit(row)
    endpoint = "mending.edit" if to_edit else "messages.one"
    back = url_for(endpoint, message_id=message_id)
    return unmasking.open_up(row.merchant, "message", message_id, back)


def seen(db: Connection, message_id: UUID) -> MessageRow:
    """The message, where it is in reach. 404 where it is not, or is not at all."""
    row = messages.one(db, message_id)
    if row is None:
        abort(404)
    return row


def actions(row: MessageRow) -> frozenset[str]:
    """What this person may ask for on this message, by its life cycle.

    What may have arrived is not simply sent again: somebody says first whether it did.
    """
    table, states = TABLES[row.direction]
    events = {str(event) for event in allowed(table, states(row.status))}
    unknown = row.status == "unknown" or (row.error or {}).get("code") == "unknown_outcome"
    events -= {"replay"} if unknown else {"it_arrived", "it_did_not"}
    return frozenset(event for event in events if may_now(_ENDPOINTS[event]))


def may_edit(row: MessageRow) -> bool:
    """Whether its payload may be changed: where it may be replayed."""
    return "replay" in actions(row) and may_now("mending.edit")


def may_now(endpoint: str) -> bool:
    """Whether who asks may reach an endpoint."""
    return may(account(), endpoint)


def filters() -> Wanted:
    """What the list is narrowed to, by the link."""
    return Wanted(
        direction=forms.choice("direction", "in", "out"),
        connection=forms.arg("connection"),
        status=forms.choice("status", *STATUSES),
        topic=forms.arg("topic"),
        code=forms.arg("code"),
        q=forms.arg("q"),
    )


def given() -> dict[str, str]:
    """The filters as they stand in the link, for forms that ask for the same selection."""
    names = ("direction", "connection", "status", "topic", "code", "q")
    return {name: found for name in names if (found := forms.arg(name))}


def payload_shown(raw: bytes, *, clear: bool) -> str | None:
    """The payload as text, masked unless it is clear; None where it is no text."""
    if not clear:
        return masking.payload(raw)
    found = pretty.text(raw)
    return None if found is None else pretty.laid_out(found)


def exchanges(attempt: AttemptRow, *, clear: bool) -> list[Shown]:
    """What went over the wire in an attempt. A trace of a fault of ours is not shown."""
    try:
        found = json.loads(attempt.exchange or b"[]")
    except ValueError:
        return []
    return [_exchange(one, clear=clear) for one in found if isinstance(one, dict)]


def _exchange(one: dict[str, Any], *, clear: bool) -> Shown:
    url = str(one.get("url", ""))
    status, response = one.get("status"), _body(one.get("response_body"), clear=clear)
    headers = one.get("request_headers") or {}
    return Shown(
        line=f"{one.get('method', '')} {url if clear else url.partition('?')[0]}",
        status=status,
        ms=one.get("ms"),
        error=one.get("error"),
        request=_body(one.get("request_body"), clear=clear),
        response=None if status is None else response,
        headers=sorted((str(k), str(v)) for k, v in headers.items()) if clear else [],
    )


def _body(value: Any, *, clear: bool) -> str:
    text = str(value or "")
    if not text:
        return ""
    shown = payload_shown(text.encode("utf-8", "replace"), clear=clear)
    return (shown or "")[: masking.MOST_SHOWN]


def _only_rows() -> bool:
    return request.headers.get("HX-Target") == "rows"
