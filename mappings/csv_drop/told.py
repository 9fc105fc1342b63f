"""What the rows of a warehouse's file say, field by field, and the deliveries they come in.

A delivery holds some rows of one file, each with its number, as JSON. A file as it was written is
taken as well.
"""

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from hub.model.document import Instant
from hub.model.errors import BadData, Ignored
from mappings.csv_drop.layout import Incoming
from mappings.csv_drop.rows import rows_of
from mappings.kit import Context, numbers, times, wire
from mappings.kit.fields import needed
from mappings.kit.readers.csv import Row

Clock = Callable[[], datetime]
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})*(,[0-9]*)?|[+-]?[0-9]+(,[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file, in a place."""

    row: Row
    table: Incoming
    at: Context

    @property
    def said(self) -> Mapping[str, str]:
        """All that holds for it."""
        return {**self.table.constants, **self.row.cells}

    def text(self, name: str) -> str | None:
        """What is written, None where it is nothing."""
        return self.row.cells.get(name) or self.table.constants.get(name) or None

    def id(self, name: str) -> str | None:
        """A number that decides. BadData where a spreadsheet has rounded it."""
        told = self.text(name)
        if told is not None and numbers.is_rounded(told):
            message = f"a whole number is expected, a spreadsheet made {told} of it"
            raise BadData(message, path=self.path(name), code="bad_id")
        return told

    def described(self, name: str) -> str | None:
        """A number on which nothing depends: one that a spreadsheet has rounded is left out."""
        try:
            return self.id(name)
        except BadData as error:
            self.at.warn(error.code, str(error), path=error.path)
            return None

    def needed(self, name: str) -> str:
        """A number that must be there."""
        return needed(self.id(name), self.path(name), "it is empty")

    def number_of(self, name: str) -> Decimal | None:
        """A quantity."""
        told = self.text(name)
        if told is None:
            return None
        if self.table.decimal_comma and _THOUSANDS.fullmatch(told):
            told = told.replace(".", "").replace(",", ".")
        return numbers.decimal(told, path=self.path(name))

    def pieces_of(self, name: str) -> Decimal:
        """Pieces that left or came back, which must be told: BadData below 0."""
        found = self.number_of(name)
        if found is None:
            self.needed(name)
        if found is None or found < 0:
            message = f"a quantity not below 0 is expected, it is {found}"
            raise BadData(message, path=self.path(name), code="bad_quantity")
        return found

    def moment(self, name: str) -> datetime | None:
        """A time; where it names no zone, the connection's."""
        told, form = self.text(name), self.table.date_format
        if told is None or form is None:
            return None if told is None else times.moment(told, self.at.zone, path=self.path(name))
        try:
            found = datetime.strptime(told, form)  # noqa: DTZ007  # its zone comes now
        except ValueError:
            message = f"a time as {form} is expected, it is {told[:60]}"
            raise BadData(message, path=self.path(name), code="bad_time") from None
        return (found if found.tzinfo else found.replace(tzinfo=self.at.zone)).astimezone(UTC)

    def path(self, name: str) -> str:
        """Where it stands, for a person."""
        return f"line {self.row.line}.{name}"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: str = ""
    changed_at: Instant | None = None
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Told:
    """The lines of a delivery, and when its file was written."""

    lines: Sequence[Line]
    written_at: datetime


def part(name: str, changed_at: datetime | None, told: Iterable[Row]) -> bytes:
    """A delivery of some rows."""
    shown = [{key: said for key, said in asdict(row).items() if said} for row in told]
    tree = {"file": name, "changed_at": changed_at and changed_at.isoformat(), "rows": shown}
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def read(kind: str, table: Incoming, raw: bytes, at: Context, clock: Clock) -> Told:
    """The lines of a delivery. BadData names the first that cannot be read, with its number."""
    if raw.lstrip()[:1] == b"{":
        tree = wire(_Part, raw, at)
        said, written_at = tree.rows, tree.changed_at
    else:
        said, written_at = [*rows_of(kind, table, io.BytesIO(raw))], None
    wrong = next((row for row in said if row.wrong), None)
    if wrong is not None:
        message = f"{wrong.wrong}: {wrong.text[:200]}"
        raise BadData(message, path=f"line {wrong.line}", code="bad_data")
    if not said:
        raise Ignored("no_consequence", "the file has no rows")
    return Told([Line(row, table, at) for row in said], written_at or clock())


def digest_of(lines: Sequence[Line], when: datetime | None) -> str:
    """What the lines say, wherever they stand: told again in another file it is the same."""
    said = [sorted(line.said.items()) for line in lines]
    text = json.dumps([said, when and when.isoformat()], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
