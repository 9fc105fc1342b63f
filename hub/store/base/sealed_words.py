"""What partners say freely, kept: sealed like a payload, shown without what looks personal."""

import base64
from uuid import UUID

from hub.model.looks import masked
from hub.store.base.sealing import Vault, VaultError

_SEALED = "sealed:"
_CLOSED = "***"
"""Shown of words that do not open."""


def seal(vault: Vault, words: str, place: str, merchant: str, row: UUID) -> str:
    """`place` is `table.column`."""
    sealed = vault.seal(words.encode("utf-8", "replace"), place, merchant, row)
    return _SEALED + base64.b64encode(sealed).decode()


def clear(vault: Vault, kept: str, place: str, merchant: str, row: UUID) -> str:
    """The words themselves, for the hub to work with. Words of its own are not sealed."""
    if not kept.startswith(_SEALED):
        return kept
    try:
        raw = base64.b64decode(kept.removeprefix(_SEALED))
        return vault.open(raw, place, merchant, row).decode()
    except (VaultError, ValueError):
        return _CLOSED


def shown(vault: Vault, kept: str | None, place: str, merchant: str, row: UUID) -> str | None:
    """The words as people see them."""
    return kept and masked(clear(vault, kept, place, merchant, row))
