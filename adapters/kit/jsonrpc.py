"""JSON-RPC over HTTP, 2.0 and what came before it: one call, its number, and the fate of its error.

HTTP is 200 for what was refused too. Source: JSON-RPC 2.0 Specification, section 5.1.
"""

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from adapters.kit.graphql import Caller
from adapters.kit.http.line import lost
from hub.model.errors import Rejected

Fate = Callable[[Any, bool], Exception]
"""Of an error as it was answered, and of whether the call was a write."""

_WORDS = 300
_SERVER = range(-32099, -32000 + 1)
_INTERNAL = -32603


class JsonRpc:
    """One endpoint."""

    def __init__(
        self,
        caller: Caller,
        path: str = "",
        *,
        fate: Fate | None = None,
        written: Callable[[Any], bytes] | None = None,
        version: str | None = "2.0",
    ) -> None:
        """`fate`: what errors of this partner mean. `written`: how it writes values that JSON does
        not have. `version`: None for what is older than 2.0.
        """
        self._caller, self._path = caller, path
        self._fate, self._written = fate or fate_of_error, written or _compact
        self._version = {"jsonrpc": version} if version else {}
        self._numbers = count(1)

    def call(
        self,
        method: str,
        params: Any,
        *,
        write: bool,
        headers: Mapping[str, str] | None = None,
        secrets: tuple[str, ...] = (),
    ) -> Any:
        """The result. `secrets`: more that must not be seen in an error."""
        body = {**self._version, "id": next(self._numbers), "method": method, "params": params}
        answer = self._caller.call(
            "POST",
            self._path,
            body=self._written(body),
            headers=headers,
            content_type="application/json",
            write=write,
        )
        if not isinstance(answer, dict) or not {"result", "error"} & set(answer):
            raise lost(f"{method} answered no JSON-RPC", write=write)
        if answer.get("error"):
            raise self._fate(self._caller.scrub(answer["error"], *secrets), write)
        return answer.get("result")


def fate_of_error(error: Any, write: bool) -> Exception:  # noqa: FBT001  # it is what it is about
    """The fate of an error of 2.0: the server failed, or it understood and refused."""
    code = str(error.get("code", "")) if isinstance(error, dict) else ""
    message = error.get("message") if isinstance(error, dict) else error
    words = " ".join(f"{code or 'error'}: {message or ''}".split())[:_WORDS]
    number = int(code) if code.lstrip("-").isdigit() and len(code) < 10 else 0
    failed = number in _SERVER or number == _INTERNAL
    return lost(words, write=write) if failed else Rejected(words)


def _compact(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
