"""What a route of the Open API is: a row of a table, from which it is served and described."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy.engine import Connection

from adapters.kit.partners import Adapters
from hub.doors.cursors import BadCursor, Cursors
from hub.flows.unit import Unit
from hub.gateway.auth import Caller
from hub.gateway.http.problems import Stop
from hub.model.document import NOT_TEXT
from hub.model.errors import NotFound
from hub.model.merchant import OPERATOR
from hub.model.plain import bad_data
from hub.store.config.snapshot import Directory
from hub.store.opened import Store
from hub.store.views.page import Page, Position
from mappings.reading import read_json_object

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

DEFAULT_LIMIT, MOST = 50, 200
_LONGEST = 200
_PLAIN: Mapping[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": _LONGEST,
    "pattern": r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$",
}
"""What `text` takes, as JSON Schema says it."""


@dataclass(frozen=True, slots=True)
class Param:
    """A query parameter. `read` raises ValueError with what would do."""

    name: str
    meaning: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any] = field(default_factory=lambda: _PLAIN)


@dataclass(slots=True)
class Ask:
    """One request, authenticated and read, with the transaction it is answered in."""

    store: Store
    adapters: Adapters
    directory: Directory
    cursors: Cursors
    caller: Caller
    route: "Route"
    correlation_id: UUID
    at: datetime
    ids: Mapping[str, str]
    query: Mapping[str, Any]
    body: bytes
    rings: set[tuple[str, str, int]] = field(default_factory=set)
    open: Connection | None = None

    @property
    def db(self) -> Connection:
        """The transaction, in the caller's scope."""
        if self.open is None:
            raise RuntimeError("this route has no transaction of its own")
        return self.open

    @property
    def unit(self) -> Unit:
        """The transaction as flows take it."""
        return Unit(self.db, self.store.vault, self.directory, self.at, self.rings)

    def whose(self, named: object, *, or_operator: bool = False) -> str:
        """The merchant meant: a merchant's key has no choice, another names one that is known.
        `or_operator`: it may name the operator. Stop with 422 for none.
        """
        own = self.caller.merchant
        if own is not None and named in (None, own):
            return own
        known = str(named) in self.directory.merchants or (or_operator and named == OPERATOR)
        if own is None and known:
            return str(named)
        raise Stop(422, "unknown_merchant", "the code of a merchant is expected", path="merchant")

    def uuid(self, name: str = "id") -> UUID:
        """An id of the path. NotFound where it is no id at all."""
        try:
            return UUID(self.ids[name])
        except ValueError:
            raise NotFound from None

    def read(self, model: type[M]) -> M:
        """The body as a model. BadData names every field that is wrong."""
        tree = read_json_object(self.body) if self.body else {}
        try:
            return model.model_validate(tree)
        except ValidationError as error:
            raise bad_data(error) from None

    def after(self) -> Position | None:
        """Where the page that is asked for begins."""
        cursor = self.query.get("cursor")
        if cursor is None:
            return None
        try:
            return self.cursors.read(self._binding(), cursor)
        except BadCursor:
            message = "the cursor is none of this list"
            raise Stop(400, "bad_cursor", message, path="cursor") from None

    def limit(self) -> int:
        return int(self.query.get("limit", DEFAULT_LIMIT))

    def listed(self, found: Page[T], render: Callable[[T], Any]) -> dict[str, Any]:
        """A page as it is answered."""
        cursor = None if found.after is None else self.cursors.make(self._binding(), found.after)
        return {"items": [render(item) for item in found.items], "next_cursor": cursor}

    def _binding(self) -> str:
        filters = sorted((k, str(v)) for k, v in self.query.items() if k not in ("cursor", "limit"))
        reach = (self.caller.merchant, self.caller.connection and self.caller.connection.code)
        return repr((self.route.name, reach, filters))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer other than plain 200."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """One route, described by its handler's docstring and the schemas of what it takes and answers.

    `bare`: it has no transaction of its own, since it calls a partner. `slow`: it may take long, so
    that only few run at once. `refuses`: statuses that
    others of its kind do not answer. `media`: the forms of an answer that is a file;
    where JSON is among them, `answers` is that form and the others are files.
    """

    method: str
    path: str
    scope: str
    handler: Callable[[Ask], Any]
    answers: type[BaseModel]
    query: tuple[Param, ...] = ()
    body: type[BaseModel] | None = None
    body_optional: bool = False
    status: int = 200
    bare: bool = False
    slow: bool = False
    refuses: tuple[int, ...] = ()
    media: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def summary(self) -> str:
        return (self.handler.__doc__ or "").partition("\n")[0].rstrip(".")

    @property
    def details(self) -> str:
        """The whole of its handler's docstring."""
        return inspect.getdoc(self.handler) or ""

    @property
    def is_list(self) -> bool:
        return LIMIT in self.query


def read_query(route: Route, given: Mapping[str, list[str]]) -> dict[str, Any]:
    """The query parameters. Stop with 422 for one that is unknown, doubled or wrong."""
    known = {param.name: param for param in route.query}
    values_read: dict[str, Any] = {}
    for name, values in given.items():
        param = known.get(name)
        if param is None:
            names = ", ".join(known) or "none"
            raise Stop(422, "unknown_parameter", f"known parameters: {names}", path=name[:100])
        if len(values) > 1:
            raise Stop(422, "repeated_parameter", "it may stand once", path=name)
        try:
            values_read[name] = param.read(values[0])
        except ValueError as error:
            raise Stop(422, "bad_parameter", str(error), path=name) from None
    return values_read


def text(given: str) -> str:
    """Some text."""
    if not given or len(given) > _LONGEST or NOT_TEXT.search(given):
        raise ValueError(f"text of 1 to {_LONGEST} characters is expected")
    return given


def uuid(given: str) -> UUID:
    """A UUID."""
    try:
        return UUID(given)
    except ValueError:
        raise ValueError("a UUID is expected") from None


def one_of(*words: str) -> Callable[[str], str]:
    """One of some words."""

    def read(given: str) -> str:
        if given not in words:
            raise ValueError(f"one of {', '.join(words)} is expected")
        return given

    return read


def choice(name: str, meaning: str, *words: str) -> Param:
    """A parameter that takes one of some words."""
    return Param(name, meaning, one_of(*words), {"type": "string", "enum": list(words)})


def _limit(given: str) -> int:
    if not (given.isascii() and given.isdecimal() and len(given) < 5 and 1 <= int(given) <= MOST):
        raise ValueError(f"a number from 1 to {MOST} is expected")
    return int(given)


LIMIT = Param(
    "limit",
    f"at most so many; {DEFAULT_LIMIT} where absent",
    _limit,
    {"type": "integer", "minimum": 1, "maximum": MOST},
)
CURSOR = Param(
    "cursor",
    "`next_cursor` of the page before",
    str,
    {"type": "string", "pattern": "^[A-Za-z0-9_=-]+$"},
)
PAGED = (LIMIT, CURSOR)
