"""A shop's admin API: its session, its codes, and its answers as bytes for the decoder.

HTTP is 200 for all that goes wrong. An ended session is refused as FORBIDDEN, like a missing
permission: it is opened once more, then it is said.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.kit.auth import LoggedIn
from adapters.kit.graphql import Table, read_operations
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.tellings import as_bytes
from hub.model.errors import NotAuthorised, TryLater

OPERATIONS = read_operations(Path(__file__).with_name("operations.graphql"))
ERRORS: Table = {"CHANNEL_NOT_FOUND": NotAuthorised}
"""`errors[].extensions.code` -> fate, beside the common ones. One without a code is a fault of the
server's: what it had begun was rolled back.
"""
RESULTS: Table = {"ORDER_MODIFICATION_STATE_ERROR": TryLater}
"""`errorCode` of a result -> fate. Any other is `Rejected`: the shop understood, and refuses."""

_TOKEN = "vendure-auth-token"  # noqa: S105  # the name of a header


def opening(url: str, user: str, password: str, transport: Transport) -> LoggedIn:
    """How a session is opened."""
    session = Session(url, transport, secrets=(password,))

    def log_in() -> Mapping[str, str]:
        variables = {"username": user, "password": password}
        body = {"query": OPERATIONS["logIn"], "variables": variables}
        response = session.request("POST", "", json=body, write=False)
        token = response.headers.get(_TOKEN)
        if token is None or b'"errorCode"' in response.content:
            raise NotAuthorised("the shop does not let this user in")
        return {"Authorization": f"Bearer {token}"}

    return LoggedIn(log_in, (password,))


def answer(data: Mapping[str, Any]) -> bytes:
    """An answer's data as the shop wrote it."""
    return as_bytes({"data": data})
