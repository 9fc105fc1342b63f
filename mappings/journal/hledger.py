"""Journals in hledger's language. What the lines themselves have no place for is said in tags."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from urllib.parse import quote, unquote

from hub.model.document import show_instant
from hub.model.errors import BadData
from hub.model.settlement import JournalEntry
from mappings.journal.booked import Booked, Posting, Weight, beside, described
from mappings.journal.entries import Terms, net
from mappings.journal.paths import path

HEAD = b"decimal-mark .\n"

_KEPT = " !#$&'()*+-./:<=>?@[]^_`{|}~"
_TEXT = "text"
"""The tag of a description that a line cannot hold as it is."""
_PLAIN = re.compile(r"[^;|=(*!\s][^;|\t\n\r]*")
_HEAD = re.compile(
    r"(?:(\d{4})[-/.])?(\d\d?)[-/.](\d\d?)(?:=[\d/.-]+)?(?:\s+[*!])?(?:\s+\([^)]*\))?\s*([^;]*)(?:;(.*))?$"
)
_DATED = re.compile(r"\d+[-/.]\d+")
_POSTING = re.compile(
    r"\s+(?:[*!]\s+)?([^;\s](?:[^\s;]|\s(?!\s))*)(?:\s\s+|\t\s*|\s*$)([^;]*)(?:;(.*))?$"
)
_TAG = re.compile(r"(?:^|[\s,])([A-Za-z][\w-]*):([^,]*)")
_NEWLINE = re.compile("\r?\n")
_NUMBER = r"([-+]?[0-9][0-9,]*(?:\.[0-9]*)?|[-+]?\.[0-9]+)"
_CODE = r'("[^"]+"|[^\s0-9@={}()*.,;"+-]+)'
_AMOUNT = re.compile(rf"(?:{_NUMBER}\s*{_CODE}?|([-+]?)\s*{_CODE}\s*{_NUMBER})")


def write(entries: Sequence[JournalEntry], terms: Terms) -> bytes:
    """A whole journal: its accounts declared, then each entry."""
    used = sorted({path(line.account, terms) for entry in entries for line in entry.lines})
    declared = [f"account {account}" for account in used]
    written = (_written(entry, terms) for entry in entries)
    return HEAD + "\n".join([*declared, "", *written]).encode()


def appended(entry: JournalEntry, terms: Terms) -> bytes:
    """One entry, as it is added to a file that grows."""
    return f"\n{_written(entry, terms)}".encode()


def mark(entry_id: str) -> bytes:
    """By what the entry of this number is found in a file."""
    return f"\n    ; event:{quote(entry_id, safe=_KEPT)}\n".encode()


def _written(entry: JournalEntry, terms: Terms) -> str:
    text = entry.description or ""
    told = described(entry, show_instant(entry.date))
    if text and not _PLAIN.fullmatch(text):
        told[_TEXT] = text
        text = " ".join(re.sub(r"[;|=(*!]", " ", text).split())
    lines = [f"{terms.day(entry)} * {text}".rstrip(), *_tags(told)]
    for line in entry.lines:
        shown = path(line.account, terms)
        lines.append(f"    {shown}  {net(line):f} {entry.currency}")
        lines += [f"    {it}" for it in _tags(beside(line, shown))]
    return "\n".join([*lines, ""])


def _tags(told: Mapping[str, str]) -> list[str]:
    return [f"    ; {name}:{quote(value, safe=_KEPT)}" for name, value in told.items()]


def read(raw: bytes) -> list[Booked]:
    """The transactions of a journal, whoever wrote it; everything else is passed over."""
    return list(_transactions(_NEWLINE.split(raw.decode("utf-8-sig"))))


def _transactions(lines: Iterable[str]) -> Iterator[Booked]:
    now: Booked | None = None
    year = 0
    for at, line in enumerate(lines, 1):
        if line and not line[0].isspace():
            if now is not None:
                yield _finished(now)
            year = _year(line, year)
            now = _head(at, line, year) if _DATED.match(line) else None
        elif line.strip() and now is not None:
            now = _more(now, line, at)
    if now is not None:
        yield _finished(now)


def _year(line: str, before: int) -> int:
    told = re.match(r"(?:Y|year)\s*(\d{4})", line)
    return int(told[1]) if told else before


def _head(at: int, line: str, usual: int) -> Booked:
    found = _HEAD.match(line)
    year = int(found[1] or usual) if found else 0
    if found is None or not year:
        raise BadData("a date is expected", path=f"line {at}")
    _, month, day, text, comment = found.groups()
    try:
        when = date(year, int(month), int(day))
    except ValueError:
        raise BadData("a date is expected", path=f"line {at}") from None
    return Booked(at, when, text.strip(), _read_tags(comment))


def _finished(now: Booked) -> Booked:
    return Booked(now.line, now.day, now.meta.get(_TEXT, now.text), now.meta, now.postings)


def _more(now: Booked, line: str, at: int) -> Booked:
    """A further line of a transaction: what is said of it or of its last posting, or a posting."""
    bare = line.strip()
    if bare[0] in ";#":
        said = _read_tags(bare[1:])
        if not now.postings:
            return Booked(now.line, now.day, now.text, {**now.meta, **said})
        last = now.postings[-1]
        last = Posting(last.account, last.amount, last.weight, {**last.meta, **said})
        return Booked(now.line, now.day, now.text, now.meta, (*now.postings[:-1], last))
    found = _POSTING.match(line)
    if found is None:
        raise BadData(f"an account is expected, not {bare[:40]!r}", path=f"line {at}")
    posting = _posting(found[1].strip("()[]"), found[2], _read_tags(found[3]), at)
    return Booked(now.line, now.day, now.text, now.meta, (*now.postings, posting))


def _posting(account: str, told: str, meta: Mapping[str, str], at: int) -> Posting:
    worth = told.partition("=")[0].strip()
    if not worth:
        return Posting(account, meta=meta)
    what, sign, price = worth.partition("@")
    amount = _amount(re.sub(r"\{.*\}", "", what), at)
    if not sign:
        return Posting(account, amount, amount, meta)
    each = _amount(price.removeprefix("@"), at)
    times = (-1 if amount.number < 0 else 1) if price.startswith("@") else amount.number
    return Posting(account, amount, Weight(each.number * times, each.currency), meta)


def _amount(told: str, at: int) -> Weight:
    found = _AMOUNT.match(told.strip())
    if found is None:
        raise BadData(f"an amount is expected, not {told[:40]!r}", path=f"line {at}")
    number, after, sign, before, other = found.groups()
    value = Decimal((number or other).replace(",", ""))
    return Weight(-value if sign == "-" else value, (after or before or "").strip('"'))


def _read_tags(comment: str | None) -> dict[str, str]:
    return {name: unquote(value.strip()) for name, value in _TAG.findall(comment or "")}
