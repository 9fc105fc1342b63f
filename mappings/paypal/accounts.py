"""What PayPal's rows mean, by account and currency, and what they must come to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.money import add, fits
from hub.model.settlement import Kind, SettlementLine
from mappings.kit import Context, numbers
from mappings.kit.money import till
from mappings.kit.reports.cells import Cells, moment
from mappings.kit.reports.told import (
    Total,
    by,
    check,
    content_id,
    kind_of,
    line,
    net_of,
    report,
    tidied,
)
from mappings.paypal.sections import File, Part, Section

Hundredths = Literal["always", "by_currency"]
_DIGITS = re.compile(r"\D", re.ASCII)
_SIGNS = {"CR": Decimal(1), "DR": Decimal(-1)}
UNMOVED = {"P": "pending", "D": "denied"}
"""States of a transaction that moved no money. One that was reversed did, and has a row that takes
it back.
"""
_LISTS = "settlement_kinds"
_SUMS = ("gross credits", "gross debits", "fee credits", "fee debits")


@dataclass(frozen=True, slots=True)
class Moved:
    """A row that moved money: its signed amounts with their currencies, and what they mean."""

    gross: tuple[str, Decimal]
    fee: tuple[str, Decimal]
    lines: tuple[SettlementLine, ...]


def accounts(file: File, hundredths: Hundredths, at: Context) -> Iterator[Document]:
    """A report for each account and currency."""
    read = [(section, _moved(section, hundredths, at)) for section in file.sections]
    for section, moved in read:
        check(_totals(section, moved, hundredths))
    check(_totals(file, [row for _, moved in read for row in moved], hundredths))
    for section, moved in read:
        lines = [each for row in moved for each in row.lines]
        for currency, own in by(lines, lambda each: each.currency).items():
            yield _report(section, currency, own, hundredths, at)


def _report(
    section: Section,
    currency: str,
    lines: Sequence[SettlementLine],
    hundredths: Hundredths,
    at: Context,
) -> Document:
    """`opening` and `closing` where the lines lead from one to the other: what is pending does not
    count for what is available.
    """
    period = _period(section, at)
    account = next((word for word in section.head[2:3] if word), "paypal")
    day = _DIGITS.sub("", section.head[0])[:8] if period else content_id(lines)
    opening, closing = _balances(section, currency, hundredths)
    reached = opening + net_of(lines)
    if reached != closing:
        if opening or closing:
            message = f"from {opening} the lines lead to {reached}, not to {closing}"
            at.warn("balance_differs", message, path=f"{currency}.balance")
        opening = closing = ZERO
    return report(
        at,
        "paypal",
        f"{account}-{day}-{currency}-report",
        currency,
        lines,
        period=period,
        opening=opening,
        closing=closing,
        of=(None, "report"),
    )


def _moved(section: Section, hundredths: Hundredths, at: Context) -> list[Moved]:
    rows = (_row(Cells(row, at), hundredths, at) for row in section.rows)
    return [moved for moved in rows if moved is not None]


def _row(row: Cells, hundredths: Hundredths, at: Context) -> Moved | None:
    """A row. A fee in another currency is a line of its own."""
    code, state = row.needed("Transaction Event Code").upper(), row.text("Transactional Status")
    gross = _signed(row, "Transaction Debit or Credit", "Gross Transaction", hundredths)
    kind = kind_by_code(code, gross, row.path("Transaction Event Code"), at)
    if kind is None or (state or "").upper() in UNMOVED:
        at.warn("moves_nothing", f"{code} in state {state} moves no money", path=row.place)
        return None
    currency = row.needed("Gross Transaction Currency").upper()
    fee = _signed(row, "Fee Debit or Credit", "Fee", hundredths)
    other = row.needed("Fee Currency").upper() if fee else currency
    taken = ZERO if other != currency else ZERO - fee
    lines = [_as_line(row, code, kind, gross, taken, currency)]
    if other != currency:
        lines.append(_as_line(row, code, "fee", ZERO, ZERO - fee, other))
    return Moved((currency, gross), (other, fee), tuple(lines))


def _as_line(
    row: Cells, code: str, kind: Kind, gross: Decimal, fee: Decimal, currency: str
) -> SettlementLine:
    number = row.needed("Transaction ID")
    return line(
        row.place,
        reference=f"{number}-{code}-{currency}",
        channel_order_id=row.text("Invoice ID", "Custom Field"),
        kind=kind,
        gross=gross,
        fee=fee,
        currency=currency,
        at=row.moment("Transaction Completion Date", "Transaction Initiation Date"),
        provider_kind=code,
        transaction=number,
        original=row.text("PayPal Reference ID") if kind != "sale" else None,
        batch=row.text("Bank Reference ID"),
        movement=movement(number, currency),
    )


def movement(number: str, currency: str) -> str:
    """What moved, as every form of PayPal's has it: a transaction, in a currency."""
    return f"{number}-{currency.upper()}"


