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
        self.is_told_of_orders = True
        """Whether calls are about somebody's order: only then can it know the person."""

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
        words = self._known(who, request)
        body = request.body.decode("utf-8", "replace")
        said = f"{words} {request.target} {dict(request.headers)} {body}"
        if mood in _STATUSES:
            return Answer(_STATUSES[mood], said.encode(), "text/plain; charset=utf-8")
        if mood == "babbles":
            return Answer(200, said.encode(), "text/xml" if who == "wh" else "application/json")
        return _BY_PROTOCOL[mood, who](words, said, request)

    def _known(self, who: str, request: Request) -> str:
        """What this partner may have heard of the planted values."""
        about_stock = who == "shop" and b"ulfillment" not in request.body
        persons = PERSONAL.values() if self.is_told_of_orders and not about_stock else ()
        return "; ".join([*persons, *(SECRETS[name] for name in KNOWS[who])])


def _xml(inside: str) -> Answer:
    return Answer(200, f"<response>{inside}</response>".encode(), "text/xml; charset=utf-8")


def _wh_reports(words: str, said: str, request: Request) -> Answer:
    code, message = escape(words[:20]), escape(said)
    return _xml(f"<flag>failure</flag><code>{code}</code><message>{message}</message>")


def _erp_reports(words: str, said: str, request: Request) -> Answer:
    return json_answer({"id": 1, "error": ["UserError", [words, said]]})


def _shop_reports(words: str, said: str, request: Request) -> Answer:
    return json_answer({"errors": [{"message": said, "extensions": {"code": words}}]})


def _wh_puzzles(words: str, said: str, request: Request) -> Answer:
    told = escape(words)
    return _xml(f"<flag>{told}</flag><code>{told}</code><orderId>{told}</orderId>")


def _erp_puzzles(words: str, said: str, request: Request) -> Answer:
    return json_answer({"id": 1, "result": [{"id": words, words: [words]}]})


def _shop_puzzles(words: str, said: str, request: Request) -> Answer:
    """Every name that was asked for, with an error of the field's own in it."""
    query = str(json.loads(request.body).get("query", ""))
    names = {word.strip("(){}:,!$") for word in query.split()} - {""}
    refused = {"userErrors": [{"field": [words], "message": said, "code": words}], "id": words}
    return json_answer({"data": dict.fromkeys(names, refused)})


_BY_PROTOCOL = {
    ("reports", "wh"): _wh_reports,
    ("reports", "erp"): _erp_reports,
    ("reports", "shop"): _shop_reports,
    ("puzzles", "wh"): _wh_puzzles,
    ("puzzles", "erp"): _erp_puzzles,
    ("puzzles", "shop"): _shop_puzzles,
}
"""A success by its status: an error by the partner's own rules, or what makes no sense."""
