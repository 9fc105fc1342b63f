"""A bank's account in SWIFT's older form: MT940 (statements) and MT942 (interim reports), with or
without their envelope. Source: SWIFT category 9 standards, MT940 and MT942; the sub-fields of 86 by
the German banks (DFÜ agreement, annex 3) and by the Dutch ones (/EREF/...).

Only what is booked counts: what is expected (EC, ED) moves nothing. From its opening balance a
statement leads to its closing one; of one in pages each page does, from its first to its last.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NoReturn

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.settlement import SettlementLine
from mappings.bank.entries import Entry, named
from mappings.bank.messages import Message, messages
from mappings.kit import Context, numbers, times
from mappings.kit.reports.told import Total, check, net_of, report, tidied

_BALANCE = re.compile(r"(?P<side>[CD])(?P<day>\d{6})(?P<currency>[A-Z]{3})(?P<amount>[\d,.]+)")
_FLOOR = re.compile(r"([A-Z]{3})[CD]?[\d,.]*")
_SUM = re.compile(r"(?P<count>\d{1,5})(?P<currency>[A-Z]{3})(?P<amount>[\d,.]+)")
_ENTRY = re.compile(
    r"(?P<value>\d{6})(?P<booked>\d{4})?\s*(?P<side>R?[CD]|E[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>\d[\d,.]*)(?P<kind>[NFS][A-Z0-9]{2}[A-Z0-9 ])?(?P<name>.*?)(?://(?P<own>.*))?"
)
_SIGNS = {"C": 1, "D": -1, "RC": -1, "RD": 1}
_FEES = frozenset({"CHG", "COM", "BRF"})
_SEEN_BELOW = frozenset({"EREF", "KREF", "PREF", "MREF", "CREF"})
"""Words in place of a reference: it stands in field 86."""
_GERMAN = re.compile(r"[?>~](\d{2})")
_POLISH = re.compile(r"\d{3}([\^<])\d{2}")
"""Another sign before the same sub-fields."""
_MARKED = re.compile(r"EREF\+(.+?)(?=(?:KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|PURP|IBAN|BIC)\+|$)")
_SLASHED = re.compile(r"/EREF/([^/]+)")
_NO_DAY = re.compile(r"(\d{2})(\d{2})(\d{2})")
_MONTHS = 12
_TEXTS = frozenset({*map(str, range(20, 30)), *map(str, range(60, 64))})


def is_one(text: str) -> bool:
    """Whether it is written so."""
    return re.search(r"^:20:", text, re.MULTILINE) is not None


def told(text: str, at: Context) -> Iterator[Document]:
    """A report for each statement."""
    for message in messages(text):
        yield _report(message, at)


def _report(message: Message, at: Context) -> Document:
    account = (message.first("25", "25P") or "account").split("\n")[0].strip() or "account"
    opening, closing = _balance(message, "60F", "60M"), _balance(message, "62F", "62M")
    currency = _currency(message, opening or closing)
    day = _day_of(message, closing or opening, at)
    number = f"{(message.first('28C', '28') or '0').strip().replace('/', '-')}-{day:%y%m%d}"
    lines = named(list(_lines(message, number, currency, at)))
    first, last = _amount(opening, currency), _amount(closing, currency)
    if opening and closing:
        reached = tidied(first + net_of(lines), currency)
        check([Total(f"{number}.62", last, reached)])
    elif opening or closing:
        why = "the other balance is missing: nothing proves the lines"
        at.warn("missing_field", why, path="62F" if opening else "60F")
        first = last = ZERO
    check(_sums(message, currency))
    start = _moment(opening["day"], at) if opening else day
    days = [start, day, *(one.at for one in lines)]
    return report(
        at,
        "bank",
        f"{account}-{number}",
        currency,
        lines,
        period=(min(days), max(days)),
        opening=first,
        closing=last,
    )


def _balance(message: Message, *names: str) -> re.Match[str] | None:
    text = message.first(*names)
    if text is None:
        return None
    found = _BALANCE.match(text.strip())
    return found or _refuse(names[0], "a balance such as C260105EUR12,50 is expected")


def _currency(message: Message, balance: re.Match[str] | None) -> str:
    if balance is not None:
        return balance["currency"]
    floor = _FLOOR.match((message.first("34F") or "").strip())
    summed = _SUM.match((message.first("90C", "90D") or "").strip())
    if floor is not None:
        return floor[1]
    if summed is not None:
        return summed["currency"]
    message_ = "a balance is expected: nothing else names the currency"
    raise BadData(message_, path="60F", code="missing_field")


def _day_of(message: Message, balance: re.Match[str] | None, at: Context) -> datetime:
    """Until when it tells: the day of its balance, or when an interim report was made."""
    if balance is not None:
        return _moment(balance["day"], at)
    made = message.first("13D", "13") or ""
    first = next((told for name, told in message.fields if name == "61"), "")
    if not (made[:6].isdecimal() or first[:6].isdecimal()):
        _refuse("62F", "a balance, or a time (13D), is expected")
    return _moment((made if made[:6].isdecimal() else first)[:6], at)


def _amount(balance: re.Match[str] | None, currency: str) -> Decimal:
    if balance is None:
        return ZERO
    return tidied(_number(balance["amount"], "60F") * _SIGNS[balance["side"]], currency)


def _number(told: str, path: str) -> Decimal:
    """The comma is the decimal one, and always there; leading zeros are padding."""
    plain = told.replace(".", "").replace(",", ".") if "," in told else told
    whole, _, part = plain.partition(".")
    return numbers.amount(f"{whole.lstrip('0') or '0'}.{part or '0'}", path=path)


def _sums(message: Message, currency: str) -> Iterator[Total]:
    """An interim report counts and adds up each side, some with what is expected. What takes back
    another is counted on either side.
    """
    found = (_ENTRY.match(told.strip()) for name, told in message.fields if name == "61")
    entries = [(one["side"], _number(one["amount"], "61")) for one in found if one is not None]
    if any(side.startswith("R") for side, _ in entries):
        return
    for name, side in (("90D", "D"), ("90C", "C")):
        said = _SUM.match((message.first(name) or "").strip())
        booked = [amount for kind, amount in entries if kind == side]
        expected = [amount for kind, amount in entries if kind == f"E{side}"]
        if said is None:
            continue
        count, total = Decimal(said["count"]), _number(said["amount"], name)
        if (count, total) != _summed([*booked, *expected]):
            number, amount = _summed(booked)
            yield Total(f"{name}.number", count, number)
            yield Total(f"{name}.sum", tidied(total, currency), tidied(amount, currency))


def _summed(amounts: list[Decimal]) -> tuple[Decimal, Decimal]:
    return Decimal(len(amounts)), sum(amounts, ZERO)


def _lines(told: Message, number: str, currency: str, at: Context) -> Iterator[SettlementLine]:
    rows = told.fields
    for place, (name, text) in enumerate(rows):
        if name != "61":
            continue
        head, _, more = text.partition("\n")
        found = _ENTRY.fullmatch(head.strip()) or _refuse("61", "a statement line is expected")
        if found["side"] not in _SIGNS:
            at.warn(
                "moves_nothing", "an entry that is expected moves no money", path=f"{number}.61"
            )
            continue
        after = rows[place + 1] if place + 1 < len(rows) else ("", "")
        yield _entry(found, more, after[1] if after[0] == "86" else "", number, currency, at).line()


def _entry(
    found: re.Match[str], more: str, info: str, number: str, currency: str, at: Context
) -> Entry:
    kind = (found["kind"] or "").strip()
    text, end_to_end = _info(info)
    name = (found["name"] or "").strip()
    own = (found["own"] or "").strip()
    return Entry(
        path="61",
        statement=f"{number}-entry",
        amount=_number(found["amount"], "61") * _SIGNS[found["side"]],
        currency=currency,
        at=_booked(found, at),
        is_fee=kind[1:] in _FEES,
        name=end_to_end or (None if name.rstrip("+") in _SEEN_BELOW else name) or None,
        own=own or None,
        kind=kind or None,
        text=text or " ".join(more.split()) or None,
    )


def _info(info: str) -> tuple[str, str | None]:
    """What field 86 says in words, and the reference end to end that it may name."""
    polish = _POLISH.match(info)
    parted = info if polish is None else info.replace(polish[1], "?")
    parts = _GERMAN.split(parted.replace("\n", ""))
    fields = dict(zip(parts[1::2], parts[2::2], strict=True))
    if _TEXTS & fields.keys():
        words = "".join(fields[key] for key in sorted(fields) if key in _TEXTS)
        marked = _MARKED.search(words)
        return " ".join(words.split()), marked[1].strip() if marked else None
    slashed = _SLASHED.search(info.replace("\n", ""))
    return " ".join(info.split()), slashed[1].strip() or None if slashed else None


def _booked(found: re.Match[str], at: Context) -> datetime:
    """The day of booking, which names no year: that nearest to the day of value."""
    value = found["value"]
    if found["booked"] is None:
        return _moment(value, at)
    year, apart = int(value[:2]), int(found["booked"][:2]) - int(value[2:4])
    if abs(apart) > _MONTHS // 2:
        year += -1 if apart > 0 else 1
    return _moment(f"{year % 100:02}{found['booked']}", at)


def _moment(day: str, at: Context) -> datetime:
    """The beginning of a day. Banks that count thirty days a month tell of 30 February."""
    found = _NO_DAY.fullmatch(day)
    if found is None or not 1 <= int(found[2]) <= _MONTHS:
        _refuse("61", f"a day is expected, not {day[:6]}")
    year, month = 2000 + int(found[1]), int(found[2])
    last = calendar.monthrange(year, month)[1]
    return times.moment(f"{year}-{month:02}-{min(int(found[3]), last):02}", at.zone, path="61")


def _refuse(path: str, message: str) -> NoReturn:
    raise BadData(message, path=path, code="bad_number")
