"""Records of a BAI2 file, each with the fields of its continuations (88)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.model.errors import BadData

HEAD, GROUP, ACCOUNT, ENTRY, MORE = "01", "02", "03", "16", "88"
ENDS = {"49": ACCOUNT, "98": GROUP, "99": HEAD}
"""Trailers, and what each ends."""
_CODES = frozenset({HEAD, GROUP, ACCOUNT, ENTRY, MORE, *ENDS})
_APART = re.compile(r"/[ \t]+(?=(?:02|03|16|49|88|98|99),)")
_KIND = re.compile(r"\d{3}", re.ASCII)
_REFERENCES = 2
"""The bank's and the customer's, which stand behind the kind of funds."""
_SUMMARIES = 3
"""Where the amounts of an account begin: behind its number and its currency."""
_LONGEST = 18
"""Digits of a total."""


@dataclass(slots=True)
class Record:
    """Its fields, and how many records of the file they fill."""

    fields: list[str]
    count: int = 1

    @property
    def code(self) -> str:
        """What it tells of."""
        return self.fields[0]


def records(text: str) -> Iterator[Record]:
    """A slash ends what has fields; free text, the last of a transaction, ends with its line, and
    goes on in the next. Some write several in one line, or break one without a code: no record.
    """
    record: Record | None = None
    for line in _APART.sub("/\n", text).splitlines():
        code, _, rest = line.strip().removesuffix("/").partition(",")
        if record is not None and (code == MORE or code not in _CODES):
            more = (rest if code == MORE else line.strip().removesuffix("/")).strip()
            record.fields += [more] if _is_text(record) else more.split(",")
            record.count += code == MORE
        elif code:
            if record is not None:
                yield record
            record = Record([code, *rest.split(",")])
    if record is not None:
        yield record


def _is_text(record: Record) -> bool:
    """Whether nothing but the text of a transaction is left to tell."""
    fields = record.fields
    return record.code == ENTRY and len(fields) >= behind_funds(fields, 3) + _REFERENCES


def summaries(fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Kinds and amounts of an account; how many, and when they are available, stand behind."""
    at = _SUMMARIES
    while at < len(fields):
        kind, amount = fields[at].strip(), fields[at + 1].strip() if at + 1 < len(fields) else ""
        if not kind:  # some write one more comma before they go on
            at += 1
            continue
        if amount:
            yield kind, amount
        at = behind_funds(fields, at + 3)


def behind_funds(fields: Sequence[str], place: int) -> int:
    """Where the fields behind a kind of funds begin, which has fields of its own: three amounts
    (S), a day and a time (V), or so many pairs (D). Some leave it out before the next amount.
    """
    kind = fields[place].strip() if place < len(fields) else ""
    if kind == "S":
        return place + 4
    if kind == "V":
        return place + 3
    if kind == "D":
        pairs = fields[place + 1].strip() if place + 1 < len(fields) else ""
        return place + 2 + 2 * (int(pairs) if pairs.isdecimal() and len(pairs) < 4 else 0)
    return place if _KIND.fullmatch(kind) and fields[0] == ACCOUNT else place + 1


def whole(told: str, path: str, longest: int = _LONGEST) -> int:
    """A number as records write it: a sign may stand before it, and zeros. BadData otherwise."""
    digits = told.removeprefix("+").removeprefix("-").lstrip("0") or "0"
    if not (digits.isdecimal() and digits.isascii()) or len(digits) > longest:
        message = "digits are expected, without a point"
        raise BadData(message, path=path, code="bad_number")
    return -int(digits) if told.startswith("-") else int(digits)
