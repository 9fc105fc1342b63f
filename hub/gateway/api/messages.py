"""Messages: what came in and what was told, why something stands still, and how to mend it."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from hub.flows import mending
from hub.gateway import answers
from hub.gateway.problems import Stop
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, choice, text, uuid
from hub.model.document import Id, Instant, Text, Value
from hub.model.errors import BadData, NotFound
from hub.states.message import In, Out
from hub.store import audit, jobs
from hub.store.jobs import Job
from hub.store.views import messages
from hub.store.views.messages import AttemptRow, MessageRow, Wanted

MOST = 1000
"""The most messages that one selection replays; the job says whether more are left."""
_STATUSES = sorted({*In, *Out} - {"new"})


class Why(Value):
    """Why a person asks for it."""

    reason: Text


class Edit(Value):
    """A new version of a message: as text, or as base64 where it is none."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [name], "properties": {name: {"type": "string"}}}
                for name in ("payload", "payload_base64")
            ]
        }
    )
    payload: str | None = Field(default=None, max_length=2 * 1024 * 1024)
    payload_base64: str | None = Field(default=None, max_length=3 * 1024 * 1024)
    reason: Text

    def raw(self) -> bytes:
        """The bytes. BadData where they are none, or both."""
        if (self.payload is None) == (self.payload_base64 is None):
            message = "payload or payload_base64 is expected"
            raise BadData(message, path="payload", code="missing_field")
        if self.payload is not None:
            return self.payload.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(self.payload_base64 or "", validate=True)
        except (binascii.Error, ValueError):
            raise BadData("base64 is expected", path="payload_base64") from None


class Selection(Value):
    """Which messages to work again: at least one field besides the reason."""

    reason: Text
    ids: tuple[Id, ...] = Field(default=(), max_length=MOST)
    direction: str | None = Field(default=None, pattern="^(in|out)$")
    connection: Id | None = None
    status: str | None = None
    topic: Id | None = None
    code: Id | None = None
    since: Instant | None = None
    until: Instant | None = None


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
    found = messages.messages(ask.db, wanted, after=ask.after(), limit=ask.limit())
    return ask.listed(found, shown_message)


def one(ask: Ask) -> Any:
    """One message with its versions and attempts; in clear only for those who may."""
    row = _seen(ask)
    clear = "messages:payload" in ask.caller.scopes
    found = messages.attempts(ask.db, ask.store.vault, row.id)
    raw = messages.payload(ask.db, ask.store.vault, row) if clear else None
    if clear:
        by = ask.caller.actor
        subject = f"message:{row.id}"
        audit.record(ask.db, row.merchant, by, "message.read", subject, {}, ask.at)
    return {
        **shown_message(row),
        "payload": None if raw is None else _text(raw),
        "payload_base64": None if raw is None else base64.b64encode(raw).decode(),
        "payload_masked": not clear,
        "size": row.size,
        "version": row.version,
        "versions": [
            {"version": v.version, "author": v.author, "reason": v.reason, "at": v.at}
            for v in messages.versions(ask.db, row.id)
        ],
        "behind": messages.behind(ask.db, row),
        "attempt_list": [_attempt(each, clear=clear) for each in found],
    }


def replay(ask: Ask) -> Any:
    """Work it again from its bytes."""
    row, why = _seen(ask), ask.read(Why).reason
    mending.replay(ask.unit, [row.id], ask.caller.actor, why)
    return shown_message(_seen(ask))


def discard(ask: Ask) -> Any:
    """Give it up, with the reason."""
    row, why = _seen(ask), ask.read(Why).reason
    mending.discard(ask.unit, [row.id], ask.caller.actor, why)
    return shown_message(_seen(ask))


def edit(ask: Ask) -> Any:
    """Keep a new version and work that; the original stays."""
    row, wanted = _seen(ask), ask.read(Edit)
    mending.edit(ask.unit, row.id, wanted.raw(), ask.caller.actor, wanted.reason)
    return shown_message(_seen(ask))


