"""Goods that come in: how a notice is received, and what the warehouse says of it.

An `Arrival` is the course of one notice: in how many confirms, what is lacking, damaged or too
much, whether it is told twice. What is told is made here, without sending it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.qimen.book import Book, Notice, Row
from sandbox.qimen.wire import Tree, clock
from sandbox.qimen.work import Told, halves

KINDS = {"entryorder": "CGRK", "returnorder": "THRK"}
"""Family -> the kind of a notice that names none."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """`short`, `over` and `defective`: item -> pieces."""

    partial: bool = False  # an intermediate confirm (confirmType 1), then the final one
    short: Mapping[str, int] = field(default_factory=dict)
    over: Mapping[str, int] = field(default_factory=dict)
    defective: Mapping[str, int] = field(default_factory=dict)
    duplicate: bool = False  # each confirm is told twice, word for word


PLAIN = Arrival()


def received(book: Book, notice: Notice, arrival: Arrival) -> list[Told]:
    """Books what came in and answers all that is to be told, in order."""
    counts = [_came(row, arrival) for row in notice.rows]
    rounds = halves(counts) if arrival.partial else [counts]
    damaged = dict(arrival.defective)
    reports: list[Told] = []
    for index, counted in enumerate(rounds):
        final = index == len(rounds) - 1
        lines = [
            line
            for row, count in zip(notice.rows, counted, strict=True)
            for line in _lines(book, row, count, damaged)
        ]
        reports += [_confirm(notice, lines, final=final)] * (2 if arrival.duplicate else 1)
    return reports


def _came(row: Row, arrival: Arrival) -> int:
    return max(0, row.planned - arrival.short.get(row.item, 0) + arrival.over.get(row.item, 0))


def _lines(book: Book, row: Row, count: int, damaged: dict[str, int]) -> list[Tree]:
    """What came of a line, good and damaged pieces apart; nothing where nothing came."""
    bad = min(count, damaged.get(row.item, 0))
    damaged[row.item] = damaged.get(row.item, 0) - bad
    row.done += count
    lines = []
    for quality, pieces in ((row.quality, count - bad), ("CC", bad)):
        if pieces:
            book.stock.change(row.item, pieces, quality)
            lines.append({
                "orderLineNo": row.number, "ownerCode": row.owner, "itemCode": row.item,
                "planQty": row.planned, "inventoryType": quality, "actualQty": pieces,
            })  # fmt: skip
    return lines


def _confirm(notice: Notice, lines: list[Tree], *, final: bool) -> Told:
    notice.told += 1
    name = "entryOrder" if notice.family == "entryorder" else "returnOrder"
    kind = notice.head.get("orderType") or KINDS[notice.family]
    state = "FULFILLED" if final else "PARTFULFILLED"
    head = {
        f"{name}Code": notice.code, f"{name}Id": notice.wms_id,
        "warehouseCode": notice.head["warehouseCode"], "confirmType": 0 if final else 1,
        "outBizCode": f"{notice.wms_id}-{notice.told}", **_ended(notice, kind, state),
    }  # fmt: skip
    return f"{notice.family}.confirm", {name: head, "orderLines": lines}, state


def _ended(notice: Notice, kind: str, state: str) -> Tree:
    """What each family says in its own words."""
    if notice.family == "entryorder":
        owner = notice.head["ownerCode"]
        return {
            "entryOrderType": kind, "status": state, "operateTime": clock(), "ownerCode": owner,
        }  # fmt: skip
    code = notice.head.get("logisticsCode")
    return {
        "orderType": kind, "orderConfirmTime": clock(), "logisticsCode": code,
        "expressCode": notice.head.get("expressCode"),
    }  # fmt: skip
