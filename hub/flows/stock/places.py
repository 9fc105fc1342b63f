"""Where stock lies that somebody tells of: a warehouse tells of itself, the books name one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps

from hub.flows.unit import Told, Unit
from hub.model.merchant import OPERATOR
from hub.model.stock import StockChange, StockReport
from hub.rules.messages.receiving import Verdict

_Flow = Callable[[Unit, Sequence[Told]], list[Verdict]]


def by_place(flow: _Flow) -> _Flow:
    """The flow, handed what is told of each warehouse by itself, as told from there."""

    @wraps(flow)
    def each(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
        places: dict[str, list[int]] = {}
        for at, telling in enumerate(tellings):
            places.setdefault(_place(unit, telling), []).append(at)
        verdicts = dict.fromkeys(places.pop("", ()), _UNKNOWN)
        for code, ats in places.items():
            there = [
                replace(tellings[at], partner=replace(tellings[at].partner, code=code))
                for at in ats
            ]
            verdicts |= zip(ats, flow(unit, there), strict=True)
        return [verdicts[at] for at in range(len(tellings))]

    return each


def _place(unit: Unit, telling: Told) -> str:
    """The code of the warehouse; empty where there is none that the merchant has goods in."""
    partner, document = telling.partner, telling.document
    if partner.kind == "warehouse" or not isinstance(document, StockReport | StockChange):
        return partner.code
    named = unit.directory.connections.get(document.warehouse)
    if named is None or named.kind != "warehouse":
        return ""
    return named.code if named.merchant in {OPERATOR, partner.merchant} else ""


_UNKNOWN = Verdict(
    "parked", "unknown_code", "no warehouse of the merchant is called so", "warehouse"
)
