"""Journals as DATEV booking batches (EXTF): Windows-1252, CRLF, decimal commas, days without years.

A batch is of one fiscal year and one currency, and has an end: a journal may need several.
"""

import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from pydantic import ValidationError

from hub.model.document import ZERO
from hub.model.errors import BadData, UnknownCode
from hub.model.plain import bad_data
from hub.model.settlement import JournalEntry, JournalLine
from mappings.journal.columns import COLUMNS, TEXTS
from mappings.journal.entries import Terms
from mappings.journal.pairs import Pair, paired
from mappings.kit import Context

MOST_ROWS = 99_999
_AMOUNT, _SIDE, _CURRENCY, _ACCOUNT, _OTHER = 0, 1, 2, 6, 7
_TAX, _DAY, _NUMBER, _TEXT, _INFO = 8, 9, 10, 13, 20
_QUOTED = frozenset(n for n, name in enumerate(COLUMNS) if name in TEXTS)
_PLAIN_NUMBER = re.compile(r"[A-Za-z0-9$&%*+/-]{1,36}", re.ASCII)
_LARGEST = Decimal("9999999999.99")
_SAYS = "Buchung", "Beleg"


@dataclass(frozen=True, slots=True)
class Client(Terms):
    """Whose books they are, by the numbers of the tax adviser's office."""

    consultant: int = 1001
    number: int = 1
    account_length: int = 4
    year_begins: tuple[int, int] = (1, 1)
    clearing: str = ""
    label: str = "Order Hub"

    def year_of(self, day: date) -> date:
        """The first day of the fiscal year that a day is in."""
        begins = date(day.year, *self.year_begins)
        return begins if begins <= day else date(day.year - 1, *self.year_begins)


def batches(entries: Sequence[JournalEntry], client: Client, made_at: datetime) -> list[bytes]:
    """Files, in the order of years and currencies. No entry is in two of them."""
    kinds: dict[tuple[date, str], list[JournalEntry]] = defaultdict(list)
    for entry in entries:
        kinds[client.year_of(client.day(entry)), entry.currency].append(entry)
    return [
        _batch(part, rows, client, made_at)
        for _, some in sorted(kinds.items())
        for part, rows in _parts(some, client)
    ]


def _parts(
    entries: Sequence[JournalEntry], client: Client
) -> Iterator[tuple[list[JournalEntry], list[list[str]]]]:
    part, lines = list[JournalEntry](), list[list[str]]()
    for entry in sorted(entries, key=lambda it: it.date):
        rows = [_row(entry, pair, client) for pair in paired(entry, client.clearing)]
        if lines and len(lines) + len(rows) > MOST_ROWS:
            yield part, lines
            part, lines = [], []
        part.append(entry)
        lines += rows
    if lines:
        yield part, lines


def _batch(
    entries: Sequence[JournalEntry], rows: Sequence[Sequence[str]], client: Client, at: datetime
) -> bytes:
    days = [client.day(entry) for entry in entries]
    made = at.astimezone(client.zone).strftime("%Y%m%d%H%M%S%f")[:17]
    year = f"{client.year_of(days[0]):%Y%m%d}"
    head = ['"EXTF"', "700", "21", '"Buchungsstapel"', "9", made, "", '"OH"', '""', '""',
            str(client.consultant), str(client.number), year, str(client.account_length),
            f"{min(days):%Y%m%d}", f"{max(days):%Y%m%d}", _quoted(client.label[:30]), '""', "1",
            "0", "0", f'"{entries[0].currency}"', "", '""', "", "", '""', "", "", '""',
            '""']  # fmt: skip
    lines = [head, COLUMNS, *rows]
    return "".join(f"{';'.join(line)}\r\n" for line in lines).encode("cp1252", "replace")


def _row(entry: JournalEntry, pair: Pair, client: Client) -> list[str]:
    if pair.amount > _LARGEST or pair.amount.quantize(Decimal("0.01")) != pair.amount:
        raise BadData("an amount with two decimals is expected", path="lines", code="bad_number")
    told = {
        _AMOUNT: f"{pair.amount:.2f}".replace(".", ","),
        _SIDE: "S",
        _CURRENCY: entry.currency,
        _ACCOUNT: _account(pair.debit, client),
        _OTHER: _account(pair.credit, client),
        _TAX: pair.about.tax_code or "",
        _DAY: f"{client.day(entry):%d%m}",
        _NUMBER: number_of(entry),
        _TEXT: (entry.description or "")[:60],
        _INFO: _SAYS[0],
        _INFO + 1: entry.entry_id,
        _INFO + 2: _SAYS[1] if entry.document else "",
        _INFO + 3: entry.document or "",
    }
    return [
        _quoted(told.get(n, "")) if n in _QUOTED else told.get(n, "") for n in range(len(COLUMNS))
    ]