def replay_selection(ask: Ask) -> Reply:
    """Work all messages again that fit."""
    wanted = ask.read(Selection)
    ids = _selected(ask, wanted)
    if ids[:MOST]:
        mending.replay(ask.unit, ids[:MOST], ask.caller.actor, wanted.reason)
    asked = wanted.model_dump(mode="json", exclude_none=True, exclude={"ids"})
    detail = {**asked, "more": len(ids) > MOST}
    done = len(ids[:MOST])
    job = jobs.finished(ask.db, "replay", ask.caller.merchant, (done, done), detail)
    return Reply(202, shown_job(job), {"Location": f"/api/v1/jobs/{job.id}"})


def job(ask: Ask) -> Any:
    """How far a job is."""
    found = jobs.one(ask.db, ask.uuid(), ask.caller.merchant)
    if found is None:
        raise NotFound
    return shown_job(found)


def shown_message(row: MessageRow) -> dict[str, Any]:
    """A message without its payload."""
    return {
        "id": row.id,
        "direction": row.direction,
        "merchant": row.merchant,
        "connection": row.connection,
        "topic": row.topic,
        "key": row.key,
        "status": row.status,
        "attempts": row.attempts,
        "next_attempt_at": row.next_attempt_at,
        "waits_for": row.waits_for,
        "error": row.error,
        "received_at": row.received_at,
        "finished_at": row.finished_at,
        "correlation_id": row.correlation_id,
        "order_id": row.order_id,
        "reference": row.reference,
    }


def shown_job(found: Job) -> dict[str, Any]:
    """A job."""
    return {
        "id": found.id,
        "kind": found.kind,
        "status": found.status,
        "done": found.done,
        "total": found.total,
        "detail": found.detail,
        "created_at": found.created_at,
        "finished_at": found.finished_at,
    }


def _selected(ask: Ask, wanted: Selection) -> Sequence[Any]:
    if wanted.ids:
        return [_uuid(one, f"ids[{at}]") for at, one in enumerate(wanted.ids)]
    filters = wanted.model_dump(exclude={"reason", "ids"}, exclude_none=True)
    if not filters:
        raise Stop(422, "missing_field", "ids or at least one filter is expected", path="ids")
    if wanted.status is None:
        filters["status"] = "parked"
    elif wanted.status not in _STATUSES:
        raise BadData(f"one of {', '.join(_STATUSES)}", path="status", code="unknown_code")
    return messages.selected(ask.db, Wanted(**filters), MOST + 1)


def _uuid(given: str, path: str) -> UUID:
    try:
        return uuid(given)
    except ValueError as error:
        raise BadData(str(error), path=path, code="bad_id") from None


def _attempt(row: AttemptRow, *, clear: bool) -> dict[str, Any]:
    return {
        "number": row.number,
        "worker": row.worker,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "fate": row.fate,
        "detail": row.detail,
        "exchange": _text(row.exchange) if clear and row.exchange else None,
    }


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _seen(ask: Ask) -> MessageRow:
    row = messages.one(ask.db, ask.uuid())
    if row is None:
        raise NotFound
    return row


_FILTERS = (
    choice("direction", "in or out", "in", "out"),
    Param("connection", "the connection's code", text),
    choice("status", "where it stands", *_STATUSES),
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
    Route(
        "POST",
        "messages/replay",
        "messages:write",
        replay_selection,
        answers.Job,
        body=Selection,
        status=202,
        refuses=(404,),
    ),
    Route(
        "POST",
        "messages/{id}/replay",
        "messages:write",
        replay,
        answers.MessageItem,
        body=Why,
    ),
    Route(
        "POST",
        "messages/{id}/discard",
        "messages:write",
        discard,
        answers.MessageItem,
        body=Why,
    ),
    Route("POST", "messages/{id}/edit", "messages:write", edit, answers.MessageItem, body=Edit),
    Route("GET", "jobs/{id}", "messages:read", job, answers.Job),
)
