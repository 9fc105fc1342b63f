"""Alipay's bills for merchants: business (trade) and account (fund) details, as CSV in GBK, mostly
two of them in a ZIP. Source: Alipay open platform, "Download of bills".

Lines that begin with # stand around the table: whose bill it is, of which time, and its totals.
Times are those of China.
"""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from unicodedata import normalize

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.money import add
from hub.model.settlement import SettlementLine
from mappings.kit import Context, Decoders, times, zone
from mappings.kit.readers.csv import Form, folded, rows
from mappings.kit.reports.amounts import amount
from mappings.kit.reports.bodies import bodies, text
from mappings.kit.reports.cells import Cells, check_whole
from mappings.kit.reports.told import Total, check, kind_of, line, report

_CHINA = zone("Asia/Shanghai")
_CURRENCY = "CNY"
_YUAN = re.compile(r"\([+-]?元\)")
_ACCOUNT = re.compile(r"#账号:\s*\[(\w+)\]")
_PERIOD = re.compile(r"起始日期:\s*\[([^\]]+)\].*终止日期:\s*\[([^\]]+)\]")
_FOOT = re.compile(
    r"#(?P<what>交易|退款|收入|支出)合计:\s*(?P<count>\d+)笔,\s*(?:商家实收(?:退款)?)?共"
    r"(?P<sum>[+-]?[\d,.]+)元"
)
_TRADES, _SHOPS, _TYPES, _PRIVATE = "支付宝交易号", "交易订单总笔数", "收入笔数", "收/支"
_FUNDS = ("账务流水号", "支付宝流水号")
"""Of the bill, and of what the merchant's pages export."""
_WORD = ("业务类型", "账务类型")
_WAYS = {"收入": ("收入金额", "收入"), "支出": ("支出金额", "支出")}


def bills(raw: bytes, at: Context) -> list[Document]:
    """A report of the details of a delivery; their summary by shop must agree with them."""
    files = [normalize("NFKC", text(body.raw, "gb18030")) for body in bodies(raw)]
    found = {file: _table(file, at) for file in files}
    summed = [table for table in found.values() if _has(table, _SHOPS, _TYPES)]
    details = [(file, table) for file, table in found.items() if table not in summed]
    told = [document for file, table in details for document in _bill(file, table, summed, at)]
    if not told:
        raise Ignored("no_consequence", "the report has no rows")
    return told


def _table(file: str, at: Context) -> list[Cells]:
    lines = [each for each in file.splitlines() if each.strip() and not each.startswith("#")]
    if any(_PRIVATE in each for each in lines):
        message = "a merchant's bill is expected, this is the export of a private account"
        raise BadData(message, path="columns", code="not_a_report")
    if not lines:
        return []
    table = "\n".join([_YUAN.sub("", lines[0]), *lines[1:]])
    read = list(rows(io.BytesIO(table.encode()), Form()))
    check_whole(read)
    return [Cells(row, at) for row in read]


def _has(table: Sequence[Cells], *columns: str) -> bool:
    return bool(table) and any(folded(column) in table[0].row.cells for column in columns)


def _bill(
    file: str, table: Sequence[Cells], summed: Sequence[Sequence[Cells]], at: Context
) -> list[Document]:
    funds = _has(table, *_FUNDS)
    trades = _has(table, _TRADES) and not funds
    if table and not trades and not funds:
        message = f"the columns {_TRADES} or {_FUNDS[0]} are expected"
        raise BadData(message, path="columns", code="missing_field")
    lines = [(_trade if trades else _fund)(row, at) for row in table]
    check(_totals(file, table, trades=trades))
    check((_by_shop if trades else _by_type)(table, summed))
    if not lines:
        return []
    period = _period(file)
    account = match[1] if (match := _ACCOUNT.search(file)) else "alipay"
    first = (period or (lines[0].at, lines[0].at))[0].astimezone(_CHINA)
    number = f"{account}-{first:%Y%m%d}{'' if trades else '-funds'}"
    of = (None, "trades" if trades else "funds")
    return [report(at, "alipay", number, _CURRENCY, lines, period=period, of=of)]


