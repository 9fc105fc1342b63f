"""A canonical document over the Open API: read it, hand it to its flow, keep it with the verdict.

All in the transaction of the request: what a flow refuses is not stored, and the caller hears why.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub import flows
from hub.flows.unit import Told
from hub.gateway.http.problems import Stop
from hub.gateway.routes import Ask
from hub.model.document import Document
from hub.rules.messages.receiving import Verdict
from hub.store.base.ids import new_id
from hub.store.config.snapshot import Connection
from hub.store.messages import finished
from mappings.generic import decoders
from mappings.kit import Context, decode
from mappings.reading import read_json_object

_CONFLICTS = frozenset({"contradiction", "illegal_transition"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a document."""

    document: Document
    verdict: Verdict
    message_id: UUID

    def shown(self) -> dict[str, Any]:
        """The verdict as it is answered."""
        return {
            "status": self.verdict.status,
            "code": self.verdict.code or None,
            "message": self.verdict.message or None,
            "message_id": self.message_id,
        }


def channel_of(ask: Ask) -> Connection:
    """The channel that a document says it comes from."""
    source = read_json_object(ask.body).get("source")
    code = source.get("connection") if isinstance(source, dict) else None
    return partner_of(ask, code if isinstance(code, str) else None, "channel", "source.connection")


def partner_of(ask: Ask, code: str | None, kind: str, path: str) -> Connection:
    """The connection meant: the caller's own, or the one named. Stop with 422 for none."""
    if ask.caller.connection is not None:
        code = code or ask.caller.connection.code
    partner = ask.directory.connections.get(code or "")
    if partner is None or partner.kind != kind or not ask.caller.sees(partner):
        message = f"the code of a {kind} connection is expected"
        raise Stop(422, f"unknown_{kind}", message, path=path)
    return partner


def completed(body: bytes, name: str, value: str) -> bytes:
    """The document with a field that the path names. Stop with 422 where it says otherwise."""
    tree = read_json_object(body)
    if name in tree:
        if tree[name] != value:
            raise Stop(422, "contradiction", "it is another one than is meant here", path=name)
        return body
    start = body.index(b"{") + 1
    field = f"{json.dumps(name)}: {json.dumps(value)}{', ' if tree else ''}"
    return body[:start] + field.encode() + body[start:]


def read(kind: str, raw: bytes, partner: Connection) -> Document:
    """A document as this connection tells it. BadData names every field that is wrong."""
    at = Context(connection=partner.code, merchant=partner.merchant)
    return decode(decoders([kind], strict=True), kind, raw, at)[0]


def tell(
    ask: Ask,
    kind: str,
    raw: bytes,
    partner: Connection,
    key: str | None = None,
    flow: Callable[[Told], Verdict] | None = None,
) -> Heard:
    """Hand a document to its flow, or to `flow` where it is asked for in another way. Stop where
    the flow does not take it as it is.
    """
    document, message_id = read(kind, raw, partner), new_id()
    telling = Told(document, partner, message_id, ask.correlation_id)
    verdict = flow(telling) if flow else flows.take(ask.unit, [telling])[0]
    if verdict.status in ("waiting", "parked") or verdict.code in _CONFLICTS:
        status = 409 if verdict.code in _CONFLICTS else 422
        code = verdict.code or (verdict.waits_for or verdict.status).partition(":")[0]
        message = verdict.message or f"it would have to wait for {verdict.waits_for}"
        raise Stop(status, code, message, path=verdict.path)
    error = {"code": verdict.code, "message": verdict.message, "path": verdict.path}
    worked = finished.Worked(
        id=message_id,
        merchant=partner.merchant,
        connection=partner.code,
        topic=kind,
        key=key or document.business_id,
        payload=raw,
        correlation_id=ask.correlation_id,
        status=verdict.status,
        error=error if verdict.status == "ignored" else None,
        order_id=verdict.order_id,
    )
    finished.keep(ask.db, ask.store.vault, worked)
    return Heard(document, verdict, message_id)
