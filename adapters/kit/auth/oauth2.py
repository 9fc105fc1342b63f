"""OAuth 2.0 (RFC 6749) by Authlib over the kit's session: client credentials or a refresh token.

A token is renewed ahead of its end, by one thread of one process, and kept where the others find it
(`TokenStore`). Asking for one is repeated while the budget of the call lasts.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from authlib.common.urls import url_decode
from authlib.integrations.requests_client.oauth2_session import OAuth2ClientAuth
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from requests import PreparedRequest, RequestException
from requests.auth import AuthBase

from adapters.kit.auth.refused import once_more
from adapters.kit.http.budget import left
from adapters.kit.http.meaning import meant
from adapters.kit.http.transport import Transport
from adapters.kit.http.wire_tap import recording
from adapters.kit.session import Session
from adapters.kit.tokens import Token
from hub.model.errors import NotAuthorised, TryLater

_REFUSALS = frozenset({400, 401})
"""Statuses whose body says why no token is given (RFC 6749, 5.2)."""
_LATER = frozenset(
    {"server_error", "temporarily_unavailable", "slow_down", "rate_limit_exceeded"}
    | {"too_many_requests", "request_limit_exceeded", "unknown_error"}
)
"""Errors, of the protocol and of partners, of whoever gives no token now and may do so later."""
_OTHER_SECRET = "invalid_client"  # noqa: S105  # a word of the protocol


class _Client(OAuth2Client):  # type: ignore[misc]  # Authlib has no types
    client_auth_class = OAuth2ClientAuth

    def parse_response_token(self, resp: Any) -> Any:
        """A 401 refuses the client, whatever is written in it."""
        if resp.status_code == 401 and b'"error"' not in resp.content:
            raise OAuth2Error(error=_OTHER_SECRET, description="it answered 401")
        return super().parse_response_token(resp)


class _JsonClient(_Client):
    """Asks in JSON, as the protocol does not but some partners want it (Extensiv)."""

    def _fetch_token(self, url: str, body: str = "", auth: Any = None, **_: Any) -> Any:
        told = {name: int(it) if it.isdigit() else it for name, it in url_decode(body)}
        accept = {"Accept": "application/json"}
        return self.parse_response_token(
            self.session.post(url, json=told, headers=accept, auth=auth)
        )


class OAuth2(AuthBase):
    """The tokens of one client. `refresh` is the token that a person's consent gave, if any."""

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secrets: Sequence[str],
        *,
        transport: Transport | None = None,
        refresh: str | None = None,
        scope: str | None = None,
        method: str = "client_secret_basic",
        further: Mapping[str, str] | None = None,
        name: str = "",
        in_json: bool = False,
        bearer: str | None = None,
    ) -> None:
        """`method`: `client_secret_basic` or `client_secret_post`. `further`: fields beside those
        of the protocol. `name` tells connections apart that use the same client. `in_json`: a token
        is asked for in JSON, numbers as numbers. `bearer`: the header that bears the token alone,
        where it is not `Authorization: Bearer`.
        """
        transport = transport or Transport()
        self._url, self._client_id, self._client_secrets = token_url, client_id, client_secrets
        self._refresh, self._scope, self._method = refresh, scope, method
        self._further = dict(further or {})
        self._client = _JsonClient if in_json else _Client
        self._header, self._scheme = (bearer, "") if bearer else ("Authorization", "Bearer ")
        self._store, self._timeout_s = transport.tokens, transport.timeout_s
        self._token: Token | None = None
        self._own = tuple(filter(None, (*client_secrets, refresh)))
        self._session = Session(token_url, transport, secrets=self._own)
        named = "\n".join((name, token_url, client_id, scope or "", refresh or ""))
        self._name = hashlib.sha256(named.encode()).hexdigest()[:32]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be seen: the client's secrets and the tokens of now."""
        token = self._token
        held = (token.access, token.refresh) if token else ()
        return tuple(filter(None, (*self._own, *held)))

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        request.headers[self._header] = f"{self._scheme}{self._valid(refused=None).access}"
        once_more(request, self._renewed)
        return request

    def _renewed(self, request: PreparedRequest) -> bool:
        refused = str(request.headers[self._header]).removeprefix(self._scheme)
        request.headers[self._header] = f"{self._scheme}{self._valid(refused).access}"
        return True

    def _valid(self, refused: str | None) -> Token:
        """A token that is not due, another one than the one that was refused."""
        token = self._token
        if token is not None and _serves(token, refused):
            return token
        try:
            self._token = self._shared(refused)
        except TryLater:
            if token is None or refused is not None or token.is_over():
                raise
            return token  # it is only due: whoever gives tokens may be back before it ends
        return self._token

    def _shared(self, refused: str | None) -> Token:
        """As whoever was first renewed it."""
        with self._store.renewing(self._name, min(left(), self._timeout_s)):
            token = self._store.load(self._name)
            if token is None or not _serves(token, refused):
                token = self._asked(token)
                self._store.save(self._name, token)
            return token

    def _asked(self, before: Token | None) -> Token:
        """A fresh token. Of several client secrets the one that works."""
        refresh = (before and before.refresh) or self._refresh
        refusals = []
        for secret in self._client_secrets:
            try:
                with recording(), meant(write=False, fates={}, own=_REFUSALS):
                    return self._fetched(secret, refresh)
            except OAuth2Error as refusal:
                if refusal.error in _LATER or "rate exceeded" in str(refusal.description):
                    raise TryLater(f"{self._host()} is busy: {refusal.error}"[:300]) from None
                refusals.append(refusal)
                if refusal.error != _OTHER_SECRET:
                    break
            except (RequestException, ArithmeticError, ValueError, KeyError, TypeError):
                raise TryLater(f"{self._host()} answered no token") from None
        words = self._session.scrub(f"{refusals[-1].error}: {refusals[-1].description}")
        raise NotAuthorised(f"{self._host()} gives no token: {words}"[:300])

    def _fetched(self, secret: str, refresh: str | None) -> Token:
        client = self._client(
            self._session,
            self._client_id,
            secret,
            token_endpoint_auth_method=self._method,
            scope=self._scope,
        )
        now = time.time()
        answer: dict[str, Any]
        if refresh:
            answer = client.refresh_token(self._url, refresh, **self._further)
        else:
            answer = client.fetch_token(self._url, grant_type="client_credentials", **self._further)
        access = str(answer["access_token"] or "")
        if not (access.isascii() and access.isprintable() and access):
            raise ValueError("it is empty, or no token")
        lives_s = answer.get("expires_in")
        lasting = None if lives_s is None else float(lives_s)
        renewed = answer.get("refresh_token")
        kept = renewed if isinstance(renewed, str) else None
        return Token.told(access, lasting, kept, now)

    def _host(self) -> str | None:
        return urlsplit(self._url).hostname


def _serves(token: Token, refused: str | None) -> bool:
    return not token.is_due() and token.access != refused
