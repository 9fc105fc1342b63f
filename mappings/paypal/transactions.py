"""What PayPal's Transaction Search lists of a period. Source: Transaction Search API v1, and the
transaction event codes.

Amounts are signed and in major units; a fee that was taken is below zero.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import Any

from hub.model.document import ZERO, Document, OptId, OptText
from hub.model.errors import BadData, Ignored
from hub.model.settlement import Kind, SettlementLine
from mappings.kit import Context, shape
from mappings.kit.fields import Cash, Count, Key, Many, Moment, Part, Perhaps, needed
from mappings.kit.reports.told import Total, by, check, line, report
from mappings.paypal.accounts import UNMOVED, kind_by_code, movement
from mappings.reading import read_json


class Money(Part):
    currency_code: Key = None
    value: Cash = None


class Info(Part):
    """`transaction_updated_date` is when it was completed, as far as PayPal says so."""

    transaction_id: Key = None
    paypal_reference_id: OptId = None
    transaction_event_code: Key = None
    transaction_initiation_date: Moment = None
    transaction_updated_date: Moment = None
    transaction_amount: Perhaps[Money] = None
    fee_amount: Perhaps[Money] = None
    transaction_status: OptText = None
    invoice_id: OptId = None
    custom_field: OptId = None
    bank_reference_id: OptId = None


class Detail(Part):
    transaction_info: Info


class Listed(Part):
    """An answer of the search, with the rows of all its pages; or one of its pages."""

    account_number: OptId = None
    start_date: Moment = None
    end_date: Moment = None
    page: Count = None
    total_pages: Count = None
    total_items: Count = None
    transaction_details: Many[Detail] = ()


def searched(raw: bytes, at: Context) -> list[Document]:
    """A report for each currency of the period, numbered by account and day; where no period is
    told, that of its lines. Ignored where no money moved.
    """
    told = shape(Listed, _joined(read_json(raw, at.warn)), at)
    if told.total_items is not None and (told.total_pages or 1) == 1:
        found = len(told.transaction_details)
        check([Total("total_items", Decimal(told.total_items), Decimal(found))])
    lines = [
        each
        for n, detail in enumerate(told.transaction_details)
        for each in _lines(detail.transaction_info, f"transaction_details.{n}.transaction_info", at)
    ]
    if not lines:
        raise Ignored("no_consequence", "no money moved")
    first = told.start_date or min(each.at for each in lines)
    last = told.end_date or max(each.at for each in lines)
    account = f"{told.account_number or 'paypal'}-{first.astimezone(at.zone):%Y%m%d}"
    if told.page and (told.total_pages or 1) > 1:
        account = f"{account}-{told.page}"
    return [
        report(
            *(at, "paypal", f"{account}-{currency}", currency, own),
            period=(first, last),
            of=(None, "search"),
        )
        for currency, own in by(lines, lambda each: each.currency).items()
    ]


def _joined(tree: Any) -> Any:
    """An answer. One that was saved page by page is a list of them; one may hold the rows alone."""
    if not isinstance(tree, list):
        return tree
    if all(isinstance(it, dict) and "transaction_info" in it for it in tree):
        return {"transaction_details": tree}
    pages = [it for it in tree if isinstance(it, dict)]
    rows = [it.get("transaction_details") or [] for it in pages]
    if not tree or len(pages) < len(tree) or not all(isinstance(it, list) for it in rows):
        raise BadData("transactions are expected", code="bad_json")
    whole: dict[str, Any] = {"transaction_details": list(chain.from_iterable(rows))}
    if str(pages[0].get("total_pages")) == str(len(pages)):
        whole |= {"page": 1, "total_pages": 1}
    return pages[0] | whole


def _lines(info: Info, path: str, at: Context) -> Iterator[SettlementLine]:
    """A transaction. A fee in another currency is a line of its own."""
    code = needed(info.transaction_event_code, f"{path}.transaction_event_code").upper()
    money = needed(info.transaction_amount, f"{path}.transaction_amount")
    gross = needed(money.value, f"{path}.transaction_amount.value")
    kind = kind_by_code(code, gross, f"{path}.transaction_event_code", at)
    state = (info.transaction_status or "").upper()
    if kind is None or state in UNMOVED:
        at.warn("moves_nothing", f"{code} in state {state[:20]} moves no money", path=path)
        return
    currency = needed(money.currency_code, f"{path}.transaction_amount.currency_code").upper()
    fee, charged = ZERO, currency
    if info.fee_amount is not None and info.fee_amount.value:
        fee = ZERO - info.fee_amount.value
        charged = needed(info.fee_amount.currency_code, f"{path}.fee_amount.currency_code").upper()
    same = charged == currency
    yield _moved(info, code, kind, (gross, fee if same else ZERO, currency), path)
    if not same:
        yield _moved(info, code, "fee", (ZERO, fee, charged), path)


def _moved(
    info: Info, code: str, kind: Kind, money: tuple[Decimal, Decimal, str], path: str
) -> SettlementLine:
    number = needed(info.transaction_id, f"{path}.transaction_id")
    gross, fee, currency = money
    moment = info.transaction_updated_date or info.transaction_initiation_date
    return line(
        path,
        reference=f"{number}-{code}-{currency}",
        channel_order_id=info.invoice_id or info.custom_field,
        kind=kind,
        gross=gross,
        fee=fee,
        currency=currency,
        at=needed(moment, f"{path}.transaction_initiation_date"),
        provider_kind=code,
        transaction=number,
        original=info.paypal_reference_id if kind != "sale" else None,
        batch=info.bank_reference_id,
        movement=movement(number, currency),
    )
