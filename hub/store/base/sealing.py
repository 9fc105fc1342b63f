"""Sealing of what is stored: compressed, then AES-256-GCM with a key id, bound to its table,
column, row and merchant.

A sealed value opens only where it was put: moved to another row it fails. Keys are newest first;
old ones still open.
"""

import hashlib
import os
import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from zstandard import ZstdCompressor, ZstdDecompressor

from hub.model.catalogue import freeze
from hub.model.document import Document

if TYPE_CHECKING:
    from hub.store.base.archive_files import Shelf

_PLAIN, _DEFLATED, _PACKED = b"\x00", b"\x01", b"\x02"
"""The first byte of a body: as it is, deflate (read only), Zstandard."""
_WORTH_PACKING = 256
_MOST_UNPACKED = 64 * 1024 * 1024
_MOST_HELD = 512
"""Documents kept packed: more than one transaction's."""


class VaultError(Exception):
    """A value that does not open: its key is gone from ORDERHUB_KEYS, or it was moved."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key: 4 bytes of id, 32 of key."""

    id: bytes
    secret: bytes


@dataclass(frozen=True, slots=True)
class Packed:
    """Bytes as they are sealed, and how many they were."""

    size: int
    body: bytes


class Vault:
    """Seals with the newest key, opens with any. `index_key` is for blind indexes: of the oldest
    key, so that it lasts.
    """

    def __init__(self, keys: Sequence[DataKey], shelf: "Shelf | None" = None) -> None:
        """`shelf`: where archive files lie, for values that no row holds any more."""
        self._ciphers = {key.id: AESGCM(key.secret) for key in keys}
        self._newest = keys[0].id
        self.shelf = shelf
        self._packed: dict[int, tuple[Document, Packed]] = {}
        self.index_key = hashlib.sha256(b"orderhub index" + keys[-1].secret).digest()

    def seal(self, raw: bytes, place: str, merchant: str, row: UUID) -> bytes:
        """`place` is `table.column`."""
        return self.seal_packed(pack(raw), place, merchant, row)

    def packed(self, document: Document) -> Packed:
        """A document ready for sealing. The same one is stored and told to several: it is written
        out and compressed once.
        """
        held = self._packed.get(id(document))
        if held is None or held[0] is not document:
            if len(self._packed) >= _MOST_HELD:
                self._packed.clear()
            held = self._packed[id(document)] = (document, pack(freeze(document)))
        return held[1]

    def seal_packed(self, packed: Packed, place: str, merchant: str, row: UUID) -> bytes:
        """Like `seal`, of what is packed already."""
        body, nonce = packed.body, os.urandom(12)
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
        return _UNPACK[body[:1]](body[1:])


def pack(raw: bytes) -> Packed:
    """Compressed, where that is worth it."""
    if len(raw) < _WORTH_PACKING:
        return Packed(len(raw), _PLAIN + raw)
    return Packed(len(raw), _PACKED + _TOOLS.packer.compress(raw))


class _Tools(threading.local):
    """Zstandard's working memory, a thread's own: it takes no two calls at once."""

    def __init__(self) -> None:
        self.packer = ZstdCompressor(level=1)
        self.unpacker = ZstdDecompressor()


_TOOLS = _Tools()


def _unpacked(body: bytes) -> bytes:
    return _TOOLS.unpacker.decompress(body, max_output_size=_MOST_UNPACKED)


def _inflated(body: bytes) -> bytes:
    return zlib.decompressobj().decompress(body, _MOST_UNPACKED)


_UNPACK: dict[bytes, Callable[[bytes], bytes]] = {
    _PLAIN: bytes,
    _DEFLATED: _inflated,
    _PACKED: _unpacked,
}


def _bound(place: str, merchant: str, row: UUID) -> bytes:
    return f"{place}\x00{merchant}\x00".encode() + row.bytes
