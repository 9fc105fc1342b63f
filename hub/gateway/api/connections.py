"""Connections: how they are, and test, pause and resume them. Their secrets are never shown."""

from typing import Any

from hub.gateway import answers
from hub.gateway.routes import Ask, Route
from hub.model.document import OptText, Value
from hub.model.errors import (
    BadData,
    IllegalTransition,
    NeedsPerson,
    NotFound,
    OutcomeUnknown,
    TryLater,
)
from hub.store import audit, connections_state
from hub.store.directory import Partner
from hub.store.views import connections
from hub.store.views.connections import ConnectionItem


class Because(Value):
    """Why a person asks for it, if they say."""

    reason: OptText = None


def listed(ask: Ask) -> Any:
    """All connections in the caller's reach."""
    items = [shown_connection(item) for item in connections.connections(ask.db)]
    return {"items": items, "next_cursor": None}


def test(ask: Ask) -> Any:
    """Call the partner harmlessly and tell how it went."""
    partner = _seen(ask)
    ask.read(Because)
    try:
        directory = ask.directory
        ask.adapters.of(partner, directory.network, directory.version).check()
    except BadData as error:
        return {"ok": False, "code": error.code, "path": error.path, "message": str(error)}
    except NeedsPerson as error:
        return {"ok": False, "code": error.code, "path": "", "message": str(error)}
    except (TryLater, OutcomeUnknown) as error:
        return {"ok": False, "code": "try_later", "path": "", "message": str(error)}
    return {"ok": True, "code": None, "path": "", "message": None}


def pause(ask: Ask) -> Any:
    """Stop telling it; what it says is still kept, and all of it waits."""
    partner, because = _seen(ask), ask.read(Because).reason
    if not connections_state.pause(ask.db, partner.code, because or "by a person"):
        raise IllegalTransition("connection", "paused", "pause")
    return _changed(ask, partner, "connection.pause", because)


def resume(ask: Ask) -> Any:
    """Let what waits go again."""
    partner, because = _seen(ask), ask.read(Because).reason
    if not connections_state.resume(ask.db, partner.code, ask.rings):
        raise IllegalTransition("connection", "active", "resume")
    return _changed(ask, partner, "connection.resume", because)


def shown_connection(item: ConnectionItem) -> dict[str, Any]:
    """A connection without its settings and secrets."""
    return {
        "code": item.code,
        "merchant": item.merchant,
        "kind": item.kind,
        "adapter": item.adapter,
        "status": item.status,
        "paused_because": item.paused_because,
        "gives": item.gives,
        "takes": item.takes,
        "breaker": item.breaker.get("mode", "closed"),
        "waiting_in": item.waiting_in,
        "waiting_out": item.waiting_out,
        "parked": item.parked,
        "oldest_due_at": item.oldest_due_at,
    }


def _changed(ask: Ask, partner: Partner, action: str, because: str | None) -> dict[str, Any]:
    subject, detail = f"connection:{partner.code}", {"reason": because}
    audit.record(ask.db, partner.merchant, ask.caller.actor, action, subject, detail, ask.at)
    return shown_connection(connections.connections(ask.db, partner.code)[0])


def _seen(ask: Ask) -> Partner:
    partner = ask.directory.partners.get(ask.ids["code"])
    if partner is None or not ask.caller.sees(partner):
        raise NotFound
    return partner


ROUTES = (
    Route("GET", "connections", "connections:read", listed, answers.ConnectionPage),
    Route(
        "POST",
        "connections/{code}/test",
        "connections:write",
        test,
        answers.Tested,
        body=Because,
        body_optional=True,
        bare=True,
    ),
    Route(
        "POST",
        "connections/{code}/pause",
        "connections:write",
        pause,
        answers.ConnectionItem,
        body=Because,
        body_optional=True,
    ),
    Route(
        "POST",
        "connections/{code}/resume",
        "connections:write",
        resume,
        answers.ConnectionItem,
        body=Because,
        body_optional=True,
    ),
)
