"""The data keys: as text, and as the file in which they are kept where no setting names them."""

import base64
import binascii
import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from hub.disk import sync_folder
from hub.settings.values import SettingError

KEY_BYTES = 32
KEYS_ACCEPTED = "32-byte keys in base64, comma-separated, newest first, each optionally id:key"


@dataclass(frozen=True)
class Key:
    """A data key. Its id stands in every value that it encrypted; the secret never shows."""

    id: str
    secret: bytes = field(repr=False)


def kept_keys(path: Path) -> tuple[Key, ...]:
    """The keys of a file; a first one is made where there is no file yet."""
    try:
        if not path.exists():
            _make_keys(path)
        mode = path.stat().st_mode & 0o777
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(str(path), _reason(error), "a readable file of data keys") from error
    if mode & 0o077:
        raise SettingError(str(path), f"file mode {mode:03o}", "600, closed to other users")
    try:
        return read_keys(",".join(text.split()))
    except ValueError as error:
        raise SettingError(str(path), str(error), KEYS_ACCEPTED) from error


def read_keys(text: str) -> tuple[Key, ...]:
    """Keys as they are written in a setting. ValueError says what is wrong, never a key."""
    keys = tuple(_key(at, part.strip()) for at, part in enumerate(text.split(","), start=1))
    if len({key.id for key in keys}) < len(keys):
        raise ValueError("the same key or key id twice")
    return keys


def _key(at: int, text: str) -> Key:
    name, separator, encoded = text.rpartition(":")
    try:
        secret = base64.b64decode(
            encoded, altchars=b"-_" if {"-", "_"} & {*encoded} else None, validate=True
        )
    except (binascii.Error, ValueError):
        raise ValueError(f"key {at} is not base64") from None
    if len(secret) != KEY_BYTES:
        raise ValueError(f"key {at} has {len(secret)} bytes")
    if separator and not (name.isascii() and name.isalnum() and len(name) <= 32):
        raise ValueError(f"key {at} has an id other than letters and digits")
    return Key(name or hashlib.sha256(b"orderhub key id" + secret).hexdigest()[:8], secret)


def _make_keys(path: Path) -> None:
    """Write a first key so that it is whole or absent, whoever else starts at the same moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = _key(1, base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{key.id}:{base64.b64encode(key.secret).decode()}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # refuses to replace, unlike rename: the first writer wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_folder(path.parent)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "an error") if isinstance(error, OSError) else "what is not text"
