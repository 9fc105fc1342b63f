"""The manners of talking in files.

A file is left alone until it has stood still, and while its name says that it is being written. It
is known by its content: the same content is the same delivery, whatever it is called. It is read to
its end onto this machine's disk before anything is made of it, then moved away, not removed. What
we write appears under its name only when it is whole.
"""

import hashlib
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from adapters.kit.files.place import Place, Seen, Way, fated, is_plain
from hub.model.errors import AlreadyDone, BadData, Rejected, TryLater

_IN_MEMORY = 1024 * 1024
_BEING_WRITTEN = re.compile(
    r"\..*|.*~|.*\.(?:part|partial|tmp|temp|filepart|writing|crdownload|swp)", re.IGNORECASE
)
_OURS = ".part"


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was read to its end. `id` is a digest of its content; `file` stands at its start,
    and lasts until the block ends.
    """

    name: str
    id: str
    size: int
    file: IO[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Folders:
    """What is shared with a partner: `inbox` it writes, `done` is where we put what we read,
    `outbox` it reads. A file that did not change for `still_s` is whole.
    """

    inbox: str = "in"
    done: str = "done"
    outbox: str = "out"
    still_s: float = 10.0
    most_bytes: int = 1024**3


class Drop:
    """The folders of one connection, and what they looked like last time."""

    def __init__(self, way: Way, folders: Folders) -> None:
        self._way, self._folders, self._stood = way, folders, Stood()

    @contextmanager
    def visit(self) -> Iterator["Visit"]:
        """The partner's place, open until the block ends."""
        with self._way.opened() as place:
            yield Visit(place, self._folders, self._stood)


class Stood:
    """Since when each file has looked the same, by our own clock."""

    def __init__(self) -> None:
        self._since: dict[Seen, float] = {}

    def still(self, listed: Iterable[Seen], still_s: float, now: float) -> list[Seen]:
        """What has stood for so long, the oldest first. That takes two looks at least."""
        names = (seen for seen in listed if is_plain(seen.name))
        whole = [seen for seen in names if not _BEING_WRITTEN.fullmatch(seen.name)]
        before = self._since
        self._since = {seen: before.get(seen, now) for seen in whole}
        still = [seen for seen in whole if seen in before and now - before[seen] >= still_s]
        return sorted(still, key=lambda seen: (seen.changed_at or 0.0, seen.name))


class Visit:
    """One visit to the partner's place."""

    def __init__(self, place: Place, folders: Folders, stood: Stood) -> None:
        self._place, self._folders, self._stood = place, folders, stood

    def ready(self) -> list[Seen]:
        """The files that can be read, the oldest first."""
        with fated(self._folders.inbox):
            listed = list(self._place.list(self._folders.inbox))
        return self._stood.still(listed, self._folders.still_s, time.monotonic())

    @contextmanager
    def take(self, seen: Seen) -> Iterator[Taken]:
        """A file, read to its end. BadData where it is too large, TryLater where it still
        changes.
        """
        if seen.size > self._folders.most_bytes:
            message = f"at most {self._folders.most_bytes} bytes are expected, it has {seen.size}"
            raise BadData(message, path=seen.name, code="too_large")
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            digest, size = hashlib.sha256(), 0
            with fated(seen.name):
                for part in self._place.read(_in(self._folders.inbox, seen.name)):
                    size += len(part)
                    if size > seen.size:
                        break
                    digest.update(part)
                    file.write(part)
            if size != seen.size:
                raise TryLater(f"{seen.name}: it changed while it was read")
            file.seek(0)
            yield Taken(seen.name, digest.hexdigest(), size, file)

    def finish(self, taken: Taken) -> None:
        """Move a file away that was taken. One of that name and content may be there already."""
        old = _in(self._folders.inbox, taken.name)
        for name in (taken.name, f"{taken.name}.{taken.id[:12]}"):
            try:
                with fated(taken.name):
                    self._place.rename(old, _in(self._folders.done, name))
            except TryLater:
                if not self._is_there(self._folders.done, name):
                    raise
            else:
                return
        with fated(taken.name):
            self._place.remove(old)

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        """Write a file for the partner. AlreadyDone where it is there with this content; where its
        content is another one, Rejected.
        """
        if not is_plain(name):
            raise Rejected("a file name without folders is expected", path=name, code="bad_text")
        folder = self._folders.outbox
        if self._is_there(folder, name):
            self._check_same(folder, name, parts)
            raise AlreadyDone(f"{name} is there with this content", reference=name)
        with fated(name):
            self._place.write(_in(folder, name + _OURS), parts)
        with fated(name, write=True):
            self._place.rename(_in(folder, name + _OURS), _in(folder, name))

    def has(self, name: str, parts: Iterable[bytes] | None = None, *moved: str) -> bool:
        """Whether a file of ours is there, whole, still or in a folder to which it was moved. Where
        the content is given and another one is there, Rejected.
        """
        for folder in (self._folders.outbox, *moved):
            if self._is_there(folder, name):
                if parts is not None:
                    self._check_same(folder, name, parts)
                return True
        return False

    def has_begun(self, name: str) -> bool:
        """Whether a file of ours is there that was not given its name."""
        return self._is_there(self._folders.outbox, name + _OURS)

    def _check_same(self, folder: str, name: str, parts: Iterable[bytes]) -> None:
        with fated(name):
            there = _told(self._place.read(_in(folder, name)))
        if there != _told(parts):
            raise Rejected(f"{name} is there with another content", path=name, code="conflict")

    def _is_there(self, folder: str, name: str) -> bool:
        with fated(folder):
            return any(seen.name == name for seen in self._place.list(folder))


def _told(parts: Iterable[bytes]) -> tuple[int, str]:
    """Size and digest of what a file says."""
    size, digest = 0, hashlib.sha256()
    for part in parts:
        size += len(part)
        digest.update(part)
    return size, digest.hexdigest()


def _in(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}" if folder else name
