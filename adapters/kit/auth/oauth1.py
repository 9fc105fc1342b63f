"""OAuth 1.0a (RFC 5849) by Authlib: each request signed with the secrets of app and account."""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from authlib.integrations.requests_client import OAuth1Auth
from authlib.oauth1.rfc5849.signature import generate_signature_base_string
from requests import PreparedRequest
from requests.auth import AuthBase

SHA256, SHA1 = "HMAC-SHA256", "HMAC-SHA1"


class _Signing(OAuth1Auth):  # type: ignore[misc]  # Authlib has no types
    """With the digest that partners ask for today (NetSuite, WooCommerce)."""


def _sha256(client: Any, request: Any) -> str:
    secrets = (client.client_secret or "", client.token_secret or "")
    key = "&".join(quote(secret, safe="~") for secret in secrets)
    text = generate_signature_base_string(request)
    return b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()


_Signing.register_signature_method(SHA256, _sha256)


class OAuth1(AuthBase):
    """App and account, each a pair of name and secret."""

    def __init__(
        self,
        app: tuple[str, str],
        account: tuple[str, str] = ("", ""),
        *,
        realm: str | None = None,
        method: str = SHA256,
        place: str = "HEADER",
    ) -> None:
        """`place`: `HEADER` or `QUERY`, where the signature goes."""
        self.secrets: Sequence[str] = tuple(filter(None, (app[1], *account)))
        self._sign = _Signing(
            client_id=app[0],
            client_secret=app[1],
            token=account[0] or None,
            token_secret=account[1] or None,
            realm=realm,
            signature_method=method,
            signature_type=place,
        )

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        signed: PreparedRequest = self._sign(request)
        return signed
