"""Where files lie: what a folder, an SFTP and an FTPS server have in common, and their failures."""

import errno
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from paramiko import AuthenticationException, SSHException

from adapters.kit.http.line import lost
from adapters.kit.http.why import why
from hub.model.errors import EndpointMissing, NotAuthorised, TryLater

CHUNK = 256 * 1024
_PLAIN = re.compile(r"[^\x00-\x1f\x7f/\\]{1,200}")


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was listed. `changed_at`: seconds since 1970 by the partner's clock, if told."""

    name: str
    size: int
    changed_at: float | None = None


class Place(Protocol):
    """An open place. Paths are those of the place; failures are OSError, SSHException, EOFError."""

    def list(self, folder: str) -> Iterable[Seen]:
        """The plain files of a folder."""

    def read(self, path: str) -> Iterator[bytes]:
        """A file, piece by piece."""

    def write(self, path: str, parts: Iterable[bytes]) -> None:
        """Write a file, over an old one if there is one."""

    def rename(self, old: str, new: str) -> None:
        """Give a file another path, at which there must be none."""

    def remove(self, path: str) -> None:
        """Remove a file."""


class Way(Protocol):
    """How a place is reached. Fates where it is not."""

    def opened(self) -> AbstractContextManager[Place]:
        """The place, open until the block ends."""


def is_plain(name: str) -> bool:
    """Whether a name is that of a file and leads nowhere else."""
    return _PLAIN.fullmatch(name) is not None and name not in {".", ".."}


@contextmanager
def fated(what: str, *, write: bool = False) -> Iterator[None]:
    """Failures inside have fates. `write`: what is lost on the way may have happened."""
    try:
        yield
    except AuthenticationException:
        raise NotAuthorised(f"{what}: user or key is not accepted") from None
    except (TimeoutError, ConnectionError, EOFError, SSHException) as error:
        raise lost(f"{what}: the connection broke: {why(error)}", write=write) from None
    except OSError as error:
        number = error.errno or 0
        kind = _FATES.get(number, TryLater)
        raise kind(f"{what}: {_WORDS.get(number, 'failed')}") from None


_FATES: dict[int, type[Exception]] = {
    errno.EACCES: NotAuthorised,
    errno.EPERM: NotAuthorised,
    errno.ENOENT: EndpointMissing,
    errno.ENOTDIR: EndpointMissing,
}
"""What is not here is answered and may pass: nothing happened."""
_WORDS = {
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.ENOENT: "not there",
    errno.ENOTDIR: "not there",
    errno.ENOSPC: "no space left",
}