def _trade(row: Cells, at: Context) -> SettlementLine:
    """A trade or a refund of it. A fee is written below zero on trades, by some above: it leaves
    what came in, and comes back with what goes out.
    """
    word, trade, refund = row.needed("业务类型"), row.needed(_TRADES), row.text("退款批次号/请求号")
    kind, gross = kind_of(at, word, row.path("业务类型")), row.amount("商家实收", "订单金额")
    done = row.moment("完成时间", "创建时间", zone=_CHINA)
    fee = abs(row.amount("服务费")) + abs(row.amount("分润"))
    return line(
        row.place,
        reference="-".join(part for part in (trade, word, refund) if part),
        channel_order_id=row.text("商户订单号"),
        kind=kind,
        gross=gross,
        fee=-fee if gross < 0 else fee,
        currency=_CURRENCY,
        at=done,
        provider_kind=word,
        transaction=refund or trade,
        original=trade if kind != "sale" else None,
        movement=_movement(trade, done, is_back=gross < 0),
    )


def _movement(trade: str, at: datetime, *, is_back: bool) -> str:
    """What moved, as both bills have it. The account's does not tell refunds of a day apart."""
    return f"{trade} back {at.astimezone(_CHINA):%Y-%m-%d}" if is_back else trade


def _fund(row: Cells, at: Context) -> SettlementLine:
    """A movement of the account: what came in, or what went out, written below zero or above."""
    word = row.needed(*_WORD)
    gained, spent = (row.amount(*names) for names in _WAYS.values())
    kind, trade = kind_of(at, word, row.path(_WORD[0])), row.text("业务流水号", _TRADES)
    gross, done = gained - abs(spent), row.moment("发生时间", "入账时间", zone=_CHINA)
    is_back = gross < 0 if kind in {"sale", "refund"} else gross > 0
    return line(
        row.place,
        reference=row.needed(*_FUNDS),
        channel_order_id=row.text("商户订单号"),
        kind=kind,
        gross=gross,
        currency=_CURRENCY,
        at=done,
        provider_kind=word,
        transaction=trade,
        description=row.text("备注"),
        movement=_movement(trade, done, is_back=is_back) if trade else None,
    )


def _period(file: str) -> tuple[datetime, datetime] | None:
    match = _PERIOD.search(file)
    if match is None:
        return None
    return (
        times.moment(match[1], _CHINA, path="起始日期"),
        times.moment(match[2], _CHINA, path="终止日期"),
    )


# --- what it says of itself


def _totals(file: str, table: Sequence[Cells], *, trades: bool) -> Iterator[Total]:
    feet = list(_FOOT.finditer(file))
    if not feet and file.lstrip("\ufeff").startswith("#"):
        message = "the totals behind the table are expected: this is half of a bill"
        raise BadData(message, path="#合计", code="missing_field")
    for match in feet:
        what = match["what"]
        own = _of(table, what, trades=trades)
        path = f"#{what}合计"
        yield Total(f"{path}.笔数", Decimal(match["count"]), Decimal(len(own)))
        told = amount(match["sum"], path=path)
        found = add(*own) + ZERO
        yield Total(f"{path}.金额", told if trades else abs(told), found if trades else abs(found))


def _of(table: Sequence[Cells], what: str, *, trades: bool) -> list[Decimal]:
    if trades:
        named = [row for row in table if (row.text("业务类型") == "退款") is (what == "退款")]
        return [row.amount("商家实收", "订单金额") for row in named]
    amounts = [row.amount(*_WAYS[what]) for row in table]
    return [each for each in amounts if each]


def _by_shop(table: Sequence[Cells], summed: Sequence[Sequence[Cells]]) -> Iterator[Total]:
    """The last row of a summary adds up all shops. A fee is above zero in some, in others below."""
    for last in _lasts(summed, _SHOPS):
        for name in ("商家实收", "服务费", "分润"):
            if last.text(name):
                found, told = _sum(table, name), last.amount(name)
                is_fee = name in {"服务费", "分润"}
                pair = (abs(told), abs(found)) if is_fee else (told, found)
                yield Total(last.path(name), *pair)


def _by_type(table: Sequence[Cells], summed: Sequence[Sequence[Cells]]) -> Iterator[Total]:
    for last in _lasts(summed, _TYPES):
        for what, names in _WAYS.items():
            own = _of(table, what, trades=False)
            yield Total(last.path(names[0]), abs(last.amount(*names)), abs(add(*own) + ZERO))
            yield Total(last.path(f"{what}笔数"), last.amount(f"{what}笔数"), Decimal(len(own)))


def _lasts(summed: Sequence[Sequence[Cells]], column: str) -> Iterator[Cells]:
    """The rows that add up all others."""
    for table in summed:
        if _has(table, column) and "合计" in "".join(table[-1].row.cells.values()):
            yield table[-1]


def _sum(table: Sequence[Cells], name: str) -> Decimal:
    return add(*(row.amount(name) for row in table)) + ZERO


DECODE: Decoders = {"report": bills}
