"""Messages: the list with its filters, and one with its payload, attempts and what hangs on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from admin import forms
from admin.access import unmasking
from admin.access.roles import may
from admin.pages import codes
from admin.request_context import account, looking, now, store
from admin.shown import paging, pretty
from admin.shown.causes import waits
from hub.doors import masking
from hub.doors.exchanges import Call, calls
from hub.doors.fields import Fields, canonical, of_adapter
from hub.doors.known import persons
from hub.doors.masking import Shown
from hub.flows.config import pause as flow
from hub.rules.messages.replaying import BY_SELECTION, Standing, offered
from hub.states.message import In, Out
from hub.store.views import connections, message_view, messages
from hub.store.views.message_view import AttemptRow
from hub.store.views.messages import MessageRow, Wanted

desk = Blueprint("messages", __name__)

STATUSES = tuple(dict.fromkeys(str(one) for one in (*In, *Out) if one not in {In.NEW, Out.NEW}))
_WENT_WELL = frozenset({"done", "delivered", "ignored", "already_done"})
_ENDPOINTS = {
    "replay": "mending.replay",
    "discard": "mending.discard",
    "it_arrived": "mending.settle",
    "it_did_not": "mending.settle",
}
"""Which action serves an event of the tables."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the attempts: a call of one, or an attempt that called nobody. `ends`: with it
    the attempt ended; `is_open`: it is the one to look at.
    """

    number: int
    attempt: AttemptRow
    call: Call | None
    ends: bool
    is_open: bool


@desk.get("/messages")
def listed() -> str:
    """The list, newest first. Only the rows where the page asks for them alone."""
    wanted = filters()
    with looking() as db:
        page = messages.messages(db, store().vault, wanted, after=paging.after(), limit=paging.SIZE)
        partners = [] if _only_rows() else [item.code for item in connections.connections(db)]
    template = "messages/rows.html" if _only_rows() else "messages/list.html"
    return render_template(
        template,
        page=page,
        following=paging.following(page),
        wanted=wanted,
        may_replay_all=wanted.status in BY_SELECTION,
        connections=partners,
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
        raw = message_view.payload(db, store().vault, row)
        attempts = message_view.attempts(db, store().vault, message_id)
        hidden = persons(db, store().vault, row, raw, payload_fields(row))
        context = {
            "versions": message_view.versions(db, message_id),
            "behind": message_view.behind(db, row),
            "behind_count": message_view.count_behind(db, row),
            "children": message_view.children(db, message_id),
            "cause": row.cause_id and messages.one(db, store().vault, row.cause_id),
        }
        partner = next(iter(flow.conditions(db, now(), row.connection)), None)
    shown = payload_shown(row, raw, clear=clear)
    known = {} if partner is None else {row.connection: partner}
    return render_template(
        "messages/one.html",
        message=row,
        payload=shown,
        cut=shown is not None and len(shown.text) > masking.MOST_SHOWN,
        clear=clear,
        attempts=lines(attempts, None if clear else wire_fields(row.connection), hidden),
        actions=actions(row),
        partner=partner,
        waits=waits(row.waits_for or "", known)[0],
        question=codes.question(row.waits_for or "", row.direction),
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
    row = messages.one(db, store().vault, message_id)
    if row is None:
        abort(404)
    return row


def actions(row: MessageRow) -> frozenset[str]:
    """What this person may ask for on this message, by its life cycle."""
    standing = Standing(row.direction, row.status, (row.error or {}).get("code"))
    return frozenset(one for one in offered(standing) if may_now(_ENDPOINTS[one]))


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


def payload_shown(row: MessageRow, raw: bytes, *, clear: bool) -> Shown | None:
    """The payload as text, masked unless it is clear; None where it is no text."""
    if not clear:
        return masking.payload(raw, payload_fields(row))
    found = pretty.text(raw)
    return None if found is None else masking.clear(found)


def payload_fields(row: MessageRow) -> Fields:
    """What is hidden in a payload: what is told is a canonical document, what came a partner's."""
    return canonical(row.topic) if row.direction == "out" else wire_fields(row.connection)


def wire_fields(connection: str) -> Fields:
    """What is hidden in a partner's own documents, by its adapter's word."""
    partner = store().directory().connections.get(connection)
    return of_adapter(partner.adapter if partner else "")


def lines(
    attempts: Sequence[AttemptRow], fields: Fields | None, hidden: Sequence[str] = ()
) -> list[Line]:
    """All attempts, a line a call, numbered through; the last that failed is open."""
    shown: list[Line] = []
    for attempt in attempts:
        made: Sequence[Call | None] = calls(attempt.exchange, fields, hidden) or [None]
        for at, call in enumerate(made, 1):
            shown.append(Line(len(shown) + 1, attempt, call, at == len(made), is_open=False))
    failed = [line for line in shown if line.ends and line.attempt.fate not in _WENT_WELL]
    return [replace(line, is_open=line is failed[-1]) for line in shown] if failed else shown


def _only_rows() -> bool:
    return request.headers.get("HX-Target") == "rows"
