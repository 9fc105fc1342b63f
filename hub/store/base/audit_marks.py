"""Marks of the audit: made with keys that follow from the data keys and are in no database, so that
whoever may write to the database, but has no key, can write no entry anew.
"""

import hmac
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

_OPTION = "orderhub_audit_keys"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the marks by their ids, the newest first: it marks, each may have marked."""

    known: tuple[tuple[bytes, bytes], ...] = field(repr=False)

    def mark(self, chain: str, number: int, hash_: bytes) -> bytes:
        id_, key = self.known[0]
        return id_ + _mark(key, chain, number, hash_)

    def holds(self, mark: bytes, chain: str, number: int, hash_: bytes) -> bool:
        """Whether one of the keys made this mark."""
        key = dict(self.known).get(mark[:4])
        return key is not None and hmac.compare_digest(mark[4:], _mark(key, chain, number, hash_))


def options(keys: Keys | None) -> dict[str, Any]:
    """What an engine or session is given, so that entries written on it are marked."""
    return {} if keys is None else {_OPTION: keys}


def keys_of(db: Connection) -> Keys | None:
    """The keys that a session was given."""
    keys: Keys | None = db.get_execution_options().get(_OPTION)
    return keys


def _mark(key: bytes, chain: str, number: int, hash_: bytes) -> bytes:
    text = f"audit entry\x00{chain}\x00{number}\x00".encode()
    return hmac.digest(key, text + hash_, "sha256")
