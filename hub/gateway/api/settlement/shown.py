"""How statements and entries are shown."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hub.gateway.http.problems import Stop
from hub.gateway.routes import Ask
from hub.model.document import pieces, plain
from hub.model.money import EXPONENT, unit
from hub.rules.settlement.statement import Line, Result
from hub.store.settlement.entries import Booked
from hub.store.settlement.statements import LineRow
from hub.store.settlement.transfers import TransferRow
from hub.store.settlement.working import Opened
from hub.store.views.settlement.statements import StatementItem


def money(amount: Decimal, currency: str) -> str:
    """An amount with the places of its currency."""
    if currency not in EXPONENT or amount % unit(currency):
        return pieces(amount)
    return plain(amount.quantize(unit(currency)))


def statement(item: StatementItem) -> dict[str, Any]:
    """As it is listed."""
    sums = ("carried_in", "balance", "payout", "carried_out")
    plainly = (
        *("merchant", "currency", "status", "calculated_by", "calculated_at", "approved_by"),
        *("approved_at", "payout_reference", "paid_at", "note", "bank_says"),
    )
    return {
        "id": item.number,
        "from": item.period_from,
        "to": item.period_to,
        "terms_version": item.terms,
        **{name: getattr(item, name) for name in plainly},
        **{name: money(getattr(item, name), item.currency) for name in sums},
    }


def transfer(row: TransferRow, currency: str) -> dict[str, Any]:
    """A payout in a file, and what the bank said of it."""
    plainly = ("file", "written_at", "state", "code", "reason", "told_at")
    return {
        "amount": money(row.amount, currency),
        **{name: getattr(row, name) for name in plainly},
    }


def lines(rows: Iterable[LineRow | Line], currency: str) -> list[dict[str, Any]]:
    """Lines by their place."""
    return [
        {
            "line": at,
            "kind": row.kind,
            "code": row.code,
            "rule": row.rule,
            "version": row.version,
            "percent": None if row.percent is None else str(row.percent),
            "items": row.items,
            "quantity": pieces(row.quantity),
            "base": money(row.base, currency),
            "amount": money(row.amount, currency),
        }
        for at, row in enumerate(rows, start=1)
    ]


def figures(result: Result, currency: str) -> dict[str, Any]:
    """What a time comes to."""
    return {
        "balance": money(result.balance, currency),
        "lines": lines(result.lines, currency),
    }


def item(opened: Opened, currency: str) -> dict[str, Any]:
    """An item behind a line."""
    plainly = ("document", "reason", "kind", "line", "at", "order_id", "message_id", "traits")
    return {
        **{name: getattr(opened, name) for name in plainly},
        "quantity": pieces(opened.quantity),
        "base": money(opened.base, currency),
        "amount": money(opened.amount, currency),
    }


def entry(booked: Booked) -> dict[str, Any]:
    """An entry with its lines."""
    of = booked.entry
    return {
        "id": booked.id,
        "booked_at": booked.booked_at,
        "merchant": of.merchant,
        "document": of.document,
        "reason": of.reason,
        "currency": of.currency,
        "at": of.at,
        "settle_at": of.settle_at,
        "order_id": of.order_id,
        "message_id": of.message_id,
        "lines": [
            {
                "account": line.account,
                "debit": money(line.debit, of.currency),
                "credit": money(line.credit, of.currency),
                "merchant": of.merchant,
                "tax_code": line.tax_code,
                "reference": line.reference,
            }
            for line in of.lines
        ],
    }


def only_operator(ask: Ask) -> None:
    """What decides about money between operator and merchants is not a merchant's to do."""
    if ask.caller.merchant is not None or ask.caller.connection is not None:
        raise Stop(403, "not_yours", "only the operator may do this")
