"""PayPal's activity as people download it from their account, in its language: the activity report,
and the statement, which has no states. Source: PayPal docs, "Activity Download report", "Monthly
and custom statements"; downloads of accounts in the languages of `activity.yaml`.

Amounts are signed and in whole units of their currency, a fee that is taken below zero. The balance
stands in every row.
"""

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files

import yaml

from hub.model.document import ZERO, Document
from hub.model.settlement import Kind, SettlementLine
from mappings.kit import Context, times, word
from mappings.kit.readers.csv import folded, missing
from mappings.kit.reports.cells import Cells, Table, cells, heads, numbered
from mappings.kit.reports.told import by, content_id, kind_of, line, net_of, report
from mappings.kit.reports.zones import zone_of
from mappings.paypal.accounts import movement

_NEEDED = ("date", "type", "currency", "gross", "net", "transaction")
_AMOUNTS = ("gross", "fee", "net", "balance")
_LISTS = "settlement_kinds"


@cache
def _names() -> dict[str, tuple[str, ...]]:
    told = files("mappings.paypal").joinpath("activity.yaml").read_text("utf-8")
    return {name: tuple(map(str, words)) for name, words in yaml.safe_load(told).items()}


@cache
def _folded(*fields: str) -> frozenset[str]:
    return frozenset(folded(name) for field in fields for name in _names()[field])


def _needed() -> list[tuple[str, ...]]:
    return [_names()[field] for field in _NEEDED]


def is_activity(raw: bytes) -> bool:
    """Whether its first line names the columns of such a download."""
    return not missing(heads(raw), _needed())


def activity(raw: bytes, at: Context) -> list[Document]:
    """A report for each currency; nothing where nothing moved."""
    amounts, dates = _folded(*_AMOUNTS), _folded("date")
    table = Table(_needed(), amounts.__contains__, dates=dates.__contains__)
    told = [_dated(row) for row in cells(raw, table, at)]
    payments = {_number(row) for row in told if _said(row, "net")}
    rows = [row for row in told if _moves(row, payments, at)]
    read = [(row, _line(row, name, at)) for row, name in numbered(rows, _number)]
    groups = by(read, lambda it: it[1].currency)
    return [_report(currency, own, at) for currency, own in groups.items()]


def _report(currency: str, own: Sequence[tuple[Cells, SettlementLine]], at: Context) -> Document:
    lines = [each for _, each in own]
    opening, closing = _balances(own, currency, at)
    number = f"{currency}-{content_id(lines)}"
    of = (None, "activity")
    return report(at, "paypal", number, currency, lines, opening=opening, closing=closing, of=of)


def _number(row: Cells) -> str:
    return row.needed(*_names()["transaction"])


def _said(row: Cells, field: str) -> str | None:
    """What a cell says: some write dots where nothing is."""
    said = row.text(*_names()[field])
    return None if said == "..." else said


def _moves(row: Cells, payments: Container[str], at: Context) -> bool:
    """Whether it changed the balance: it is done, no mere note, and no item of a cart, which bears
    the number of its payment and leaves nothing by itself.
    """
    names = _names()
    state, impact = row.text(*names["state"]), row.text(*names["impact"])
    said = word(state or "") in names["unmoved"] or word(impact or "") in names["memo"]
    said = said or (_said(row, "net") is None and _number(row) in payments)
    moves = not said and at.ours_or_none(_LISTS, _word(row)) != "none"
    if not moves:
        at.warn("moves_nothing", f"{_word(row)} in state {state} moves no money", path=row.place)
    return moves


def _word(row: Cells) -> str:
    """The event's code where there is one, else its name."""
    names = _names()
    return row.text(*names["code"]) or row.needed(*names["type"])


def _line(row: Cells, name: str, at: Context) -> SettlementLine:
    names = _names()
    gross, fee, net = (row.amount(*names[field]) for field in ("gross", "fee", "net"))
    kind = _kind(row, gross, fee, at)
    number, currency = _number(row), row.needed(*names["currency"])
    return line(
        row.place,
        reference=name,
        channel_order_id=row.text(*names["order"]),
        kind=kind,
        gross=gross,
        fee=fee,
        net=net,
        currency=currency,
        at=_moment(row),
        provider_kind=_word(row),
        transaction=number,
        original=row.text(*names["original"]) if kind != "sale" else None,
        movement=movement(number, currency),
    )


def _kind(row: Cells, gross: Decimal, fee: Decimal, at: Context) -> Kind:
    """By its code or its name; what comes in and costs a fee is a sale in every language. What is
    paid to somebody else is none.
    """
    told = _word(row)
    usual: Kind = "sale" if gross > 0 and fee else "adjustment"
    known = at.ours_or_none(_LISTS, told) or at.ours_or_none(_LISTS, told[:3]) is None
    kind = kind_of(at, told if known else told[:3], row.path("Type"), usual)
    return "adjustment" if kind == "sale" and gross < 0 else kind


def _dated(row: Cells) -> Cells:
    """A row that knows which part of its date is the day. Where no row tells, those of America put
    the month first in English.
    """
    if row.day_first is not None:
        return row
    names = _names()
    zone = row.text(*names["zone"]) or ""
    american = zone.startswith("America/") or word(zone) in names["american"]
    american = american and row.text(*names["month_first"]) is not None
    return replace(row, day_first=row.mark == "," or not american)


def _moment(row: Cells) -> datetime:
    """Its date and its time, in the zone that it names."""
    names = _names()
    zone = zone_of(row.text(*names["zone"]), row.at.zone, row.path("TimeZone"))
    day = row.moment(*names["date"], zone=UTC)
    clock = row.text(*names["time"]) or "00:00:00"
    return times.moment(f"{day:%Y-%m-%d} {clock}", zone, path=row.path(names["time"][0]))


def _balances(
    own: Sequence[tuple[Cells, SettlementLine]], currency: str, at: Context
) -> tuple[Decimal, Decimal]:
    """What was there before and after, where the rows lead from one to the other: the newest may
    stand first.
    """
    names = _names()["balance"]
    if any(row.text(*names) is None for row, _ in own):
        return ZERO, ZERO
    moved = net_of(each for _, each in own)
    for (first, line_), (last, _) in ((own[0], own[-1]), (own[-1], own[0])):
        opening, closing = first.amount(*names) - line_.net, last.amount(*names)
        if opening + moved == closing:
            return opening, closing
    message = f"the balances do not lead by {moved} from the first row to the last"
    at.warn("balance_differs", message, path=f"{currency}.balance")
    return ZERO, ZERO
