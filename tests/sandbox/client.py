"""A caller of the sandbox partners: plain HTTP, one connection a call unless one is given."""

import http.client
import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Got:
    """Raises what http.client raises; a body that is not bytes goes as JSON."""
    parts = urlsplit(url)
    raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    kind = {} if isinstance(body, bytes | None) else {"Content-Type": "application/json"}
    with closing(http.client.HTTPConnection(parts.netloc, timeout=10)) as connection:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, raw, {**kind, **(headers or {})})
        answer = connection.getresponse()
        lower = {name.lower(): value for name, value in answer.getheaders()}
        return Got(answer.status, lower, answer.read())
