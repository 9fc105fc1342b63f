"""A report as it was delivered: a file, bare or compressed, or an archive of some."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import NoReturn

from hub.model.errors import BadData, Ignored
from mappings.kit.readers.csv import Encoding

_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_MOST_FILES, _MOST_BYTES = 50, 64 * 1024 * 1024
_UNOPENED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
"""What the reader of archives raises where one is damaged, or bytes of it were lost."""


@dataclass(frozen=True, slots=True)
class Body:
    """A file, by the name that it has in its archive."""

    name: str
    raw: bytes


def bodies(raw: bytes) -> list[Body]:
    """The files of a delivery. BadData where its archive cannot be opened, Ignored where nothing is
    in it.
    """
    if raw.startswith(_GZIP):
        raw = _inflated(raw)
    found = _opened(raw) if raw.startswith(_ZIP) else [Body("", raw)]
    if not any(body.raw.strip() for body in found):
        raise Ignored("no_consequence", "the report is empty")
    return found


def encoding(raw: bytes, other: Encoding = "cp1252") -> Encoding:
    """How a file is written: as it begins, in UTF-8 where it can be that, else `other`."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        whole = error.end >= len(raw) and error.reason == "unexpected end of data"
        return "utf-8" if whole else other
    return "utf-8"


def text(raw: bytes, other: Encoding = "cp1252") -> str:
    """A file as text, without a mark of its encoding."""
    codec = encoding(raw, other)
    try:
        return raw.decode("utf-8-sig" if codec == "utf-8" else codec)
    except UnicodeDecodeError:
        message = f"it has bytes that are no text in {codec}"
        raise BadData(message, path="encoding", code="bad_encoding") from None


def _inflated(raw: bytes) -> bytes:
    """A file that gzip compressed. Never more than may be."""
    inflating = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        found = inflating.decompress(raw, _MOST_BYTES + 1)
    except zlib.error:
        _refuse("it is compressed and cannot be opened")
    if len(found) > _MOST_BYTES:
        _refuse(f"a file of at most {_MOST_BYTES} bytes is expected")
    if not inflating.eof:
        _refuse("it is half of what was compressed")
    return found


def _opened(raw: bytes) -> list[Body]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_FILES:
                _refuse(f"an archive of at most {_MOST_FILES} files is expected")
            return _read(archive, entries)
    except _UNOPENED:
        _refuse("it is an archive that cannot be opened, or half of one")


def _read(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> list[Body]:
    """Never more than may be, whatever the archive says of its own size."""
    found, left = [], _MOST_BYTES
    for entry in entries:
        with archive.open(entry) as file:
            raw = file.read(left + 1)
        left -= len(raw)
        if left < 0:
            _refuse(f"an archive of at most {_MOST_BYTES} bytes is expected")
        found.append(Body(_name(entry), raw))
    return found


def _name(entry: zipfile.ZipInfo) -> str:
    """Archives of Chinese providers name their files in GBK, which the format knows nothing of."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def _refuse(message: str) -> NoReturn:
    raise BadData(message, path="archive", code="bad_archive") from None
