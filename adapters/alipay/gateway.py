"""Alipay's gateway: a method by name, its parameters signed with RSA2. Source: Alipay open
platform, "Signature", "Verification of synchronous answers", "Public error codes".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from adapters.kit.auth.rsa import is_signed, signature
from adapters.kit.session import Session
from adapters.ports import Clock
from hub.model.errors import BadData, NotAuthorised, Rejected, TryLater
from mappings.kit import zone
from mappings.reading import read_json_object

_CHINA = zone("Asia/Shanghai")
_GOOD = "10000"
_FORM = "application/x-www-form-urlencoded;charset=utf-8"
# fmt: off
_REFUSALS: tuple[tuple[str, type[Exception]], ...] = (
    ("isv.invalid-signature", NotAuthorised),
    ("isv.missing-signature", NotAuthorised),
    ("isv.invalid-app-id",    NotAuthorised),
    ("isv.app-call-limited",  TryLater),
    ("isp.unknow-error",      TryLater),
    ("20000",                 TryLater),       # the service is away
    ("20001",                 NotAuthorised),  # the token has ended, or never was
    ("40005",                 TryLater),       # too many calls
    ("40006",                 NotAuthorised),  # the app may not
)
# fmt: on
"""How a refusal's sub-code, else its code, begins -> the fate of a question. All else is
`Rejected`."""


@dataclass(frozen=True, slots=True)
class App:
    """An app of the open platform. `public_key` is Alipay's; empty: answers are not verified."""

    number: str
    private_key: str = field(repr=False)
    token: str = field(repr=False)
    public_key: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be seen."""
        return tuple(filter(None, (self.private_key, self.token)))


class Refused(Exception):
    """The business behind a method refuses: its code is for whoever asked."""

    def __init__(self, code: str, error: Exception) -> None:
        super().__init__(code)
        self.code, self.error = code, error


class Gateway:
    """Questions to the gateway. They change nothing, and may be repeated."""

    def __init__(self, session: Session, app: App, clock: Clock) -> None:
        self._session, self._app, self.clock = session, app, clock

    def call(self, method: str, content: Mapping[str, str]) -> Mapping[str, Any]:
        """What a method answers. Refused with its sub-code; NotAuthorised where signature, app or
        token do not hold, or the answer is not Alipay's.
        """
        told = {
            "app_id": self._app.number,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": self.clock().astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "app_auth_token": self._app.token,
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        }
        told = {name: value for name, value in told.items() if value}
        told["sign"] = signature(self._app.private_key, signed_text(told).encode())
        raw: bytes = self._session.call(
            *("POST", ""),
            body=urlencode(told).encode(),
            content_type=_FORM,
            read="bytes",
            write=False,
        )
        return self._read(raw, method.replace(".", "_") + "_response")

    def _read(self, raw: bytes, name: str) -> Mapping[str, Any]:
        try:
            tree = read_json_object(raw)
        except BadData:
            raise TryLater("Alipay answered no JSON object") from None
        name = name if name in tree else "error_response"
        node = tree.get(name)
        if not isinstance(node, dict):
            raise TryLater("Alipay answered something else than was asked")
        if str(node.get("code")) != _GOOD:
            raise self._refusal(node)
        if self._app.public_key and not is_signed(
            self._app.public_key, _as_written(raw, name), str(tree.get("sign", ""))
        ):
            raise NotAuthorised("the answer is not signed with the key in alipay_public_key")
        return node

    def _refusal(self, node: Mapping[str, Any]) -> Exception:
        code, further = str(node.get("code", ""))[:20], str(node.get("sub_code", ""))[:100]
        words = str(node.get("sub_msg") or node.get("msg") or "")[:200]
        message = self._session.scrub(f"Alipay answered {code} {further}: {words}")
        for begins, fate in _REFUSALS:
            if further.lower().startswith(begins) or code == begins:
                return fate(message)
        return Refused(further, Rejected(message))


def signed_text(params: Mapping[str, str]) -> str:
    """What is signed: all that is not empty, by name, but the signature."""
    told = sorted((name, value) for name, value in params.items() if value and name != "sign")
    return "&".join(f"{name}={value}" for name, value in told)


def _as_written(raw: bytes, name: str) -> bytes:
    """The bytes of a part of the answer, which are what is signed."""
    text = raw.decode()
    begin = text.index("{", text.index(f'"{name}"') + len(name) + 2)
    _, end = json.JSONDecoder().raw_decode(text, begin)
    return text[begin:end].encode()
