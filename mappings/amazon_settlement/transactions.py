"""The transactions of a range of dates: what a seller downloads, in the language of the market.

A few lines of words stand before the names of the columns, among them the currency. Every
transaction is a row: its amounts stand side by side and come to its total, the three before the
last but one are fees. What was paid out is a row too.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import takewhile

import yaml

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.money import EXPONENT, add
from hub.model.settlement import Payout, SettlementLine
from mappings.amazon_settlement.months import in_english
from mappings.amazon_settlement.settled import movement
from mappings.kit import Context
from mappings.kit.readers.csv import folded, missing
from mappings.kit.reports.amounts import amount
from mappings.kit.reports.bodies import text
from mappings.kit.reports.cells import Cells, Table, cells, numbered
from mappings.kit.reports.told import Total, by, check, content_id, kind_of, line, net_of, report

_HEAD, _LINES = 65_536, 60
_CODE = re.compile(r"\b[A-Z]{3}\b")
_CURRENCIES = {"de": "EUR", "fr": "EUR", "it": "EUR", "es": "EUR", "nl": "EUR", "ie": "EUR",
               "com.be": "EUR", "co.uk": "GBP", "se": "SEK", "pl": "PLN", "com": "USD", "ca": "CAD",
               "com.mx": "MXN", "com.br": "BRL", "com.au": "AUD", "co.jp": "JPY", "jp": "JPY",
               "in": "INR", "sg": "SGD", "ae": "AED", "sa": "SAR", "com.tr": "TRY"}  # fmt: skip
"""What a market pays in, where the file does not say it."""
_OPEN = "open"
_FEES, _BEHIND = 3, 1
"""Columns of fees, and how many stand between them and the total."""


@cache
def _names() -> dict[str, tuple[str, ...]]:
    told = files("mappings.amazon_settlement").joinpath("transactions.yaml").read_text("utf-8")
    return {name: tuple(map(str, words)) for name, words in yaml.safe_load(told).items()}


def _needed() -> list[tuple[str, ...]]:
    return [_names()[name] for name in ("at", "settlement", "type", "order", "total")]


def is_transactions(raw: bytes) -> bool:
    """Whether one of the first lines names the columns of such a report."""
    try:
        lines = text(raw[:_HEAD].rpartition(b"\n")[0]).splitlines()[:_LINES]
    except BadData:
        return False
    return any(
        not missing({folded(name.strip('" \ufeff')) for name in line.split(mark)}, _needed())
        for line in lines
        for mark in ",;\t"
    )


def transactions(raw: bytes, at: Context) -> list[Document]:
    """A report of what each settlement has in it, in this range of dates."""
    table = Table(_needed(), _may_be_amount, dates=lambda name: name in _at())
    rows = cells(raw, table, at)
    total, columns = _columns(rows)
    told, market = _said(raw, rows), _market(rows)
    lines = [
        (row, each)
        for row, name in numbered(rows, _name)
        if (each := _line(row, name, total, columns, told or _paid_in(row, market), at))
    ]
    if not lines:
        raise Ignored("no_consequence", "the report has no rows that move money")
    groups = by(lines, lambda it: (it[0].text(*_names()["settlement"]) or _OPEN, it[1].currency))
    return [_report(number, own, at) for (number, _), own in groups.items()]


def _report(number: str, own: Sequence[tuple[Cells, SettlementLine]], at: Context) -> Document:
    lines = [each for _, each in own]
    outs = [each for each in lines if each.kind == "payout"]
    paid = Payout(reference=number, amount=ZERO - net_of(outs), at=outs[-1].at) if outs else None
    named = f"{number}-{content_id(lines)}"
    of = (None if number == _OPEN else number, "range of dates")
    return report(at, "amazon", named, lines[0].currency, lines, payout=paid, of=of)


def _may_be_amount(name: str) -> bool:
    texts = {folded(word) for name, words in _names().items() if name != "total" for word in words}
    return name not in texts


def _at() -> set[str]:
    return {folded(name) for name in _names()["at"]}


def _columns(rows: Sequence[Cells]) -> tuple[str, list[str]]:
    """The total, and the amounts before it, the last first: as far as all rows have amounts."""
    names = list(rows[0].row.cells)
    total = next(name for name in names if name in map(folded, _names()["total"]))
    before = reversed(names[: names.index(total)])
    return total, list(takewhile(lambda name: all(_is_amount(row, name) for row in rows), before))


def _is_amount(row: Cells, name: str) -> bool:
    said = row.text(name)
    try:
        return said is not None and (amount(said, row.mark) is not None)
    except BadData:
        return False


def _name(row: Cells) -> str:
    names = _names()
    parts = (names["settlement"], names["type"], names["order"], names["sku"])
    return "-".join(said for part in parts if (said := row.text(*part))) or "row"


def _line(
    row: Cells, name: str, total: str, columns: Sequence[str], currency: str, at: Context
) -> SettlementLine | None:
    names, told = _names(), row.amount(total)
    if folded(row.text(*names["status"]) or "") in names["deferred"]:
        row.at.warn("moves_nothing", "it is deferred, and moves no money yet", path=row.place)
        return None
    amounts = {column: row.amount(column) for column in columns}
    if len(amounts) > _FEES + _BEHIND:
        check([Total(row.path(total), told, add(*amounts.values()))])
    fees = columns[_BEHIND : _BEHIND + _FEES]
    taken = ZERO - sum((amounts[column] for column in fees), ZERO)
    if not told and not taken:
        return None
    word = row.needed(*names["type"])
    kind = kind_of(at, word, row.path(names["type"][0]), "fee" if told == -taken else "adjustment")
    order, posted = row.text(*names["order"]), row.moment(*names["at"], words=in_english)
    return line(
        row.place,
        reference=name[:160],
        channel_order_id=order,
        kind=kind,
        gross=told + taken,
        fee=taken,
        net=told,
        currency=currency,
        at=posted,
        provider_kind=word,
        batch=row.text(*names["settlement"]),
        description=row.text(*names["description"]),
        movement=movement(order, posted),
    )


def _said(raw: bytes, rows: Sequence[Cells]) -> str | None:
    """The currency as the words before the table say it."""
    lines = text(raw[:_HEAD].rpartition(b"\n")[0]).splitlines()[: max(rows[0].row.line - 2, 0)]
    named = (code for line in lines for code in _CODE.findall(line) if code in EXPONENT)
    return next(named, None)


def _paid_in(row: Cells, market: str) -> str:
    """The currency of the market. BadData where that is none we know."""
    told = (row.text(*_names()["marketplace"]) or market).casefold()
    found = _CURRENCIES.get(told.removeprefix("www.").removeprefix("amazon."))
    if found is None:
        message = "the currency is expected in the lines before the table, such as EUR"
        raise BadData(message, path="currency", code="missing_field")
    return found


def _market(rows: Sequence[Cells]) -> str:
    """The market of any row: those that move money between accounts name none."""
    return next((said for row in rows if (said := row.text(*_names()["marketplace"]))), "")
