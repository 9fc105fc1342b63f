"""A partner that answers everything with the planted values, in the way its address asks for.

The first part of the path is its mood, the second who it plays: `/{mood}/{shop|wh|erp}/…`.
"""

import json
import threading
from html import escape
from typing import Self

from sandbox.http import Answer, Request, Server, json_answer
from tests.safety.planted import PERSONAL, SECRETS

_STATUSES = {"refuses": 422, "fails": 500, "denies": 401, "is_busy": 429, "is_away": 503}
MOODS = (*_STATUSES, "reports", "babbles", "puzzles")
KNOWS = {
    "shop": ("webhook secret", "access token"),
    "wh": ("app secret",),
    "erp": ("password of the books",),
}
"""Which secrets each of them could repeat: its own."""


class Parrot:
    """Serves every mood at once. `heard` is who was called in which."""

    def __init__(self) -> None:
        self._server = Server(self._answer)
        self._lock = threading.Lock()
        self.heard: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        self.url = self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _answer(self, request: Request) -> Answer:
        _, mood, who, *_ = request.path.split("/")
        with self._lock:
            self.heard.add((mood, who))
        if b"common.db.login" in request.body and mood not in _STATUSES:
            return json_answer({"id": 1, "result": [1, "a-session"]})
        if mood in _STATUSES:
            return Answer(_STATUSES[mood], said(who, request).encode(), "text/plain; charset=utf-8")
        return {"reports": reports, "babbles": babbles, "puzzles": puzzles}[mood](who, request)


def known(who: str) -> str:
    """All that this partner was ever told of the planted values."""
    return "; ".join([*PERSONAL.values(), *(SECRETS[name] for name in KNOWS[who])])


def said(who: str, request: Request) -> str:
    """The planted values, then what was asked, credentials and all."""
    body = request.body.decode("utf-8", "replace")
    return f"{known(who)} {request.target} {dict(request.headers)} {body}"


def xml(inside: str) -> Answer:
    """An answer of a warehouse."""
    return Answer(200, f"<response>{inside}</response>".encode(), "text/xml; charset=utf-8")


def reports(who: str, request: Request) -> Answer:
    """A success by its status, an error by the partner's own rules."""
    words = said(who, request)
    if who == "wh":
        return xml(f"<flag>failure</flag><code>S01</code><message>{escape(words)}</message>")
    if who == "erp":
        return json_answer({"id": 1, "error": ["UserError", [known(who), words]]})
    return json_answer({"errors": [{"message": words, "extensions": {"code": known(who)}}]})


def babbles(who: str, request: Request) -> Answer:
    """A success that cannot be read."""
    kind = "text/xml" if who == "wh" else "application/json"
    return Answer(200, said(who, request).encode(), kind)


def puzzles(who: str, request: Request) -> Answer:
    """A success that can be read, and makes no sense."""
    words = known(who)
    if who == "wh":
        told = escape(words)
        return xml(f"<flag>{told}</flag><code>{told}</code><orderId>{told}</orderId>")
    if who == "erp":
        return json_answer({"id": 1, "result": [{"id": words, words: [words]}]})
    query = str(json.loads(request.body).get("query", ""))
    names = {word.strip("(){}:,!$") for word in query.split()} - {""}
    return json_answer({"data": {name: {"userErrors": [], "id": words} for name in names}})
