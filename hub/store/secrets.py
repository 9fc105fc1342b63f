"""Secrets of connections: where they are kept, never what they are. `env:NAME`, `file:/path` or
`enc:` (sealed).
"""

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from hub.model.errors import BadData
from hub.store.vault import Vault, VaultError

_PLACE, _ROW = "connection.secrets", UUID(int=0)
_LONGEST = 64 * 1024


def check(reference: str, path: str) -> None:
    """Refuse a secret that is written out."""
    if not reference.startswith(("env:", "file:", "enc:")):
        raise BadData(
            "env:NAME, file:/path or enc:… (made by `orderhub seal`) is expected",
            path=path,
            code="plain_secret",
        )


def seal(vault: Vault, secret: str) -> str:
    """A secret as `enc:` text, to be opened with the data keys of this installation."""
    sealed = vault.seal(secret.encode(), _PLACE, "", _ROW)
    return "enc:" + base64.urlsafe_b64encode(sealed).decode()


def reveal(
    vault: Vault, references: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The secrets themselves. BadData names the one that is not where it should be."""
    return {
        name: _one(vault, name, str(reference), environ) for name, reference in references.items()
    }


def _one(vault: Vault, name: str, reference: str, environ: Mapping[str, str]) -> str:
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
            return Path(rest).read_text("utf-8")[:_LONGEST].strip()
        except (OSError, UnicodeDecodeError):
            raise BadData("the file cannot be read", path=path, code="missing_secret") from None
    if kind == "enc":
        try:
            return vault.open(base64.urlsafe_b64decode(rest), _PLACE, "", _ROW).decode()
        except (VaultError, ValueError):
            raise BadData(
                "it was not sealed with this installation's keys", path=path, code="missing_secret"
            ) from None
    raise BadData("env:, file: or enc: is expected", path=path, code="plain_secret")
