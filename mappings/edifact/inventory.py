"""INVRPT, inventory report: what is there, article by article, and what moved.

A quantity with a direction (INV) is a movement, another one a balance. Movements that documents of
ours tell of (receptions and deliveries) are left out: they would be booked twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple, cast

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.fulfilment import Quality
from hub.model.stock import ChangedLine, ReportedLine, StockChange, StockReport
from mappings.edifact.envelope import Message
from mappings.edifact.heads import Head, head_of, in_order
from mappings.edifact.lines import batch_of
from mappings.edifact.segments import (
    EXPIRY,
    Article,
    article,
    day,
    first_of,
    quantities,
)
from mappings.edifact.syntax import Segment
from mappings.edifact.terms import Terms
from mappings.kit import Context
from mappings.kit.readers.segments import groups

_Reason = Literal["adjustment", "stocktake", "transfer", "damage", "return", "other"]
_DIRECTIONS = {"1": -1, "2": 1}
"""INV 4501: out of the inventory, into it."""
_QUALITIES: dict[str | None, Quality] = {"2": "defective"}
"""INV 7491: damaged products; what is accepted or not named is good."""
_NOT_COUNTED = frozenset({"8", "9", "10", "11"})
"""INV 7491: packing materials and what is still being made are no goods for sale."""
_DAMAGED = "124"
_OF_MOVEMENT = "156"
_BOOKED_ELSEWHERE = "none"


@dataclass(frozen=True, slots=True)
class _Part:
    """The quantities of an article under one INV, or under none."""

    which: Article
    inv: Segment
    told: dict[str, Decimal]
    under: Sequence[Segment]

    @property
    def direction(self) -> int | None:
        return _DIRECTIONS.get(self.inv.at(1) or "")

    @property
    def quality(self) -> Quality:
        return _QUALITIES.get(self.inv.at(2), "good")


class _Key(NamedTuple):
    """What is one line of a report."""

    sku: str | None
    item_code: str | None
    quality: Quality
    batch: str | None


def inventory(told: Message, terms: Terms, at: Context) -> list[Document]:
    """Changes, then the report: it was made when they had happened."""
    in_order(told, "LIN")
    head = head_of(told, ("366", "91", "194", "137"), terms, at, replaces=True)
    parts = [
        part
        for line, under in groups(told.segments, "LIN", "CPS", "UNS", "CNT", "UNT")
        for part in _parts(line, under, head, terms)
    ]
    moved = [part for part in parts if part.direction is not None or _OF_MOVEMENT in part.told]
    counted = [line for part in parts if part not in moved for line in _counted(part, terms, at)]
    found: list[Document] = [*_changes(moved, head, at)]
    if counted:
        found.append(_report(counted, head, at))
    if not found and moved:
        raise Ignored("no_consequence", "only movements that documents of ours tell of")
    if not found:
        raise BadData("a quantity on hand is expected", path="QTY", code="no_lines")
    return found


def _parts(line: Segment, under: Sequence[Segment], head: Head, terms: Terms) -> Iterator[_Part]:
    """The quantities of a line by their INV, which stands before them (D.01B) or behind (D.96A)."""
    which = article(line, under, terms.sku_qualifiers)
    heads = [it.name for it in under if it.name in {"INV", "QTY"}]
    first = heads[0] if heads else "QTY"
    common = _before(under, first)
    if "INV" not in heads:
        yield _Part(which, Segment([("INV",)]), quantities(under, head.decimal_mark), under)
        return
    for it, below in groups(under, first):
        own = [it, *below]
        inv = next((one for one in own if one.name == "INV"), Segment([("INV",)]))
        yield _Part(which, inv, quantities(own, head.decimal_mark), [*own, *common])


def _before(under: Sequence[Segment], name: str) -> Sequence[Segment]:
    end = next((at for at, it in enumerate(under) if it.name == name), len(under))
    return under[:end]


def _counted(part: _Part, terms: Terms, at: Context) -> Iterator[ReportedLine]:
    """The first kind of quantity that means what is there, and what is damaged beside it."""
    if part.inv.at(2) in _NOT_COUNTED:
        return
    on_hand = first_of(part.told, terms.on_hand)
    damaged = part.told.get(_DAMAGED)
    if on_hand is None and damaged is None:
        at.warn("no_quantity", "it tells no quantity on hand: it was left out", path="QTY.6063")
        return
    line = ReportedLine(
        sku=part.which.sku,
        item_code=part.which.item_code,
        quality=part.quality,
        on_hand=on_hand or ZERO,
        batch=batch_of(part.under) or part.which.batch,
        expires_on=day(part.under, EXPIRY, at),
    )
    if on_hand is not None:
        yield line
    if damaged is not None:
        yield line.model_copy(update={"on_hand": damaged, "quality": "defective"})


def _report(lines: Sequence[ReportedLine], head: Head, at: Context) -> StockReport:
    """One line for each article, quality and batch: places of one are added up."""
    found: dict[_Key, ReportedLine] = {}
    for line in lines:
        key = _Key(line.sku, line.item_code, line.quality, line.batch)
        known = found.get(key)
        on_hand = line.on_hand + (known.on_hand if known else ZERO)
        found[key] = line.model_copy(update={"on_hand": on_hand})
    return StockReport(
        source=at.source(head.number, occurred_at=head.when),
        warehouse=at.connection,
        at=head.when,
        report_id=head.number,
        lines=tuple(found.values()),
    )


def _changes(parts: Sequence[_Part], head: Head, at: Context) -> Iterator[StockChange]:
    """What moved, a document for each reason."""
    by_reason: dict[_Reason, list[ChangedLine]] = {}
    for part in parts:
        reason = at.ours_or_none("stock_reasons", part.inv.at(3)) or "adjustment"
        if reason == _BOOKED_ELSEWHERE:
            continue
        if part.direction is None:
            message = "whether it came in (2) or went out (1) is expected"
            raise BadData(message, path="INV.4501", code="missing_field")
        amount = part.told.get(_OF_MOVEMENT, next(iter(part.told.values()), ZERO))
        line = ChangedLine(
            sku=part.which.sku,
            item_code=part.which.item_code,
            quality=part.quality,
            delta=part.direction * abs(amount),
            batch=batch_of(part.under) or part.which.batch,
        )
        by_reason.setdefault(cast("_Reason", reason), []).append(line)
    for place, (reason, lines) in enumerate(by_reason.items(), 1):
        id_ = f"{head.number}:{place}"
        yield StockChange(
            source=at.source(id_, occurred_at=head.when),
            warehouse=at.connection,
            at=head.when,
            change_id=id_,
            reason=reason,
            lines=tuple(lines),
        )