def number_of(entry: JournalEntry) -> str:
    """Belegfeld 1: the entry's own number, or what it comes to in 36 characters that DATEV has."""
    if _PLAIN_NUMBER.fullmatch(entry.entry_id):
        return entry.entry_id
    plain = re.sub(r"[^A-Za-z0-9]+", "-", entry.entry_id).strip("-")[:23]
    return f"{plain}-{hashlib.sha256(entry.entry_id.encode()).hexdigest()[:12]}"


def _account(name: str, client: Client) -> str:
    """Its number: leading zeros are cut, and a person's account has one digit more."""
    number = client.accounts.get(name, name)
    if not (number.isascii() and number.isdigit() and len(number) <= client.account_length + 1):
        raise UnknownCode("accounts", name, path="lines.account")
    return str(int(number))


def _quoted(text: str) -> str:
    plain = " ".join(text.split()).replace('"', '""')
    return f'"{plain}"'


def read(raw: bytes, at: Context) -> list[JournalEntry]:
    """The entries of a batch. What cancels out on a clearing account is left out, the entry too if
    that is all of it; what is booked several times on one account is one line.
    """
    rows = list(csv.reader(io.StringIO(raw.decode("cp1252"), newline=""), delimiter=";"))
    if len(rows) < 2 or rows[0][:1] not in (["EXTF"], ["DTVF"]) or rows[0][2:3] != ["21"]:
        raise BadData("a booking batch of DATEV is expected", path="line 1")
    year = datetime.strptime(rows[0][12], "%Y%m%d").replace(tzinfo=at.zone).date()
    currency = rows[0][21] or "EUR"
    groups: dict[tuple[str, str], list[Sequence[str]]] = defaultdict(list)
    for n, row in enumerate(rows[2:], 3):
        known = row[_INFO + 1] if row[_INFO] == _SAYS[0] else ""
        groups[known or row[_NUMBER] or f"line {n}", row[_DAY]].append(row)
    try:
        return [
            entry
            for (name, _), of in groups.items()
            if (entry := _entry(name, of, year, currency, at)) is not None
        ]
    except ValidationError as error:
        raise bad_data(error) from None


def _entry(
    name: str, rows: Sequence[Sequence[str]], year: date, currency: str, at: Context
) -> JournalEntry | None:
    sums: dict[str, Decimal] = {}
    taxes: dict[str, str] = {}
    for row in rows:
        amount = Decimal(row[_AMOUNT].replace(".", "").replace(",", "."))
        amount = amount if row[_SIDE] == "S" else -amount
        for account, part in ((row[_ACCOUNT], amount), (row[_OTHER], -amount)):
            sums[account] = sums.get(account, ZERO) + part
        taxes.setdefault(row[_OTHER], row[_TAX])
    if not any(sums.values()):
        return None
    first = rows[0]
    return JournalEntry(
        source=at.source(name),
        entry_id=name,
        date=_day(first[_DAY], year, at),
        description=first[_TEXT] or None,
        document=(first[_INFO + 3] if first[_INFO + 2] == _SAYS[1] else "") or None,
        currency=first[_CURRENCY] or currency,
        lines=tuple(_line(account, it, taxes) for account, it in sums.items() if it),
    )


def _line(account: str, amount: Decimal, taxes: Mapping[str, str]) -> JournalLine:
    return JournalLine(
        account=account,
        debit=max(amount, ZERO),
        credit=max(-amount, ZERO),
        tax_code=taxes.get(account) or None,
    )


def _day(told: str, year: date, at: Context) -> datetime:
    """TTMM, the first zero often cut, within the fiscal year."""
    day, month = int(told[:-2]), int(told[-2:])
    of = year.year if (month, day) >= (year.month, year.day) else year.year + 1
    return datetime(of, month, day, tzinfo=at.zone).astimezone(UTC)
