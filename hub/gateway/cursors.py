"""Cursors: where the next page of a list begins, signed, so that nobody can make one up."""

import base64
import binascii
import hmac
import json
from collections.abc import Sequence

from hub.gateway.problems import Stop
from hub.store.views.page import Position

_SIGNATURE = 16


class Cursors:
    """Signs with a key derived from the newest data key, reads what any of them signed."""

    def __init__(self, data_keys: Sequence[bytes]) -> None:
        self._keys = [hmac.digest(key, b"orderhub cursor 1", "sha256") for key in data_keys]

    def make(self, binding: str, position: Position) -> str:
        """`binding` is the list with its filters and the caller's reach: it holds for that only."""
        text = json.dumps(position, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(self._keys[0], binding, text) + text).decode()

    def read(self, binding: str, cursor: str) -> Position:
        """The position. Stop with 400 where the cursor is not one of ours for this list."""
        try:
            raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _bad() from None
        signature, text = raw[:_SIGNATURE], raw[_SIGNATURE:]
        expected = [self._sign(key, binding, text) for key in self._keys]
        if not any([hmac.compare_digest(one, signature) for one in expected]):  # noqa: C419  # all are compared, always
            raise _bad()
        return tuple(json.loads(text))

    @staticmethod
    def _sign(key: bytes, binding: str, text: bytes) -> bytes:
        return hmac.digest(key, binding.encode() + b"\x00" + text, "sha256")[:_SIGNATURE]


def _bad() -> Stop:
    return Stop(400, "bad_cursor", "the cursor is none of this list", path="cursor")
