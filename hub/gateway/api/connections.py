"""Connections: how they are, and test, pause and resume them. Their secrets are never shown."""

from typing import Any

from hub.doors import present
from hub.flows.config import pause as flow
from hub.flows.config import polling
from hub.gateway.description.answers import connections as answers
from hub.gateway.routes import Ask, Route
from hub.model.document import Instant, OptText, Value
from hub.model.errors import (
    BadData,
    NeedsPerson,
    NotFound,
    OutcomeUnknown,
    TryLater,
)
from hub.model.looks import masked
from hub.rules.ops.condition import Condition
from hub.store.config.snapshot import Connection
from hub.store.views.connections import ConnectionItem


class Because(Value):
    """Why a person asks for it, if they say."""

    reason: OptText = None


class Since(Value):
    """From when on a person wants it asked what changed, if they say."""

    since: Instant | None = None


def listed(ask: Ask) -> Any:
    """All connections in the caller's reach."""
    items = [shown_connection(*one) for one in flow.conditions(ask.db, ask.at)]
    return {"items": items, "next_cursor": None}


def test(ask: Ask) -> Any:
    """Call the partner harmlessly and tell how it went."""
    partner = _seen(ask)
    ask.read(Because)
    try:
        directory = ask.directory
        ask.adapters.of(partner, directory.network, directory.version).check()
    except BadData as error:
        return _failed(error.code, str(error), error.path)
    except NeedsPerson as error:
        return _failed(error.code, _told(ask, error.code, error))
    except (TryLater, OutcomeUnknown) as error:
        return _failed("try_later", _told(ask, "try_later", error))
    return {"ok": True, "code": None, "path": "", "message": None}


_SENTENCES = {
    "endpoint_missing": "nothing is at its address",
    "not_authorised": "it does not accept our credentials",
    "try_later": "it did not answer as it should",
}
_OWN_WORDS = frozenset({"network_forbidden", "redirected"})
"""Said by the hub itself: nothing in it is the partner's."""


def _told(ask: Ask, code: str, error: Exception) -> str:
    """What went wrong. The partner's own words are for those who may read messages."""
    if code in _OWN_WORDS or "messages:read" in ask.caller.scopes:
        return masked(str(error))
    return _SENTENCES.get(code, "it refused the call")


def _failed(code: str, message: str, path: str = "") -> dict[str, Any]:
    return {"ok": False, "code": code, "path": path, "message": message}


def pause(ask: Ask) -> Any:
    """Stop telling it; what it says is still kept, and all of it waits."""
    partner, because = _seen(ask), ask.read(Because).reason
    flow.pause_by(ask.unit, partner, ask.caller.actor, because)
    return _as_it_is(ask, partner)


def resume(ask: Ask) -> Any:
    """Let what waits go again."""
    partner, because = _seen(ask), ask.read(Because).reason
    flow.resume_by(ask.unit, partner, ask.caller.actor, because)
    return _as_it_is(ask, partner)


def poll(ask: Ask) -> Any:
    """Ask it now what changed, and all that changed `since` where that is said."""
    partner, since = _seen(ask), ask.read(Since).since
    polling.poll_by(ask.unit, partner, ask.caller.actor, since)
    return _as_it_is(ask, partner)


def shown_connection(item: ConnectionItem, condition: Condition) -> dict[str, Any]:
    """A connection without its settings and secrets."""
    return {
        **present.connection(item, condition),
        "gives": item.gives,
        "takes": item.takes,
        "breaker": item.breaker.get("mode", "closed"),
        "oldest_due_at": item.oldest_due_at,
    }


def _as_it_is(ask: Ask, partner: Connection) -> dict[str, Any]:
    return shown_connection(*flow.conditions(ask.db, ask.at, partner.code)[0])


def _seen(ask: Ask) -> Connection:
    partner = ask.directory.connections.get(ask.ids["code"])
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
        slow=True,
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
    Route(
        "POST",
        "connections/{code}/poll",
        "connections:write",
        poll,
        answers.ConnectionItem,
        body=Since,
        body_optional=True,
    ),
)
