"""ShipStation's API: its refusals in words, and how long it wants to be left alone.

A minute has 40 calls; `X-Rate-Limit-Reset` says in seconds when the next one begins. A refusal is
`{Message, ExceptionMessage, ModelState: {field: [messages]}}`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from requests import Response

from adapters.kit.http.answers import read_answer
from adapters.kit.http.client import written
from adapters.kit.http.fates import retry_after
from adapters.kit.http.wire import reply_of
from adapters.kit.paging import by_page
from adapters.kit.session import Session
from hub.model.errors import Rejected, TryLater

MOST = 500
_OWN = (400, 429)
_WORDS = 300
_ABOVE = ("apiOrder.", "order.", "request.")
Query = Mapping[str, str]
Row = dict[str, Any]


class Api:
    """One account."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(self, path: str, query: Query | None = None) -> Any:
        """What is there, as a tree whose numbers are numbers. `path` may be a whole address."""
        joint = "&" if "?" in path else "?"
        response = self._session.request(
            "GET", f"{path}{joint}{urlencode(query)}" if query else path, own=_OWN
        )
        self._check(response)
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            raise TryLater("ShipStation answered no JSON") from None

    def rows(self, path: str, name: str, query: Query) -> list[Row]:
        """A page of a list, its objects."""
        return self._page(path, name, query)[0]

    def pages(self, path: str, name: str, query: Query) -> Any:
        """A list, page by page."""

        def fetch(number: int) -> tuple[Sequence[Row], bool]:
            asked = {**query, "page": str(number), "pageSize": str(MOST)}
            rows, last = self._page(path, name, asked)
            return rows, number < last

        return by_page(fetch)

    def tell(self, path: str, body: Mapping[str, Any] | Sequence[Any]) -> Any:
        """The answer to what changes something. Rejected says why it does not."""
        kind = {"Content-Type": "application/json"}
        response = self._session.request("POST", path, data=written(body), headers=kind, own=_OWN)
        self._check(response)
        return read_answer("POST", reply_of(response), "json", write=True)

    def _page(self, path: str, name: str, query: Query) -> tuple[list[Row], int]:
        tree = self.ask(path, query)
        rows = tree.get(name) if isinstance(tree, dict) else None
        if not isinstance(rows, list):
            raise TryLater(f"ShipStation answered no list of {name}")
        last = tree.get("pages")
        return [row for row in rows if isinstance(row, dict)], last if isinstance(last, int) else 1

    def _check(self, response: Response) -> None:
        if response.status_code == 429:
            named = ("Retry-After", "X-Rate-Limit-Reset")
            waits = (retry_after(response.headers.get(name)) for name in named)
            wait = next(filter(None, waits), None)
            raise TryLater("the calls of this minute are used up", retry_after=wait or 5.0)
        if response.status_code == 400:
            path, words = refusal(response.content)
            raise Rejected(self._session.scrub(words)[:_WORDS], path=path)


def refusal(raw: bytes) -> tuple[str, str]:
    """The first field that a refusal names, and all that it says."""
    try:
        tree = json.loads(raw)
    except (ValueError, RecursionError):
        tree = None
    if not isinstance(tree, dict):
        return "", "refused without a readable word"
    said = [str(tree[name]) for name in ("Message", "ExceptionMessage") if tree.get(name)]
    state = tree.get("ModelState")
    fields = {_field(name): told for name, told in state.items()} if isinstance(state, dict) else {}
    for name, told in fields.items():
        messages = told if isinstance(told, list) else [told]
        said.append(f"{name}: {', '.join(map(str, messages))}")
    return next(iter(fields), ""), "; ".join(said) or "refused without a word"


def _field(name: str) -> str:
    """A field without the name of what it is bound to."""
    return next((name.removeprefix(it) for it in _ABOVE if name.startswith(it)), name)
