"""ShipHero's public API: its log-in, its codes, and what of it was found.

Each account has credits that grow with time; what costs more than there are is refused with code 30
and the seconds to wait. A token holds for weeks; with a refresh token comes the next one.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from adapters.kit.auth import LoggedIn
from adapters.kit.graphql import GraphQL, Table, read_operations
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.tokens import Token
from hub.model.errors import NotAuthorised, Rejected, TryLater

OPERATIONS = read_operations(Path(__file__).with_name("operations.graphql"))


class Refused(Rejected):
    """ShipHero understood, and refuses."""


class NotThere(Refused):
    """ShipHero knows no such thing."""

    code = "unknown_at_partner"


_REFUSALS = dict.fromkeys(map(str, range(1, 100)), Refused)
ERRORS: Table = {**_REFUSALS, "5": NotThere, "30": TryLater}
"""`errors[].code` -> fate, beside the common ones."""


class Entry:
    """Tokens by user name and password, kept where the other processes find them."""

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        transport: Transport,
        secrets: Sequence[str] = (),
    ) -> None:
        self._session = Session(f"{url}/auth", transport, secrets=(password, *secrets))
        self._user, self._password = user, password
        self._store, self._patience = transport.tokens, transport.timeout_s
        named = f"shiphero\n{url}\n{user}"
        self._name = hashlib.sha256(named.encode()).hexdigest()[:32]
        self._given: str | None = None

    def open(self) -> LoggedIn:
        """How calls prove who they are."""
        return LoggedIn(self._headers, (self._password,))

    def _headers(self) -> Mapping[str, str]:
        """A token, another one than the one that was given last: that was refused."""
        with self._store.renewing(self._name, self._patience):
            token = self._store.load(self._name)
            if token is None or token.access == self._given or token.is_due():
                token = self._renewed(token)
                self._store.save(self._name, token)
        self._given = token.access
        return {"Authorization": f"Bearer {token.access}"}

    def _renewed(self, before: Token | None) -> Token:
        if before is not None and before.refresh:
            try:
                return self._asked("/refresh", {"refresh_token": before.refresh}, before.refresh)
            except (NotAuthorised, Rejected):
                pass  # it ended as well: the password opens anew
        return self._asked("/token", {"username": self._user, "password": self._password})

    def _asked(self, path: str, body: Mapping[str, str], refresh: str | None = None) -> Token:
        now = time.time()
        try:
            told = self._session.call("POST", path, body=body, write=False)
        except Rejected as refusal:
            raise NotAuthorised(str(refusal)) from None
        access = told.get("access_token") if isinstance(told, dict) else None
        if not access:
            raise TryLater("ShipHero answered no token")
        lives = told.get("expires_in")
        lasting = float(lives) if str(lives or "").isdigit() else None
        return Token.told(str(access), lasting, told.get("refresh_token") or refresh, now)


class Hero(GraphQL):
    """One account."""

    def one(self, operation: str, field: str, **variables: Any) -> dict[str, Any] | None:
        """What a question for one thing finds."""
        try:
            answer = self.ask(OPERATIONS[operation], variables).get(field)
        except NotThere:
            return None
        found = answer.get("data") if isinstance(answer, dict) else None
        return found if isinstance(found, dict) else None

    def page(self, operation: str, field: str, **variables: Any) -> tuple[list[Any], str | None]:
        """The nodes of a page, and the cursor of the next one."""
        answer = self.ask(OPERATIONS[operation], variables).get(field)
        told = answer.get("data") if isinstance(answer, dict) else None
        data = told if isinstance(told, dict) else {}
        edges = data.get("edges")
        if not isinstance(edges, list):
            raise TryLater(f"ShipHero answered no {field}")
        nodes = [edge.get("node") for edge in edges if isinstance(edge, dict)]
        info = data.get("pageInfo") or {}
        following = info.get("endCursor") if info.get("hasNextPage") is True else None
        return [node for node in nodes if isinstance(node, dict)], following
