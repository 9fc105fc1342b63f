"""The signed headers of a third-party application, instead of a log-in. Source: the vendor's SDKs
for Python (8.2) and .NET, as public repositories quote them; no real system has confirmed it.

Two signatures: of the request, under a secret that the application's id holds hidden, and of whom
it is for, under the application's secret. Both are base64 of the digest in hexadecimal letters.
"""

import base64
import binascii
import codecs
import secrets
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from requests import PreparedRequest
from requests.auth import AuthBase

from adapters.kit.signature import hex_hmac
from adapters.ports import Clock
from hub.model.errors import NotAuthorised

Unit = Literal["seconds", "milliseconds"]
SEED = "0054s397p6234378o09pn7q3r5qropr7"
"""What the SDKs hide the client's secret with, in ROT13."""
_HIDDEN, _PER_SECOND = 32, {"seconds": 1, "milliseconds": 1000}


@dataclass(frozen=True, slots=True)
class App:
    """An application and whom it acts for. `number` is its id, `<client>_<hidden secret>`.

    `unit`: of the time that is signed: the SDKs differ. `seed`: what hides the client's secret.
    """

    number: str = field(repr=False)
    secret: str = field(repr=False)
    account: str
    user: str
    language: int
    organisation: str
    unit: Unit = "seconds"
    seed: str = SEED


class Signed(AuthBase):
    """Signs each request."""

    def __init__(self, app: App, clock: Clock) -> None:
        self._app, self._clock = app, clock
        self.secrets = (app.secret, app.number, app.number.partition("_")[2])

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request. NotAuthorised where the id is none."""
        app = self._app
        client, hidden = app.number.partition("_")[::2]
        key = client_secret(hidden, app.seed)
        stamp = str(int(self._clock().timestamp() * _PER_SECOND[app.unit]))
        nonce, path = secrets.token_hex(16), quote(request.path_url, safe="")
        asked = f"POST\n{path}\n\nx-api-nonce:{nonce}\nx-api-timestamp:{stamp}\n"
        whom = f"{app.account},{app.user},{app.language},{app.organisation}"
        request.headers.update(
            {
                "X-Api-ClientID": client,
                "X-Api-Auth-Version": "2.0",
                "x-api-timestamp": stamp,
                "x-api-nonce": nonce,
                "x-api-signheaders": "x-api-timestamp,x-api-nonce",
                "X-Api-Signature": _signature(key, asked),
                "X-Kd-Appkey": app.number,
                "X-Kd-Appdata": base64.b64encode(whom.encode()).decode(),
                "X-Kd-Signature": _signature(app.secret, app.number + whom),
            }
        )
        return request


def client_secret(hidden: str, seed: str = SEED) -> str:
    """The secret that an application's id holds: its bytes, each with one of the seed in ROT13
    (exclusive or), in base64 again.
    """
    try:
        raw = base64.b64decode(hidden, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    mask = codecs.encode(seed[:_HIDDEN], "rot13").encode()
    if len(hidden) != _HIDDEN or not raw or len(raw) > len(mask):
        message = "the application's id is expected to be <client>_<32 characters of base64>"
        raise NotAuthorised(message)
    return base64.b64encode(bytes(a ^ b for a, b in zip(raw, mask, strict=False))).decode()


def _signature(secret: str, text: str) -> str:
    return base64.b64encode(hex_hmac(secret, text.encode()).encode()).decode()