def kind_by_code(code: str, gross: Decimal, path: str, at: Context) -> Kind | None:
    """By its own event code, else by the group of it. None: it moves nothing. What is paid to
    somebody else is no sale.
    """
    group = code[:3]
    if at.ours_or_none(_LISTS, group) == "none":
        return None
    own = at.ours_or_none(_LISTS, code)
    kind = kind_of(at, code if own else group, path)
    return "adjustment" if kind == "sale" and gross < 0 else kind


def _signed(row: Cells, sign: str, of: str, hundredths: Hundredths) -> Decimal:
    """An amount, above zero where it is a credit."""
    name = f"{of} Amount"
    told = row.text(name)
    if told is None:
        return ZERO
    amount = _major(told, row.text(f"{of} Currency") or "", hundredths, row.path(name))
    side = (row.text(sign) or "").upper()
    if amount and side not in _SIGNS:
        raise BadData("CR or DR is expected", path=row.path(sign), code="unknown_code")
    return amount * _SIGNS.get(side, ZERO)


def _major(told: str, currency: str, hundredths: Hundredths, path: str) -> Decimal:
    units = Decimal(numbers.whole(told, path=path))
    if units < 0:
        raise BadData("an amount without a sign is expected", path=path, code="bad_number")
    known = till(currency.upper())
    if hundredths == "by_currency":
        return known.minor(units)
    amount = tidied(units.scaleb(-2), currency)
    if known.step is not None and not fits(amount, known.currency):
        message = f"{amount} {known.currency} has more decimals than there are: see hundredths"
        raise BadData(message, path=path, code="bad_number")
    return amount


def _period(section: Section, at: Context) -> tuple[datetime, datetime] | None:
    if len(section.head) < 2 or not all(section.head[:2]):
        return None
    first, last = (moment(told, at.zone, path="SH") for told in section.head[:2])
    return first, last


# --- what it says of itself


def _totals(part: Part, moved: Sequence[Moved], hundredths: Hundredths) -> Iterator[Total]:
    """By currency: gross credits and debits, fee credits and debits; and how many rows."""
    for row in part.sums:
        kind, currency, *told = (text.strip() for text in row.cells.values())
        grosses = [each.gross[1] for each in moved if each.gross[0] == currency.upper()]
        fees = [each.fee[1] for each in moved if each.fee[0] == currency.upper()]
        found = (_up(grosses), _down(grosses), _up(fees), _down(fees))
        for name, text, total in zip(_SUMS, told, found, strict=False):
            path = f"line {row.line}.{kind} {currency} {name}"
            yield Total(path, _major(text or "0", currency, hundredths, path), total)
    for row in part.counts:
        kind, count, *_ = [*row.cells.values(), ""]
        path = f"line {row.line}.{kind}"
        yield Total(path, Decimal(numbers.whole(count.strip(), path=path)), Decimal(len(part.rows)))


def _up(amounts: Sequence[Decimal]) -> Decimal:
    return add(*(amount for amount in amounts if amount > 0))


def _down(amounts: Sequence[Decimal]) -> Decimal:
    return -add(*(amount for amount in amounts if amount < 0)) + ZERO


def _balances(section: Section, currency: str, hundredths: Hundredths) -> tuple[Decimal, Decimal]:
    """What was available before and after, where the section says it."""
    for row in section.sums:
        cells = [text.strip() for text in row.cells.values()]
        if cells[1:2] == [currency] and len(cells) >= 10:
            signs = (_SIGNS.get(cells[6].upper(), ZERO), _SIGNS.get(cells[8].upper(), ZERO))
            path = f"line {row.line}.balance"
            amounts = (_major(cells[at] or "0", currency, hundredths, path) for at in (7, 9))
            first, last = (sign * it for sign, it in zip(signs, amounts, strict=True))
            return first, last
    return ZERO, ZERO
