"""Cursors: where the next page of a list begins, signed, so that nobody can make one up. The Open
API gives them as a field, the console in a link.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Sequence

from hub.store.views.page import Position

_SIGNATURE = 16


class BadCursor(ValueError):
    """A cursor that is none of ours for this list."""


class Cursors:
    """Signs with a key derived from the newest secret, reads what any of them signed."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._keys = [hmac.digest(one, b"orderhub cursor 1", "sha256") for one in secrets]

    def make(self, binding: str, position: Position) -> str:
        """`binding` is the list with its filters and the caller's reach: it holds for that only."""
        text = json.dumps(position, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(self._keys[0], binding, text) + text).decode()

    def read(self, binding: str, cursor: str) -> Position:
        """The position. BadCursor where the cursor is not one of ours for this list."""
        try:
            raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise BadCursor from None
        signature, text = raw[:_SIGNATURE], raw[_SIGNATURE:]
        expected = [self._sign(key, binding, text) for key in self._keys]
        if not any([hmac.compare_digest(right, signature) for right in expected]):  # noqa: C419  # all are compared, always
            raise BadCursor
        return tuple(json.loads(text))

    @staticmethod
    def _sign(key: bytes, binding: str, text: bytes) -> bytes:
        return hmac.digest(key, binding.encode() + b"\x00" + text, "sha256")[:_SIGNATURE]
