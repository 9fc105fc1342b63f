"""Partners that say in the body of an error what it means, whatever its status (Odoo, ERPNext)."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from adapters.kit.http.answers import read_answer
from adapters.kit.http.client import written
from adapters.kit.http.exchange import Reply
from adapters.kit.http.fates import fate_of
from adapters.kit.http.wire import reply_of
from adapters.kit.session import Session
from hub.model.document import Number
from hub.model.errors import BadData
from mappings.reading import read_json, silently

Meaning = Callable[[Mapping[str, Any]], Exception | None]
"""What the body of an error says; None where it says nothing that is known."""
_MOST_DIGITS = 30


def answer(
    session: Session,
    method: str,
    path: str,
    *,
    meaning: Meaning,
    write: bool,
    body: Mapping[str, Any] | None = None,
) -> Any:
    """What a good answer holds. An error is what its body says, else what its status says."""
    raw = None if body is None else written(body)
    headers = {"Content-Type": "application/json"} if raw else {}
    response = session.request(
        method, path, data=raw, headers=headers, write=write, own=range(400, 600)
    )
    reply = reply_of(response)
    if response.status_code < 300:
        return values(read_answer(method, reply, "json", write=write))
    clean = session.scrub(reply.body.decode("utf-8", "replace")).encode()
    said = meaning(_tree(clean))
    raise said or fate_of(method, Reply(reply.status, reply.headers, clean), {}, (), write=write)


def _tree(raw: bytes) -> Mapping[str, Any]:
    try:
        tree = read_json(raw, silently)
    except BadData:
        return {}
    return tree if isinstance(tree, dict) else {}


def values(tree: Any) -> Any:
    """JSON whose numbers are numbers: whole ones int, others Decimal. One that no books hold stays
    text: written out in full it would fill a request.
    """
    if isinstance(tree, Number):
        if tree.lstrip("-").isdigit() and len(tree) <= _MOST_DIGITS:
            return int(tree)
        amount = Decimal(tree)
        fits = amount.is_finite() and abs(amount.adjusted()) <= _MOST_DIGITS
        return amount if fits else str(tree)
    if isinstance(tree, list):
        return [values(part) for part in tree]
    if isinstance(tree, dict):
        return {name: values(part) for name, part in tree.items()}
    return tree
