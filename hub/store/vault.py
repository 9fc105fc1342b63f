"""Sealing of what is stored: compressed, then AES-256-GCM with a key id, bound to its table,
column, row and merchant.

A sealed value opens only where it was put: moved to another row it fails. Keys are newest first;
old ones still open.
"""

import hashlib
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PLAIN, _PACKED = b"\x00", b"\x01"
_WORTH_PACKING = 256
_MOST_UNPACKED = 64 * 1024 * 1024


class VaultError(Exception):
    """A value that does not open: its key is gone from ORDERHUB_KEYS, or it was moved."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key: 4 bytes of id, 32 of key."""

    id: bytes
    secret: bytes


class Vault:
    """Seals with the newest key, opens with any. `index_key` is for blind indexes: of the oldest
    key, so that it lasts.
    """

    def __init__(self, keys: Sequence[DataKey]) -> None:
        self._ciphers = {key.id: AESGCM(key.secret) for key in keys}
        self._newest = keys[0].id
        self.index_key = hashlib.sha256(b"orderhub index" + keys[-1].secret).digest()

    def seal(self, raw: bytes, place: str, merchant: str, row: UUID) -> bytes:
        """`place` is `table.column`."""
        body = _PACKED + zlib.compress(raw, 1) if len(raw) >= _WORTH_PACKING else _PLAIN + raw
        nonce = os.urandom(12)
        sealed = self._ciphers[self._newest].encrypt(nonce, body, _bound(place, merchant, row))
        return self._newest + nonce + sealed

    def open(self, sealed: bytes, place: str, merchant: str, row: UUID) -> bytes:
        """The bytes that were sealed. VaultError where the key is gone or the value was moved or
        altered.
        """
        sealed = bytes(sealed)
        cipher = self._ciphers.get(sealed[:4])
        if cipher is None:
            raise VaultError(f"{place}: its data key is not among ORDERHUB_KEYS")
        try:
            body = cipher.decrypt(sealed[4:16], sealed[16:], _bound(place, merchant, row))
        except InvalidTag:
            raise VaultError(f"{place}: the value was altered or moved") from None
        if body[:1] == _PLAIN:
            return body[1:]
        return zlib.decompressobj().decompress(body[1:], _MOST_UNPACKED)


def _bound(place: str, merchant: str, row: UUID) -> bytes:
    return f"{place}\x00{merchant}\x00".encode() + row.bytes
