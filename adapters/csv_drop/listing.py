"""A warehouse's files as deliveries: what belongs together in one, what cannot be read alone.

A file is read once to its end. Its rows are sorted on disk by what they are about, so that rows of
one shipment or article come together wherever they stand, and no more than a part of it is held.
It is moved away once whoever lists asks for what comes after it: then all of it is kept.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import IO
from zlib import crc32

from adapters.kit.files import Drop, Seen, Taken
from adapters.kit.signature import digest
from adapters.ports import Cursor, Delivery, Listed, Page
from hub.model.errors import BadData, NeedsPerson
from mappings.csv_drop.inward import about, reported, together
from mappings.csv_drop.layout import Incoming
from mappings.csv_drop.rows import rows_of
from mappings.csv_drop.told import Line, part
from mappings.kit import Context
from mappings.kit.readers.csv import Row

ROWS = 500
"""So many rows of a count are one report: one article that nobody knows keeps no more waiting."""
_WHOLE = 1024 * 1024
"""A file that cannot be read is kept as it is up to this size; of a larger one its first fault."""
_PAGE = 200
_BUCKET, _MOST_BUCKETS, _IN_MEMORY = 256 * 1024, 256, 64 * 1024
_MOST_ROWS, _MOST_ALIKE = 100_000, 5_000
"""Of a bucket; about one order or article."""
_KEYS = {"shipments": "order", "statuses": "order", "return_receipts": "return"}
"""Topic -> the field of what its deliveries are about."""
_ALONE = 100
"""So many lines that cannot be read stand alone; what comes after them comes in lots."""


def listing(drop: Drop, topic: str, table: Incoming, at: Context) -> Iterator[Page]:
    """What lies there, page by page, the oldest file first."""
    with drop.visit() as visit:
        for seen in visit.ready():
            if not fnmatchcase(seen.name.casefold(), table.pattern.casefold()):
                continue
            after = Cursor(_changed_at(seen))
            try:
                with visit.take(seen) as taken:
                    yield from _pages(_deliveries(_File(topic, table, at, seen, taken)), after)
                    visit.finish(taken)
            except BadData as error:  # it is too large: it stays where it is
                yield Page([_fault(topic, seen, str(error))], after)


@dataclass(frozen=True, slots=True)
class _File:
    topic: str
    table: Incoming
    at: Context
    seen: Seen
    taken: Taken

    def line(self, row: Row) -> Line:
        """A row with what is known of the file."""
        return Line(row, self.table, self.at)

    def delivery(self, rows: Sequence[Row], content: str, key: str | None = None) -> Listed:
        """Rows that come together."""
        raw = part(self.seen.name, _changed_at(self.seen), rows)
        return Listed(Delivery(self.topic, f"{self.seen.name}:{rows[0].line}", key, content), raw)


def _deliveries(file: _File) -> Iterator[Listed]:
    with ExitStack() as stack:
        count = min(1 + file.taken.size // _BUCKET, _MOST_BUCKETS)
        wrong, *buckets = [
            stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY)) for _ in range(count + 1)
        ]
        try:
            _sort(file, wrong, buckets)
        except BadData as error:
            yield _unreadable(file, str(error))
            return
        for bucket in buckets:
            yield from _good(file, bucket)
        yield from _wrong(file, wrong)


def _sort(file: _File, wrong: IO[bytes], buckets: Sequence[IO[bytes]]) -> None:
    """Each row into the bucket of what it is about. BadData where most cannot be read."""
    counted, bad, first = Counter[int](), 0, ""
    for row in rows_of(file.topic, file.table, file.taken.file):
        try:
            key = _judged(file, row)
        except NeedsPerson as error:
            bad, first = bad + 1, first or f"{error.path}: {error}"
            _put(wrong, row)
            continue
        at = crc32(key.encode()) % len(buckets)
        counted[at] += 1
        if counted[at] > _MOST_ROWS:
            raise BadData(f"too many rows are about {key}", code="too_large")
        _put(buckets[at], row)
    if bad > counted.total():
        raise BadData(f"{bad} lines cannot be read, the first: {first}")


def _judged(file: _File, row: Row) -> str:
    """What a row is about. A count is many rows in one document: each is read before it may spoil
    the others.
    """
    if row.wrong:
        raise BadData(row.wrong, path=f"line {row.line}")
    line = file.line(row)
    if file.topic == "stock":
        reported(line)
        line.moment("at")
    return about(file.topic, line)


def _good(file: _File, bucket: IO[bytes]) -> Iterator[Listed]:
    groups = together(file.topic, [file.line(row) for row in _back(bucket)])
    for lines in _lots(groups) if file.topic == "stock" else groups:
        if len(lines) > _MOST_ALIKE:
            what = about(file.topic, lines[0])
            why = f"at most {_MOST_ALIKE} rows about {what} are expected, they are {len(lines)}"
            yield _fault(file.topic, file.seen, why, f"{file.taken.id}:{what}")
        else:
            yield _listed(file, lines)


def _lots(groups: Iterable[Sequence[Line]]) -> Iterator[Sequence[Line]]:
    """Rows of several articles, each article whole."""
    lot: list[Line] = []
    for lines in groups:
        if lot and len(lot) + len(lines) > ROWS:
            yield lot
            lot = []
        lot.extend(lines)
    if lot:
        yield lot


def _listed(file: _File, lines: Sequence[Line]) -> Listed:
    """Known by what it says, in whatever file; a count without a time of its own says when, too."""
    rows, changed_at = [line.row for line in lines], _changed_at(file.seen)
    said: list[object] = [file.topic, [row.cells for row in rows]]
    is_count = file.topic == "stock"
    if is_count and not lines[0].text("at"):
        said.append(changed_at and changed_at.isoformat())
    content = digest(json.dumps(said, sort_keys=True).encode())
    return file.delivery(rows, content, None if is_count else lines[0].id(_KEYS[file.topic]))


def _wrong(file: _File, spool: IO[bytes]) -> Iterator[Listed]:
    lot: list[Row] = []
    for at, row in enumerate(_back(spool)):
        lot.append(row)
        if at < _ALONE or len(lot) == ROWS:
            yield _lot(file, lot)
            lot = []
    if lot:
        yield _lot(file, lot)


def _lot(file: _File, lot: Sequence[Row]) -> Listed:
    known = f"{file.topic}:{file.taken.id}:{lot[0].line}"
    return file.delivery(lot, digest(known.encode()))


def _unreadable(file: _File, why: str) -> Listed:
    """The whole of it, so that it can be read again once the layout is mended."""
    if file.taken.size > _WHOLE:
        why = f"{why}. Mend the layout, then put the file into its folder again"
        return _fault(file.topic, file.seen, why, file.taken.id)
    file.taken.file.seek(0)
    content = digest(f"{file.topic}:{file.taken.id}".encode())
    known = Delivery(file.topic, f"{file.seen.name}:1", None, content)
    return Listed(known, file.taken.file.read())


def _fault(topic: str, seen: Seen, why: str, content: str = "") -> Listed:
    raw = part(seen.name, _changed_at(seen), [Row(1, wrong=why, text=seen.name)])
    known = digest(f"{topic}:{content or seen}".encode())
    return Listed(Delivery(topic, f"{seen.name}:0", None, known), raw)


def _pages(deliveries: Iterable[Listed], after: Cursor) -> Iterator[Page]:
    page: list[Listed] = []
    size = 0
    for one in deliveries:
        page.append(one)
        size += len(one.raw or b"")
        if len(page) == _PAGE or size > _WHOLE:
            yield Page(page, after)
            page, size = [], 0
    if page:
        yield Page(page, after)


def _put(spool: IO[bytes], row: Row) -> None:
    spool.write(json.dumps(asdict(row)).encode() + b"\n")


def _back(spool: IO[bytes]) -> Iterator[Row]:
    spool.seek(0)
    for line in spool:
        yield Row(**json.loads(line))


def _changed_at(seen: Seen) -> datetime | None:
    return None if seen.changed_at is None else datetime.fromtimestamp(seen.changed_at, UTC)
