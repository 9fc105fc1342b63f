"""A folder of EDI files as deliveries: one for each message, then the answers to what came.

A file is moved away, and answered, once whoever lists asks for what comes after it: then all of it
is kept. Told again, it is recognised by its content, and its answer by its name.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.kit.files.drop import Drop
from adapters.kit.files.place import Seen
from adapters.kit.signature import digest
from adapters.ports import Cursor, Delivery, Listed, Page
from hub.model.errors import BadData

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Parted:
    """A file in parts: what it tells, and the files that answer it (name and content), made only
    when all of it is kept.
    """

    told: Sequence[Listed]
    answers: Iterator[tuple[str, bytes]]


Part = Callable[[bytes, datetime | None], Parted | None]
"""From a file's content, and when it was written. None where it cannot be parted: then it is one
delivery, to be mended as a whole."""


def deliveries(drop: Drop, part: Part) -> Iterator[Page]:
    """What lies there, the oldest file first."""
    with drop.visit() as visit:
        for seen in visit.ready():
            when = _moment(seen)
            after = Cursor(when)
            try:
                with visit.take(seen) as taken:
                    raw = taken.file.read()
                    parts = part(raw, when)
                    if parts is None:
                        whole = Delivery("file", f"{taken.name}:1", None, taken.id)
                        parts = Parted([Listed(whole, raw)], iter(()))
                    for begin in range(0, len(parts.told), _PAGE):
                        yield Page(parts.told[begin : begin + _PAGE], after)
                    for name, answer in parts.answers:
                        if not visit.has(name):
                            visit.put(name, [answer])
                    visit.finish(taken)
            except BadData as error:  # it is too large: it stays where it is
                said = Delivery("file", f"{seen.name}:0", None, digest(f"{seen}".encode()))
                yield Page([Listed(said, str(error).encode())], after)


def _moment(seen: Seen) -> datetime | None:
    return None if seen.changed_at is None else datetime.fromtimestamp(seen.changed_at, UTC)
