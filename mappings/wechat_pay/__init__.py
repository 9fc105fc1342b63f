"""WeChat Pay's bills, v2 and v3: trades and fund flow. Source: WeChat Pay merchant documentation,
"Apply for trade bill", "Apply for fund flow bill", and "downloadbill" of v2.

A second head and one row behind the table are its totals. Times are those of China.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.money import add
from hub.model.settlement import SettlementLine
from mappings.kit import Context, Decoders, zone
from mappings.kit.readers.csv import folded
from mappings.kit.reports.amounts import amount
from mappings.kit.reports.bodies import bodies, text
from mappings.kit.reports.cells import Cells
from mappings.kit.reports.told import Total, by, check, kind_of, line, net_of, report
from mappings.wechat_pay.table import parted

_CHINA = zone("Asia/Shanghai")
_NONE_THERE = ("No Bill Exist", "NO_STATEMENT_EXIST", "NO_BILL_EXIST")
"""No trade that day."""
_ERROR = re.compile(r"\b[A-Z]{2,20}(?:_[A-Z]{2,20}){1,5}\b", re.ASCII)
"""A code of WeChat's errors. What else is there may be anybody's."""
_ASKED, _BALANCE = "退款申请时间", "账户结余"
_FAILED = frozenset({"FAIL", "FAILED", "失败", "退款失败"})
_WITH_FEE = re.compile(r"退款总金额\s*([\d.]+)\s*元.*?手续费\s*([\d.]+)\s*元")
_COUNTS = ("总交易单数", "资金流水总笔数")
SETTLED = ("应结订单金额", "总金额")
_TRADE_TOTALS = {
    "应结订单总金额": SETTLED,
    "总交易额": SETTLED,
    "退款总金额": ("退款金额",),
    "总退款金额": ("退款金额",),
    "充值券退款总金额": ("充值券退款金额",),
    "总企业红包退款金额": ("企业红包退款金额",),
    "手续费总金额": ("手续费",),
    "订单总金额": ("订单金额",),
    "申请退款总金额": ("申请退款金额",),
}
"""Total -> the column that it adds up."""


def bills(raw: bytes, at: Context) -> list[Document]:
    """A report for each merchant's number and currency. Ignored where nothing happened that day."""
    return [document for body in bodies(raw) for document in _bill(text(body.raw, "gb18030"), at)]


def _bill(file: str, at: Context) -> list[Document]:
    if file.lstrip()[:1] in {"<", "{"}:
        _refused(file)
    table, totals = parted(file, at)
    if table and folded("微信订单号") in table[0].row.cells:
        check(_trade_totals(table, totals))
        moved = [row for row in table if _moves(row, at)]
        if not moved:
            raise Ignored("no_consequence", "the report has no rows that move money")
        return _reports([(row, _trade(row, at)) for row in moved], _part(table[0]), at)
    if table and folded("资金流水单号") in table[0].row.cells:
        check(_fund_totals(table, totals))
        return _reports([(row, _fund(row, at)) for row in table], "-funds", at)
    if table:
        message = "the columns 微信订单号 or 资金流水单号 are expected"
        raise BadData(message, path="columns", code="missing_field")
    check(Total(row.path("笔数"), row.amount(*_COUNTS), ZERO) for row in totals)
    raise Ignored("no_consequence", "the report has no rows")


def _refused(file: str) -> None:
    """In place of a bill v2 answers XML, v3 JSON."""
    if any(word.casefold() in file.casefold() for word in _NONE_THERE):
        raise Ignored("no_bill", "nothing was paid that day")
    word = _ERROR.search(file)
    there = word[0] if word else "something else"
    raise BadData(f"a bill is expected, it is {there}", path="body", code="not_a_report")


def _part(row: Cells) -> str:
    """What a bill has of the day: all, only what was paid, or only what was given back."""
    if folded(_ASKED) in row.row.cells:
        return "-refunds"
    return "" if folded("微信退款单号") in row.row.cells else "-payments"


def _moves(row: Cells, at: Context) -> bool:
    """Whether money moved: a refund that failed stays in the bill."""
    word, state = row.text("交易状态"), (row.text("退款状态") or "").upper()
    failed = state in _FAILED
    if failed:
        at.warn("moves_nothing", f"{word} in state {state} moves no money", path=row.place)
    return not failed


def _reports(
    told: Sequence[tuple[Cells, SettlementLine]], suffix: str, at: Context
) -> list[Document]:
    """`suffix`: what sort of bill it is. What moved bears the same number in bills of all sorts."""
    groups = by(told, lambda it: (it[0].text("商户号") or "wechat", it[1].currency))
    found: list[Document] = []
    for (merchant, currency), own in groups.items():
        lines = [each for _, each in own]
        first = min(each.at for each in lines).astimezone(_CHINA)
        number = f"{merchant}-{first:%Y%m%d}-{currency}{suffix}"
        opening, closing = _balances([row for row, _ in own], lines, at)
        of = (None, suffix.strip("-") or "trades")
        found.append(
            report(
                *(at, "wechat_pay", number, currency, lines),
                opening=opening,
                closing=closing,
                of=of,
            )
        )
    return found


