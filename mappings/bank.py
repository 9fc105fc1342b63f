"""A bank's account: ISO 20022 camt.053 (statements) and camt.054 (notices), in any of their
versions. Source: ISO 20022 message definition reports.

Only what is booked counts. An entry of several transactions is told one by one where their amounts
come to its own. A statement leads from its opening to its closing balance, and what it sums up
must be there, or it is refused.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.settlement import SettlementLine
from mappings.kit import Context, Decoders, numbers, times
from mappings.kit.fields import needed
from mappings.kit.reports.bodies import bodies
from mappings.kit.reports.told import Total, by, check, line, net_of, report, tidied
from mappings.reading import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROOTS = {"BkToCstmrStmt": "Stmt", "BkToCstmrDbtCdtNtfctn": "Ntfctn", "BkToCstmrAcctRpt": "Rpt"}
_SIGNS = {"CRDT": 1, "DBIT": -1}
_FEES = frozenset({"CHRG", "COMM", "FEES", "COME"})
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_NO_NAME = frozenset({"NOTPROVIDED", "NONREF"})


def statements(raw: bytes, at: Context) -> list[Document]:
    """A report for each statement or notice that has something booked."""
    found = [document for body in bodies(raw) for document in _told(body.raw, at)]
    if not found:
        raise Ignored("no_consequence", "nothing in it is booked")
    return found


def _told(raw: bytes, at: Context) -> Iterator[Document]:
    root = read_xml(raw, at.warn)
    kinds = [(name, part) for name, part in _ROOTS.items() for _ in _all(root, name)]
    if not kinds:
        message = "a camt.053 or camt.054 is expected"
        raise BadData(message, path=_name(root), code="not_a_report")
    for name, part in kinds:
        for statement in _all(root, name, part):
            yield from _statement(statement, at)


def _statement(it: "_Element", at: Context) -> Iterator[Document]:
    number, account = _need(it, "Id"), _text(it, "Acct", "Id", "IBAN")
    account = account or _text(it, "Acct", "Id", "Othr", "Id") or "account"
    entries = [entry for entry in _all(it, "Ntry") if _booked(entry, number, at)]
    lines = _named([one for entry in entries for one in _entry(entry, it, at)])
    check(_summed(it, entries, number))
    first, last = _balance(it, _OPENING), _balance(it, _CLOSING)
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


def _booked(entry: "_Element", number: str, at: Context) -> bool:
    status = _text(entry, "Sts", "Cd") or _text(entry, "Sts") or "BOOK"
    if status != "BOOK":
        message = f"an entry in state {status} moves no money"
        at.warn("moves_nothing", message, path=f"{number}.Ntry")
    return status == "BOOK"


def _entry(entry: "_Element", it: "_Element", at: Context) -> list[SettlementLine]:
    """The transactions of an entry where they come to it, else the entry as a whole."""
    currency, whole = _amount(entry, "Amt")
    when = _moment(entry, it, at)
    sign = _sign(entry)
    parts = _all(entry, "NtryDtls", "TxDtls")
    amounts = [_of_part(part, sign) for part in parts]
    adds_up = [it for it in amounts if it is not None and it[0] == currency]
    total = sum((it[1] for it in adds_up), ZERO)
    if len(parts) > 1 and len(adds_up) == len(parts) and total == whole * sign:
        each = zip(parts, adds_up, strict=True)
        return [_line(entry, part, currency, amount, when) for part, (_, amount) in each]
    only = parts[0] if len(parts) == 1 else None
    return [_line(entry, only, currency, whole * sign, when)]


def _of_part(part: "_Element", sign: int) -> tuple[str, Decimal] | None:
    """Its amount, in the currency of the account where that is told apart."""
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        if _all(part, *path):
            currency, amount = _amount(part, *path)
            own = _text(part, "CdtDbtInd")
            return currency, amount * (_SIGNS.get(own, sign) if own else sign)
    return None


def _line(
    entry: "_Element", part: "_Element | None", currency: str, amount: Decimal, when: datetime
) -> SettlementLine:
    kinds = [it for code in _all(entry, "BkTxCd") for it in code.iter("{*}SubFmlyCd", "{*}Cd")]
    codes = [it.text for it in kinds if it.text]
    told = None if part is None else _text(part, "Refs", "EndToEndId")
    end_to_end = None if told in _NO_NAME else told
    own = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    said = [] if part is None else [it.text for it in _all(part, "RmtInf", "Ustrd") if it.text]
    text = " ".join(said) or _text(entry, "AddtlNtryInf")
    creditor = None if part is None else _text(part, "RmtInf", "Strd", "CdtrRefInf", "Ref")
    return line(
        "Ntry",
        reference=end_to_end or own or "entry",
        channel_order_id=creditor,
        kind="payout" if _FEES.isdisjoint(codes) else "fee",
        gross=amount,
        currency=currency,
        at=when,
        provider_kind="-".join(codes) or None,
        transaction=own,
        batch=_text(entry, "NtryDtls", "Btch", "PmtInfId"),
        description=text[:500] if text else None,
    )


def _named(lines: Sequence[SettlementLine]) -> list[SettlementLine]:
    """Many entries may have the same reference, or none: each after the first is numbered."""
    seen: dict[str, int] = {}
    found = []
    for each in lines:
        seen[each.reference] = count = seen.get(each.reference, 0) + 1
        name = each.reference if count == 1 else f"{each.reference}-{count}"
        found.append(each.model_copy(update={"reference": name}))
    return found


# --- what it says of itself


def _balance(it: "_Element", codes: Sequence[str]) -> tuple[str, Decimal] | None:
    for code in codes:
        for balance in _all(it, "Bal"):
            if _text(balance, "Tp", "CdOrPrtry", "Cd") == code:
                currency, amount = _amount(balance, "Amt")
                return currency, amount * _sign(balance)
    return None


def _summed(it: "_Element", entries: Sequence["_Element"], number: str) -> Iterator[Total]:
    """The summary counts and adds up all entries, and those of either side."""
    sides = {"TtlNtries": None, "TtlCdtNtries": 1, "TtlDbtNtries": -1}
    if len(entries) != len(_all(it, "Ntry")):
        return  # it may count what is pending, or not
    for name, side in sides.items():
        own = [one for one in entries if side in {None, _sign(one)}]
        for path, found in (
            ("NbOfNtries", Decimal(len(own))),
            ("Sum", sum((_amount(one, "Amt")[1] for one in own), ZERO)),
        ):
            told = _text(it, "TxsSummry", name, path)
            if told is not None:
                where = f"{number}.TxsSummry.{name}.{path}"
                yield Total(where, numbers.amount(told, path=where), found)


def _period(it: "_Element", at: Context) -> tuple[datetime, datetime] | None:
    told = [_text(it, "FrToDt", name) for name in ("FrDtTm", "ToDtTm")]
    if not all(told):
        return None
    first, last = (times.moment(one, at.zone, path="FrToDt") for one in told)
    return first, last


# --- elements by their names, whatever the version


def _name(it: "_Element") -> str:
    return str(it.tag).rpartition("}")[2]


def _all(it: "_Element", *path: str) -> list["_Element"]:
    found = [it]
    for name in path:
        found = [child for one in found for child in one if _name(child) == name]
    return found


def _text(it: "_Element", *path: str) -> str | None:
    return next((text for one in _all(it, *path) if (text := (one.text or "").strip())), None)


def _need(it: "_Element", *path: str) -> str:
    return needed(_text(it, *path), f"{_name(it)}.{'.'.join(path)}")


def _amount(it: "_Element", *path: str) -> tuple[str, Decimal]:
    """Its currency, and an amount without a sign."""
    where = f"{_name(it)}.{'.'.join(path)}"
    told = _all(it, *path)
    text = needed(_text(it, *path), where)
    currency = needed(told[0].get("Ccy"), f"{where}.Ccy")
    return currency, tidied(numbers.amount(text, path=where), currency)


def _sign(it: "_Element") -> int:
    side = _need(it, "CdtDbtInd")
    if side not in _SIGNS:
        message = "CRDT or DBIT is expected"
        raise BadData(message, path=f"{_name(it)}.CdtDbtInd", code="unknown_code")
    return _SIGNS[side]


def _moment(entry: "_Element", statement: "_Element", at: Context) -> datetime:
    """When it was booked. Banks need not say it: then when the statement was made."""
    for place in ("BookgDt", "ValDt"):
        for form in ("DtTm", "Dt"):
            told = _text(entry, place, form)
            if told is not None:
                return times.moment(told, at.zone, path=f"Ntry.{place}")
    made = _text(statement, "CreDtTm")
    if made is None:
        raise BadData("it is missing, and needed", path="Ntry.BookgDt", code="missing_field")
    at.warn("no_date", "it names no day: that of its statement is taken", path="Ntry.BookgDt")
    return times.moment(made, at.zone, path="CreDtTm")


DECODE: Decoders = {"report": statements}
