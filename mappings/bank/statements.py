"""A bank's account: ISO 20022 camt.053 (statements) and camt.054 (notices), in any of their
versions, or the forms before it (`mt940`, `bai2`). Source: ISO 20022 message definition reports.
What it says of payouts: `answers`.

Only what is booked counts. An entry of several transactions is told one by one where their amounts
come to its own. A statement leads from its opening to its closing balance, and what it sums up
must be there, or it is refused; of one that comes in pages, no page says that of itself.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.settlement import SettlementLine
from mappings.bank import answers, bai2, elements, mt940
from mappings.bank.balances import CLOSING, OPENING, balance, summed
from mappings.bank.entries import Entry, named
from mappings.kit import Context, Decoders, times
from mappings.kit.reports.bodies import bodies, text
from mappings.kit.reports.told import Total, by, check, net_of, report, tidied
from mappings.reading import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROOTS = {"BkToCstmrStmt": "Stmt", "BkToCstmrDbtCdtNtfctn": "Ntfctn", "BkToCstmrAcctRpt": "Rpt"}
_HEAD = 100
_FEES = frozenset({"CHRG", "COMM", "FEES", "COME"})


def statements(raw: bytes, at: Context) -> list[Document]:
    """A report for each statement or notice that has something booked, and what is said of files of
    payouts.
    """
    found = [document for body in bodies(raw) for document in _told(body.raw, at)]
    if not found:
        raise Ignored("no_consequence", "nothing in it is booked")
    return found


def _told(raw: bytes, at: Context) -> Iterator[Document]:
    if b"<" not in raw[:_HEAD]:
        written = text(raw)
        for form in (mt940, bai2):
            if form.is_one(written):
                yield from form.told(written, at)
                return
    root = read_xml(raw, at.warn, western=True)
    yield from (answers.status(it, at) for it in root.iter(f"{{*}}{answers.ROOT}"))
    messages = [it for name in _ROOTS for it in root.iter(f"{{*}}{name}")]
    if not messages and next(root.iter(f"{{*}}{answers.ROOT}"), None) is None:
        message = "a camt.053, camt.054, pain.002, MT940 or BAI2 is expected"
        raise BadData(message, path=elements.name(root), code="not_a_report")
    for it in messages:
        for statement in elements.every(it, _ROOTS[elements.name(it)]):
            yield from _statement(statement, it, at)


def _statement(it: "_Element", message: "_Element", at: Context) -> Iterator[Document]:
    page = _page(it, message)
    number, account = f"{elements.need(it, 'Id')}{page}", elements.text(it, "Acct", "Id", "IBAN")
    account = account or elements.text(it, "Acct", "Id", "Othr", "Id") or "account"
    entries = [entry for entry in elements.every(it, "Ntry") if _booked(entry, number, at)]
    made = elements.text(it, "CreDtTm") or elements.text(message, "GrpHdr", "CreDtTm")
    lines = named([one for entry in entries for one in _entry(entry, number, made, at)])
    first = None if page else balance(it, OPENING)
    last = balance(it, CLOSING, first[0], last=True) if first else None
    if not page:
        check(summed(it, entries, number))
    groups = by(lines, lambda each: each.currency)
    if first and last:
        groups.setdefault(first[0], [])
        reached = first[1] + net_of(groups[first[0]])
        check([Total(f"{number}.Bal.CLBD", last[1], tidied(reached, first[0]))])
    period = _period(it, at)
    for currency, own in groups.items():
        if not own and period is None:
            continue
        holds = first is not None and last is not None and first[0] == currency
        yield report(
            at,
            "bank",
            f"{account}-{number}" if len(groups) == 1 else f"{account}-{number}-{currency}",
            currency,
            own,
            period=period,
            opening=first[1] if holds and first else ZERO,
            closing=last[1] if holds and last else ZERO,
        )


def _page(it: "_Element", message: "_Element") -> str:
    """What a page adds to the number of its statement; nothing where it is all of it."""
    part = f"{elements.name(it)}Pgntn"
    for where in (elements.every(it, part), elements.every(message, "GrpHdr", "MsgPgntn")):
        page = elements.text(where[0], "PgNb") if where else None
        if page and (
            page.lstrip("0") != "1" or elements.text(where[0], "LastPgInd") in {"false", "0"}
        ):
            return f"-{page}"
    return ""


def _booked(entry: "_Element", number: str, at: Context) -> bool:
    status = elements.text(entry, "Sts", "Cd") or elements.text(entry, "Sts") or "BOOK"
    if status != "BOOK":
        message = f"an entry in state {status} moves no money"
        at.warn("moves_nothing", message, path=f"{number}.Ntry")
    return status == "BOOK"


def _entry(entry: "_Element", number: str, made: str | None, at: Context) -> list[SettlementLine]:
    """The transactions of an entry where they come to it, or do less its charges, which are a fee
    then; else the entry as a whole.
    """
    currency, whole = elements.amount(entry, "Amt")
    when = _moment(entry, made, at)
    sign = elements.sign(entry)
    parts = elements.every(entry, "NtryDtls", "TxDtls")
    amounts = [_of_part(part, sign) for part in parts]
    adds_up = [it for it in amounts if it is not None and it[0] == currency]
    total = sum((it[1] for it in adds_up), ZERO)
    if len(parts) > 1 and len(adds_up) == len(parts) and total == whole * sign:
        each = zip(parts, adds_up, strict=True)
        return [_line(entry, part, number, currency, amount, when) for part, (_, amount) in each]
    charged = sum((_charged(it, currency) for it in (entry, *parts)), ZERO)
    if parts and charged and len(adds_up) == len(parts) and total - charged == whole * sign:
        each = zip(parts, adds_up, strict=True)
        fee = _line(entry, None, number, currency, -charged, when, is_fee=True)
        return [
            *(_line(entry, part, number, currency, amount, when) for part, (_, amount) in each),
            fee,
        ]
    only = parts[0] if len(parts) == 1 else None
    return [_line(entry, only, number, currency, whole * sign, when)]


def _charged(it: "_Element", currency: str) -> Decimal:
    """What the bank kept of it. Each charge stands alone, since version 4 in a record."""
    told = [*elements.every(it, "Chrgs"), *elements.every(it, "Chrgs", "Rcrd")]
    kept = [each for each in told if elements.every(each, "Amt")]
    amounts = [(*elements.amount(each, "Amt"), elements.sign(each, "DBIT")) for each in kept]
    return -sum((amount * sign for code, amount, sign in amounts if code == currency), ZERO)


def _of_part(part: "_Element", sign: int) -> tuple[str, Decimal] | None:
    """Its amount, in the currency of the account where that is told apart."""
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        if elements.every(part, *path):
            currency, amount = elements.amount(part, *path)
            own = elements.text(part, "CdtDbtInd")
            return currency, amount * (elements.SIGNS.get(own, sign) if own else sign)
    return None


def _line(
    entry: "_Element",
    part: "_Element | None",
    number: str,
    currency: str,
    amount: Decimal,
    when: datetime,
    *,
    is_fee: bool = False,
) -> SettlementLine:
    kinds = [
        it for code in elements.every(entry, "BkTxCd") for it in code.iter("{*}SubFmlyCd", "{*}Cd")
    ]
    codes = [it.text for it in kinds if it.text]
    said = (
        []
        if part is None
        else [it.text for it in elements.every(part, "RmtInf", "Ustrd") if it.text]
    )
    return Entry(
        path="Ntry",
        statement=f"{number}-{elements.text(entry, 'NtryRef') or 'entry'}",
        amount=amount,
        currency=currency,
        at=when,
        is_fee=is_fee or not _FEES.isdisjoint(codes),
        name=None if part is None else elements.text(part, "Refs", "EndToEndId"),
        own=elements.text(entry, "AcctSvcrRef"),
        order=None if part is None else elements.text(part, "RmtInf", "Strd", "CdtrRefInf", "Ref"),
        kind="-".join(codes) or None,
        batch=elements.text(entry, "NtryDtls", "Btch", "PmtInfId"),
        text=" ".join(said) or elements.text(entry, "AddtlNtryInf"),
    ).line()


def _period(it: "_Element", at: Context) -> tuple[datetime, datetime] | None:
    told = [elements.text(it, "FrToDt", name) for name in ("FrDtTm", "ToDtTm")]
    if not all(told):
        return None
    first, last = (times.moment(one, at.zone, path="FrToDt") for one in told)
    return first, last


def _moment(entry: "_Element", made: str | None, at: Context) -> datetime:
    """When it was booked. Banks need not say it: then when the statement was made."""
    for place in ("BookgDt", "ValDt"):
        for form in ("DtTm", "Dt"):
            told = elements.text(entry, place, form)
            if told is not None:
                return times.moment(told, at.zone, path=f"Ntry.{place}")
    if made is None:
        raise BadData("it is missing, and needed", path="Ntry.BookgDt", code="missing_field")
    at.warn("no_date", "it names no day: that of its statement is taken", path="Ntry.BookgDt")
    return times.moment(made, at.zone, path="CreDtTm")


DECODE: Decoders = {"report": statements}
