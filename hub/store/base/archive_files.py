"""Archive files: sealed bytes one after another, written whole or not at all, read by their place.

A record says itself whose it is, so that a file can be read without the database, given the keys.
"""

import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.disk import sync_folder
from hub.store.base.sealing import VaultError

MAGIC = b"orderhub archive 1\n"
_HEAD = struct.Struct(">II16sBB")
"""Checksum of all that follows, length of the sealed bytes, row, lengths of place and merchant."""
_DRAFT = ".part"
_ENDING, _EDITION = ".archive", "-edition-"


class ShelfError(VaultError):
    """An archive file is missing or damaged."""


@dataclass(frozen=True, slots=True)
class Record:
    """Sealed bytes of one row; `place` is `table.column`, as they were sealed for."""

    place: str
    merchant: str
    row: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """A file on the shelf, and where each record lies in it: (offset, length)."""

    name: str
    size: int
    digest: bytes
    places: tuple[tuple[int, int], ...]


class Shelf:
    """A folder of archive files, the same for all processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, records: Sequence[Record]) -> Written:
        """Put a new file on the shelf; once this returns it outlives a power cut."""
        packed = [_packed(record) for record in records]
        places, at = [], len(MAGIC)
        for record in packed:
            places.append((at, len(record)))
            at += len(record)
        body = b"".join([MAGIC, *packed])
        self._put(name, body)
        return Written(name, len(body), sha256(body).digest(), tuple(places))

    def _put(self, name: str, body: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(path.name + _DRAFT)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        for folder in (path.parent, self._folder, self._folder.parent):
            sync_folder(folder)

    def read(self, name: str, offset: int, length: int, row: UUID) -> bytes:
        """The sealed bytes of a row. ShelfError where they are not there unchanged."""
        try:
            with (self._folder / name).open("rb") as file:
                file.seek(offset)
                raw = file.read(length)
        except OSError:
            raise ShelfError(f"the archive file {name} cannot be read") from None
        record = _unpacked(raw)
        if record is None or record.row != row:
            raise ShelfError(f"the archive file {name} is damaged at {offset}")
        return record.sealed

    def without(self, name: str, places: Sequence[tuple[int, int, UUID]]) -> tuple[str, bytes]:
        """A new edition of a file in which these records (offset, length, row) are blank, all else
        where it was. Returns its name and digest; the old one stays until it is tidied away.
        """
        try:
            body = bytearray((self._folder / name).read_bytes())
        except OSError:
            raise ShelfError(f"the archive file {name} cannot be read") from None
        for offset, length, row in places:
            record = _unpacked(bytes(body[offset : offset + length]))
            if record is None or record.row != row:
                raise ShelfError(f"the archive file {name} is damaged at {offset}")
            blank = Record(record.place, record.merchant, row, bytes(len(record.sealed)))
            body[offset : offset + length] = _packed(blank)
        edition = _next_edition(name)
        self._put(edition, bytes(body))
        return edition, sha256(body).digest()

    def sound(self, name: str, digest: bytes) -> bool:
        """Whether a file is there as it was written."""
        try:
            return sha256((self._folder / name).read_bytes()).digest() == digest
        except OSError:
            return False

    def remove(self, name: str) -> None:
        """Take a file from the shelf; one that is gone is no error."""
        (self._folder / name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """All files, also those a killed process left half written."""
        files = (path for path in self._folder.glob("*/*") if path.is_file())
        return sorted(str(path.relative_to(self._folder)) for path in files)

    def age_s(self, name: str, now: float) -> float:
        """Seconds since a file was written."""
        return now - (self._folder / name).stat().st_mtime


def stem(name: str) -> str:
    """What all editions of a file have in common."""
    return name.removesuffix(_ENDING).partition(_EDITION)[0]


def _next_edition(name: str) -> str:
    number = int(name.removesuffix(_ENDING).partition(_EDITION)[2] or 1) + 1
    return f"{stem(name)}{_EDITION}{number}{_ENDING}"


def fetch(db: Connection, shelf: Shelf | None, row: Any) -> bytes:
    """The sealed bytes that a row points to. ShelfError where they cannot be had."""
    name = db.scalar(_NAME, {"id": row.archive_id})
    if shelf is None or name is None:
        raise ShelfError(f"the archive file {row.archive_id} is not known")
    return shelf.read(name, row.archive_offset, row.archive_length, row.id)


def _packed(record: Record) -> bytes:
    place, merchant = record.place.encode(), record.merchant.encode()
    head = _HEAD.pack(0, len(record.sealed), record.row.bytes, len(place), len(merchant))
    rest = head[4:] + place + merchant + record.sealed
    return zlib.crc32(rest).to_bytes(4) + rest


def _unpacked(raw: bytes) -> Record | None:
    if len(raw) < _HEAD.size:
        return None
    checksum, size, row, place, merchant = _HEAD.unpack_from(raw)
    middle = _HEAD.size + place
    if zlib.crc32(raw[4:]) != checksum or len(raw) != middle + merchant + size:
        return None
    return Record(
        place=raw[_HEAD.size : middle].decode(),
        merchant=raw[middle : middle + merchant].decode(),
        row=UUID(bytes=row),
        sealed=raw[middle + merchant :],
    )


_NAME = sa.text("SELECT name FROM archive_file WHERE id = :id")
