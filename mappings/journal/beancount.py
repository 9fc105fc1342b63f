"""Journals in Beancount's language (version 3)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from hub.model.document import show_instant
from hub.model.errors import BadData
from hub.model.settlement import JournalEntry
from mappings.journal.booked import Booked, Posting, Weight, beside, described
from mappings.journal.entries import Terms, net
from mappings.journal.paths import path

HEAD = b'plugin "beancount.plugins.auto_accounts"\n'
"""How a file begins that grows: accounts are opened by whoever uses them."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ESCAPED = str.maketrans(_ESCAPES)
_MEANT = {escape[1]: sign for sign, escape in _ESCAPES.items()} | {"b": "\b", "f": "\f"}
_BACK = re.compile(r"\\(.)", re.DOTALL)
_LINK = re.compile(r"[A-Za-z0-9\-_/.]+", re.ASCII)
_TEXT = r'"((?:[^"\\]|\\.)*)"'
_HEAD = re.compile(
    rf"(\d{{4}})[-/](\d\d?)[-/](\d\d?)\s+(?:txn|[*!&#?%PSTCURM])\s*(?:{_TEXT})?\s*(?:{_TEXT})?"
)
_META = re.compile(rf"\s+([a-z][A-Za-z0-9_-]+):\s*(?:{_TEXT}|(.*?))\s*$")
_POSTING = re.compile(
    r"\s+(?:[*!&#?%]\s+)?((?:Assets|Liabilities|Equity|Income|Expenses)(?::[\w-]+)+)\s*(.*)$"
)
_NEWLINE = re.compile("\r?\n")
_NUMBER = r"([-+]?[0-9][0-9,]*(?:\.[0-9]*)?|[-+]?\.[0-9]+)"
_CODE = r"([A-Z][A-Z0-9'._-]*)"
_AMOUNT = re.compile(
    rf"{_NUMBER}\s*{_CODE}\s*(?P<cost>\{{\{{?[^}}]*\}}\}}?)?\s*(?:(?P<at>@@?)\s*{_NUMBER}\s*{_CODE})?"
)
_COST = re.compile(rf"(\{{\{{?)\s*{_NUMBER}\s*{_CODE}")
_COMMENT = re.compile(rf"^((?:[^\";]|{_TEXT})*);.*$")


def write(entries: Sequence[JournalEntry], terms: Terms) -> bytes:
    """A whole journal: its accounts opened, then each entry."""
    used = sorted({path(line.account, terms) for entry in entries for line in entry.lines})
    opened = [f"1970-01-01 open {account}" for account in used]
    return "\n".join([*opened, "", *(_written(entry, terms) for entry in entries)]).encode()


def appended(entry: JournalEntry, terms: Terms) -> bytes:
    """One entry, as it is added to a file that grows."""
    return f"\n{_written(entry, terms)}".encode()


def mark(entry_id: str) -> bytes:
    """By what the entry of this number is found in a file."""
    return f"\n  event: {_quoted(entry_id)}\n".encode()


def _written(entry: JournalEntry, terms: Terms) -> str:
    link = f" ^{entry.entry_id}" if _LINK.fullmatch(entry.entry_id) else ""
    lines = [f"{terms.day(entry)} * {_quoted(entry.description or '')}{link}"]
    told = described(entry, show_instant(entry.date))
    lines += [f"  {name}: {_quoted(value)}" for name, value in told.items()]
    for line in entry.lines:
        shown = path(line.account, terms)
        lines.append(f"  {shown}  {net(line):f} {entry.currency}")
        lines += [f"    {name}: {_quoted(it)}" for name, it in beside(line, shown).items()]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPED)}"'


def _plain(text: str) -> str:
    return _BACK.sub(lambda found: _MEANT.get(found[1], found[1]), text)


def read(raw: bytes) -> list[Booked]:
    """The transactions of a journal, whoever wrote it; everything else is passed over."""
    return list(_transactions(_NEWLINE.split(raw.decode("utf-8-sig"))))


def _transactions(lines: Iterable[str]) -> Iterator[Booked]:
    now: Booked | None = None
    for at, written in enumerate(lines, 1):
        line = _COMMENT.sub(r"\1", written).rstrip()
        if line and not line[0].isspace():
            if now is not None:
                yield now
            now = _head(at, line)
        elif line and now is not None:
            now = _more(now, line, at)
    if now is not None:
        yield now


def _head(at: int, line: str) -> Booked | None:
    found = _HEAD.match(line)
    if found is None:
        return None
    year, month, day, first, second = found.groups()
    text = first if second is None else " ".join(filter(None, (first, second)))
    return Booked(at, date(int(year), int(month), int(day)), _plain(text or ""))


def _more(now: Booked, line: str, at: int) -> Booked:
    """A further line of a transaction: what is said of it or of its last posting, or a posting."""
    if told := _META.match(line):
        name, text, other = told.groups()
        said = {name: _plain(text) if text is not None else other}
        if not now.postings:
            return Booked(now.line, now.day, now.text, {**now.meta, **said})
        last = now.postings[-1]
        last = Posting(last.account, last.amount, last.weight, {**last.meta, **said})
        return Booked(now.line, now.day, now.text, now.meta, (*now.postings[:-1], last))
    if told := _POSTING.match(line):
        posting = _posting(told[1], told[2], at)
        return Booked(now.line, now.day, now.text, now.meta, (*now.postings, posting))
    return now


def _posting(account: str, told: str, at: int) -> Posting:
    if not told:
        return Posting(account)
    found = _AMOUNT.match(told)
    if found is None:
        raise BadData(f"an amount is expected, not {told[:40]!r}", path=f"line {at}")
    amount = Weight(_number(found[1]), found[2])
    return Posting(account, amount, _weight(amount, found))


def _weight(amount: Weight, found: re.Match[str]) -> Weight | None:
    if found["cost"]:
        cost = _COST.match(found["cost"])
        if cost is None:
            return None
        each, whole = _number(cost[2]), cost[1] == "{{"
        return Weight(each if whole else amount.number * each, cost[3])
    if found["at"]:
        price, code = _number(found[5]), found[6]
        sign = -1 if amount.number < 0 else 1
        return Weight(price * sign if found["at"] == "@@" else amount.number * price, code)
    return amount


def _number(told: str) -> Decimal:
    return Decimal(told.replace(",", ""))
