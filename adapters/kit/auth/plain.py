"""Secrets that go with every request as they are: Basic, Bearer, a header of the partner's own."""

import base64
from collections.abc import Callable, Sequence

from requests import PreparedRequest
from requests.auth import AuthBase

from adapters.kit.auth.refused import once_more


class Header(AuthBase):
    """A header with a secret in it, say `X-Api-Key`. Of several secrets the one that works."""

    def __init__(
        self, name: str, secrets: Sequence[str], write: Callable[[str], str] = str
    ) -> None:
        """`write` makes the header's value of a secret."""
        self.secrets = tuple(secrets)
        self._name, self._write = name, write
        self._values = tuple(write(secret) for secret in secrets)
        self._value = self._values[0]

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        request.headers[self._name] = self._value
        if len(self._values) > 1:
            once_more(request, self._with_another)
        return request

    def _with_another(self, request: PreparedRequest) -> bool:
        refused = request.headers[self._name]
        self._value = next(value for value in self._values if value != refused)
        request.headers[self._name] = self._value
        return True


class Bearer(Header):
    """A token that does not change."""

    def __init__(self, tokens: Sequence[str]) -> None:
        super().__init__("Authorization", tokens, "Bearer {}".format)


class Basic(Header):
    """User and password, both in UTF-8 (RFC 7617)."""

    def __init__(self, user: str, passwords: Sequence[str]) -> None:
        def written(password: str) -> str:
            return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

        super().__init__("Authorization", passwords, written)
