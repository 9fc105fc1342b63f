"""Goods receipts that answer a return notice: some warehouses have one paper for all that comes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import wraps

from hub.flows.returns import receive as return_receipts
from hub.flows.unit import Told, Unit
from hub.model.merchant import OPERATOR
from hub.model.stock import GoodsReceipt
from hub.rules.messages.receiving import Verdict
from hub.rules.returns import receiving
from hub.store.inbound import notices
from hub.store.returns import finding
from hub.store.returns.returns import ReturnRow

_Flow = Callable[[Unit, Sequence[Told]], list[Verdict]]


def or_goods(flow: _Flow) -> _Flow:
    """The flow of goods receipts, but for those that name a return of which their warehouse was
    told: these are receipts of the return. An inbound notice of that number there goes first.
    """

    @wraps(flow)
    def each(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
        back = _of_returns(unit, tellings)
        goods = [at for at in range(len(tellings)) if at not in back]
        verdicts = dict[int, Verdict]()
        if goods:
            verdicts |= zip(goods, flow(unit, [tellings[at] for at in goods]), strict=True)
        if back:
            verdicts |= zip(back, return_receipts.receive(unit, list(back.values())), strict=True)
        return [verdicts[at] for at in range(len(tellings))]

    return each


def _of_returns(unit: Unit, tellings: Sequence[Told]) -> dict[int, Told]:
    receipts = {
        at: telling.document
        for at, telling in enumerate(tellings)
        if telling.partner.kind == "warehouse" and isinstance(telling.document, GoodsReceipt)
    }
    named = {at: (tellings[at].partner.code, it.inbound_notice_id) for at, it in receipts.items()}
    owners = {it.merchant for it in tellings}
    merchants = None if OPERATOR in owners else sorted(owners)
    numbers = [number for _, number in named.values()]
    quoted = finding.quoted(unit.db, unit.vault, numbers, merchants) if numbers else {}
    answers = {at: it for at, it in named.items() if _was_told(it, quoted.get(it[1], ()))}
    known = notices.at_warehouse(unit.db, unit.vault, answers.values()) if answers else {}
    return {
        at: replace(tellings[at], document=receiving.as_return(receipts[at], place[0]))
        for at, place in answers.items()
        if place not in known
    }


def _was_told(place: tuple[str, str], rows: Iterable[ReturnRow]) -> bool:
    """Whether the warehouse was told of one of these returns."""
    return any(row.document.warehouse == place[0] and row.told_ids for row in rows)
