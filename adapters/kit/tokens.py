"""Tokens that the threads and processes of one connection share: who keeps them, who renews them.

A worker gives the store with the connection's transport. Without one they are kept in the process.
"""

import fcntl
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol, Self

from hub.model.errors import TryLater

_AHEAD_S, _AHEAD_SHARE = 60.0, 0.1
_LOOK_S = 0.05

Seal = Callable[[bytes, str], bytes]
"""Seals a token, or opens it, bound to its name."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token. Times are seconds since 1970; `expires_at` None: nobody said when."""

    access: str = field(repr=False)
    renew_at: float | None = None
    expires_at: float | None = None
    refresh: str | None = field(default=None, repr=False)

    @classmethod
    def told(cls, access: str, lives_s: float | None, refresh: str | None, now: float) -> Self:
        """A token as the partner gave it: due a minute, or a tenth of its life, before its end."""
        if lives_s is None:
            return cls(access, None, None, refresh)
        ahead = min(_AHEAD_S, lives_s * _AHEAD_SHARE)
        return cls(access, now + lives_s - ahead, now + lives_s, refresh)

    def is_due(self) -> bool:
        """Whether it is time to renew it."""
        return self.renew_at is not None and time.time() >= self.renew_at

    def is_over(self) -> bool:
        """Whether the partner no longer takes it."""
        return self.expires_at is not None and time.time() >= self.expires_at

    def written(self) -> str:
        """As text to keep. It is a secret: whoever keeps it seals it."""
        return json.dumps([self.access, self.renew_at, self.expires_at, self.refresh])

    @classmethod
    def read(cls, text: str) -> Self:
        """A token that was written."""
        return cls(*json.loads(text))


class TokenStore(Protocol):
    """Keeps tokens by name, and lets one at a time renew one of them."""

    def load(self, name: str) -> Token | None:
        """The token as it was saved last, by whomever."""

    def save(self, name: str, token: Token) -> None:
        """Keep a token for all."""

    def renewing(self, name: str, wait_s: float) -> AbstractContextManager[None]:
        """Alone with a token until the block ends. TryLater where others take longer than that."""


class InProcess:
    """Tokens of one process. Every other process has its own: for partners that allow it."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()

    def load(self, name: str) -> Token | None:
        """The token of that name."""
        return self._tokens.get(name)

    def save(self, name: str, token: Token) -> None:
        """Keep it."""
        self._tokens[name] = token

    @contextmanager
    def renewing(self, name: str, wait_s: float) -> Iterator[None]:
        """One thread at a time."""
        with self._lock:
            lock = self._locks.setdefault(name, Lock())
        if not lock.acquire(timeout=max(wait_s, 0)):
            raise TryLater("a token is being renewed")
        try:
            yield
        finally:
            lock.release()


class InFolder:
    """Tokens in files of one folder, for all processes of a machine. Sealed by whoever gives it."""

    def __init__(self, folder: Path, seal: Seal, unseal: Seal) -> None:
        self._folder, self._seal, self._unseal = folder, seal, unseal

    def load(self, name: str) -> Token | None:
        """The token of that name. One that does not open is none: it is asked for anew."""
        try:
            sealed = (self._folder / name).read_bytes()
            return Token.read(self._unseal(sealed, name).decode())
        except Exception:  # noqa: BLE001  # whatever is wrong with what is kept, it is only kept
            return None

    def save(self, name: str, token: Token) -> None:
        """Keep it; others see it whole or not at all."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
            file.write(self._seal(token.written().encode(), name))
        Path(file.name).replace(self._folder / name)

    @contextmanager
    def renewing(self, name: str, wait_s: float) -> Iterator[None]:
        """One thread of one process at a time: the lock ends with the process that holds it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ends = time.monotonic() + wait_s
        with (self._folder / f"{name}.lock").open("wb") as file:
            while not _locked(file.fileno()):
                if time.monotonic() >= ends:
                    raise TryLater("a token is being renewed")
                time.sleep(_LOOK_S)
            yield


def _locked(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


IN_PROCESS = InProcess()
