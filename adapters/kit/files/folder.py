"""A folder of this machine, or one that is mounted here."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import Self

from adapters.kit.files.place import CHUNK, Seen


class Folder:
    """The files below one folder, and nothing outside: links are not followed."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)

    @contextmanager
    def opened(self) -> Iterator[Self]:
        """It is always open."""
        yield self

    def list(self, folder: str) -> Iterable[Seen]:
        """The plain files of a folder."""
        for path in self._at(folder).iterdir():
            try:
                stat = path.lstat()
            except FileNotFoundError:  # taken just now
                continue
            if S_ISREG(stat.st_mode):
                yield Seen(path.name, stat.st_size, stat.st_mtime)

    def read(self, path: str) -> Iterator[bytes]:
        """A file, piece by piece."""
        with os.fdopen(os.open(self._at(path), os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            while part := file.read(CHUNK):
                yield part

    def write(self, path: str, parts: Iterable[bytes]) -> None:
        """Write a file; it is on the disk when this returns."""
        with self._at(path).open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())

    def rename(self, old: str, new: str) -> None:
        """Give a file another path, at which there must be none."""
        os.link(self._at(old), self._at(new), follow_symlinks=False)
        self._at(old).unlink()

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._at(path).unlink()

    def _at(self, path: str) -> Path:
        at = self._root / path
        if ".." in at.parts or not at.is_relative_to(self._root):
            raise PermissionError(13, "outside of the folder")
        return at
