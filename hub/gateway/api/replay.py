"""Mending messages: replay, discard, edit, and the replay of many as a job."""

import base64
import binascii
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from hub.doors import present
from hub.flows.messages import replay as replay_flow
from hub.flows.messages import replay_selection as selecting
from hub.flows.messages.replay_selection import Outcome
from hub.gateway.api.messages import STATUSES, seen
from hub.gateway.description.answers import messages as answers
from hub.gateway.http import problems
from hub.gateway.http.problems import Stop
from hub.gateway.routes import Ask, Reply, Route, uuid
from hub.model.document import Id, Instant, Text, Value
from hub.model.errors import BadData, NotFound, Overtaken, SeveralConnections
from hub.rules.messages.replaying import MOST, Refusal
from hub.store.people import jobs
from hub.store.people.jobs import Job
from hub.store.views import connections
from hub.store.views.messages import Wanted


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
    """Which messages to work again: `ids`, or those that fit; at least one filter besides the
    reason, and parked ones where no status is named. `every_connection`: also where those that fit
    are of several connections.
    """

    reason: Text
    ids: tuple[Id, ...] = Field(default=(), max_length=MOST)
    direction: str | None = Field(default=None, pattern="^(in|out)$")
    connection: Id | None = None
    status: str | None = None
    topic: Id | None = None
    code: Id | None = None
    since: Instant | None = None
    until: Instant | None = None
    q: Text | None = None
    every_connection: bool = False


def replay(ask: Ask) -> Any:
    """Work it again from its bytes."""
    row, why = seen(ask), ask.read(Why).reason
    over = replay_flow.replay(ask.unit, [row.id], ask.caller.actor, why).overtaken
    return _refused(ask, over[row.id]) if over else _queued(ask)


def discard(ask: Ask) -> Any:
    """Give it up, with the reason."""
    row, why = seen(ask), ask.read(Why).reason
    replay_flow.discard(ask.unit, [row.id], ask.caller.actor, why)
    return present.message(seen(ask))


def edit(ask: Ask) -> Any:
    """Keep a new version and work that; the original stays."""
    row, wanted = seen(ask), ask.read(Edit)
    done = replay_flow.edit(ask.unit, row.id, wanted.raw(), ask.caller.actor, wanted.reason)
    return _refused(ask, done) if isinstance(done, Overtaken) else _queued(ask)


def replay_selection(ask: Ask) -> Reply:
    """Work all messages again that fit."""
    wanted = ask.read(Selection)
    try:
        done = selecting.replay_selection(
            ask.unit, _selected(wanted), ask.caller.actor, wanted.reason
        )
    except SeveralConnections as error:
        how = "name one as connection, or say every_connection: true"
        raise SeveralConnections(error.connections, how, path="every_connection") from None
    asked = wanted.model_dump(mode="json", exclude_none=True, exclude={"ids"})
    counts = (len(done.queued), len(done.queued) + len(done.refused))
    job = jobs.finished(ask.db, "replay", ask.caller.merchant, counts, {**asked, **_became(done)})
    return Reply(202, shown_job(job), {"Location": f"/api/v1/jobs/{job.id}"})


def job(ask: Ask) -> Any:
    """How far a job is."""
    found = jobs.one(ask.db, ask.uuid(), ask.caller.merchant)
    if found is None:
        raise NotFound
    return shown_job(found)


def shown_job(job: Job) -> dict[str, Any]:
    """A job."""
    return {
        "id": job.id,
        "kind": job.kind,
        "status": job.status,
        "done": job.done,
        "total": job.total,
        "detail": job.detail,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
    }


def _selected(wanted: Selection) -> selecting.Selection:
    every = wanted.every_connection
    if wanted.ids:
        ids = [_uuid(given, f"ids[{at}]") for at, given in enumerate(wanted.ids)]
        return selecting.Selection(ids=ids, every_connection=every)
    other = {"reason", "ids", "every_connection"}
    filters = wanted.model_dump(exclude=other, exclude_none=True)
    if not filters:
        raise Stop(422, "missing_field", "ids or at least one filter is expected", path="ids")
    if wanted.status is not None and wanted.status not in STATUSES:
        raise BadData(f"one of {', '.join(STATUSES)}", path="status", code="unknown_code")
    return selecting.Selection(Wanted(**filters), every_connection=every)


def _became(done: Outcome) -> dict[str, Any]:
    """What became of a selection: queued, left out and why, left for the next call, and where what
    was queued waits.
    """
    return {
        "queued": len(done.queued),
        "left": done.left,
        "more": done.left > 0,
        "overtaken": done.refused_as(Refusal.OVERTAKEN),
        "refused": [
            {
                "id": id_,
                "code": refusal.reason,
                "message": str(refusal.error),
                "successor": refusal.successor,
            }
            for id_, refusal in done.refused.items()
        ],
        "paused": done.paused,
    }


def _queued(ask: Ask) -> dict[str, Any]:
    """The message, and whether it waits until its connection is resumed."""
    row = seen(ask)
    return {**present.message(row), "paused": connections.paused(ask.db, [row.id])}


def _uuid(given: str, path: str) -> UUID:
    try:
        return uuid(given)
    except ValueError as error:
        raise BadData(str(error), path=path, code="bad_id") from None


def _refused(ask: Ask, over: Overtaken) -> Reply:
    """A refusal that is kept: where the message stood in a queue, it is closed."""
    told = problems.of(over)
    return Reply(
        told.status, told.tree(ask.correlation_id), {"Content-Type": problems.CONTENT_TYPE}
    )


ROUTES = (
    Route(
        "POST",
        "messages/replay",
        "messages:write",
        replay_selection,
        answers.Job,
        body=Selection,
        status=202,
        slow=True,
        refuses=(404,),
    ),
    Route(
        "POST",
        "messages/{id}/replay",
        "messages:write",
        replay,
        answers.MessageQueued,
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
    Route("POST", "messages/{id}/edit", "messages:write", edit, answers.MessageQueued, body=Edit),
    Route("GET", "jobs/{id}", "messages:read", job, answers.Job),
)