def _balances(
    rows: Sequence[Cells], lines: Sequence[SettlementLine], at: Context
) -> tuple[Decimal, Decimal]:
    """What was there before and after, where the rows of the fund flow lead from one to the other:
    the newest may stand first.
    """
    if any(row.text(_BALANCE) is None for row in rows):
        return ZERO, ZERO
    moved = net_of(lines)
    for first, last in ((0, -1), (-1, 0)):
        opening = rows[first].amount(_BALANCE) - lines[first].net
        if opening + moved == rows[last].amount(_BALANCE):
            return opening, opening + moved
    message = f"the balances do not lead by {moved} from the first row to the last"
    at.warn("balance_differs", message, path=_BALANCE)
    return ZERO, ZERO


def _trade(row: Cells, at: Context) -> SettlementLine:
    """A payment, or what went back of one. A fee that comes back with it is below zero."""
    word, order = row.needed("交易状态"), row.needed("微信订单号")
    kind = kind_of(at, word, row.path("交易状态"))
    refund = row.text("微信退款单号") if kind == "refund" else None
    gross = row.amount(*SETTLED) if kind == "sale" else -row.amount("退款金额")
    return line(
        row.place,
        reference="-".join(part for part in (order, refund, word) if part),
        channel_order_id=row.text("商户订单号"),
        kind=kind,
        gross=gross,
        fee=row.amount("手续费"),
        currency=row.text("货币种类") or "CNY",
        at=row.moment("退款成功时间", _ASKED, "交易时间", zone=_CHINA),
        provider_kind=word,
        transaction=refund or order,
        original=order if kind == "refund" else None,
        movement=refund or order,
    )


def _fund(row: Cells, at: Context) -> SettlementLine:
    """A movement of the account. What is given back leaves less its fee, which the remark has."""
    word, number = row.needed("业务类型"), row.text("微信支付业务单号")
    sign = -1 if row.needed("收支类型") == "支出" else 1
    net = abs(row.amount("收支金额")) * sign
    kind = kind_of(at, word, row.path("业务类型"))
    fee = _fee_back(row, net) if kind == "refund" else ZERO
    voucher = row.text("业务凭证号")
    return line(
        row.place,
        reference=row.needed("资金流水单号"),
        channel_order_id=voucher if kind == "sale" else None,
        kind=kind,
        gross=net + fee,
        fee=fee,
        net=net,
        currency="CNY",
        at=row.moment("记账时间", zone=_CHINA),
        provider_kind=word,
        transaction=number,
        description=row.text("业务名称"),
        batch=voucher,
        movement=number,
    )


def _fee_back(row: Cells, net: Decimal) -> Decimal:
    """The fee that came back with a refund, below zero, where the remark accounts for it all."""
    told = _WITH_FEE.search(row.text("备注") or "")
    if told is None:
        return ZERO
    whole, fee = (amount(part, path=row.path("备注")) for part in told.groups())
    return -fee if whole - fee == -net else ZERO


# --- what it says of itself


def _trade_totals(table: Sequence[Cells], totals: Sequence[Cells]) -> Iterator[Total]:
    """v2 repeats what was paid on the rows of refunds, and counts it but once."""
    for row in totals:
        yield Total(row.path("总交易单数"), row.amount("总交易单数"), Decimal(len(table)))
        for name, column in _TRADE_TOTALS.items():
            if row.text(name) is None:
                continue
            told, found = row.amount(name), _sum(table, column)
            if told != found and column == SETTLED:
                found = _sum([it for it in table if it.text("交易状态") == "SUCCESS"], column)
            yield Total(row.path(name), told, found)


def _fund_totals(table: Sequence[Cells], totals: Sequence[Cells]) -> Iterator[Total]:
    for row in totals:
        yield Total(row.path("资金流水总笔数"), row.amount("资金流水总笔数"), Decimal(len(table)))
        for way in ("收入", "支出"):
            own = [it for it in table if it.text("收支类型") == way]
            if row.text(f"{way}金额") is not None:
                found = abs(_sum(own, ("收支金额",)))
                yield Total(row.path(f"{way}金额"), abs(row.amount(f"{way}金额")), found)
            if row.text(f"{way}笔数") is not None:
                yield Total(row.path(f"{way}笔数"), row.amount(f"{way}笔数"), Decimal(len(own)))


def _sum(table: Sequence[Cells], column: Sequence[str]) -> Decimal:
    return add(*(row.amount(*column) for row in table)) + ZERO


DECODE: Decoders = {"report": bills}
