"""Secrets of connections: where they are kept, never what they are. `env:NAME`, `file:/path` or
`enc:` (sealed).

What is stored of a sealed one is bound to its connection and merchant: moved to another one, it
does not open. `orderhub seal` may not know yet where a secret will go; applying binds it.
"""

import base64
import os
import stat
from collections.abc import Callable, Mapping
from hashlib import sha256
from uuid import UUID

from hub.model.errors import BadData
from hub.store.base.sealing import Vault, VaultError

Owner = tuple[str, str]
"""Merchant and connection."""
_PLACE, _ROW = "connection.secrets", UUID(int=0)
_TOKENS = "connection.tokens"
_LONGEST = 64 * 1024


def check(reference: str, path: str) -> None:
    """Refuse a secret that is written out."""
    if not reference.startswith(("env:", "file:", "enc:")):
        raise BadData(
            "env:NAME, file:/path or enc:… (made by `orderhub seal`) is expected",
            path=path,
            code="plain_secret",
        )


def seal(vault: Vault, secret: str, owner: Owner | None = None) -> str:
    """A secret as `enc:` text, to be opened with the data keys of this installation; for this
    connection alone where one is named.
    """
    return _sealed(vault, secret.encode(), owner)


def bound(vault: Vault, reference: str, owner: Owner, stored: str | None = None) -> str:
    """A reference as it is stored: a sealed secret that was bound to nobody yet is bound. The one
    that is stored already stays where it means the same.
    """
    secret = _opened(vault, reference, None)
    if secret is None:
        return reference
    if stored is not None and _opened(vault, stored, owner) == secret:
        return stored
    return _sealed(vault, secret, owner)


def reveal(
    vault: Vault,
    references: Mapping[str, str],
    owner: Owner,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """The secrets themselves, of this connection. BadData names the one that is not where it should
    be.
    """
    return {
        name: _one(vault, name, str(reference), owner, environ)
        for name, reference in references.items()
    }


def _one(vault: Vault, name: str, reference: str, owner: Owner, environ: Mapping[str, str]) -> str:
    path = f"secrets.{name}"
    kind, _, rest = reference.partition(":")
    if kind == "env":
        if not environ.get(rest):
            raise BadData(
                f"the environment variable {rest} is not set", path=path, code="missing_secret"
            )
        return environ[rest]
    if kind == "file":
        try:
            return _read(rest).decode().strip()
        except (OSError, ValueError):
            message = "the file cannot be read: a regular one of at most 64 KiB text is expected"
            raise BadData(message, path=path, code="missing_secret") from None
    if kind == "enc":
        secret = _opened(vault, reference, owner) or _opened(vault, reference, None)
        if secret is None:
            message = "it was not sealed with this installation's keys, or for another connection"
            raise BadData(message, path=path, code="missing_secret")
        return secret.decode()
    raise BadData("env:, file: or enc: is expected", path=path, code="plain_secret")


def _read(path: str) -> bytes:
    """A file of a bounded size. What is none (a pipe, a device) is not waited for."""
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise ValueError("not a regular file")
        words = os.read(opened, _LONGEST + 1)
    finally:
        os.close(opened)
    if len(words) > _LONGEST:
        raise ValueError("too large")
    return words


def sealing(vault: Vault) -> tuple[Callable[[bytes, str], bytes], Callable[[bytes, str], bytes]]:
    """What seals and what opens a token that a partner gave, bound to its name (32 hex digits)."""

    def seal_token(token: bytes, name: str) -> bytes:
        return vault.seal(token, _TOKENS, "", UUID(hex=name))

    def open_token(sealed: bytes, name: str) -> bytes:
        return vault.open(sealed, _TOKENS, "", UUID(hex=name))

    return seal_token, open_token


def _sealed(vault: Vault, secret: bytes, owner: Owner | None) -> str:
    sealed = vault.seal(secret, _PLACE, *_bound_to(owner))
    return "enc:" + base64.urlsafe_b64encode(sealed).decode()


def _opened(vault: Vault, reference: str, owner: Owner | None) -> bytes | None:
    """What was sealed for this owner; None where it was not."""
    if not reference.startswith("enc:"):
        return None
    try:
        sealed = base64.urlsafe_b64decode(reference.removeprefix("enc:"))
        return vault.open(sealed, _PLACE, *_bound_to(owner))
    except (VaultError, ValueError):
        return None


def _bound_to(owner: Owner | None) -> tuple[str, UUID]:
    if owner is None:
        return "", _ROW
    merchant, connection = owner
    return merchant, UUID(bytes=sha256(connection.encode()).digest()[:16])
