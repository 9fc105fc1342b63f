"""How requests to WeChat Pay's API v3 are signed, and its answers. Source: WeChat Pay merchant
documentation, APIv3, "Signature generation" and "Signature verification".
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from requests import PreparedRequest
from requests.auth import AuthBase

from adapters.kit.auth.rsa import is_signed, signature
from adapters.ports import Clock

_SCHEME = "WECHATPAY2-SHA256-RSA2048"


@dataclass(frozen=True, slots=True)
class Account:
    """A merchant's number and the certificate of its API: serial number and private key (PEM)."""

    merchant: str
    serial: str
    private_key: str = field(repr=False)


class Signed(AuthBase):
    """Signs method, path with query, time, a word of chance and body; each stands on a line."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self._account, self._clock = account, clock
        self.secrets = (account.private_key,)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        body = request.body or b""
        raw = body if isinstance(body, bytes) else str(body).encode()
        stamp, nonce = str(int(self._clock().timestamp())), secrets.token_hex(16)
        head = f"{request.method}\n{request.path_url}\n{stamp}\n{nonce}\n"
        told = {
            "mchid": self._account.merchant,
            "nonce_str": nonce,
            "signature": signature(self._account.private_key, head.encode() + raw + b"\n"),
            "timestamp": stamp,
            "serial_no": self._account.serial,
        }
        words = ",".join(f'{name}="{value}"' for name, value in told.items())
        request.headers["Authorization"] = f"{_SCHEME} {words}"
        return request


def answer_is_signed(public_key: str, headers: Mapping[str, str], raw: bytes) -> bool:
    """Whether WeChat Pay signed an answer: its time, a word of chance and the body, as lines."""
    stamp, nonce = headers.get("Wechatpay-Timestamp", ""), headers.get("Wechatpay-Nonce", "")
    signed = f"{stamp}\n{nonce}\n".encode() + raw + b"\n"
    return is_signed(public_key, signed, headers.get("Wechatpay-Signature", ""))
