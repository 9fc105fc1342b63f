"""RECADV, receiving advice: what came in, in which state, and what differs from what was expected.

A line's quantity is what was received (48), or its accepted (194) and refused (195) parts; damaged
pieces (124, or a discrepancy AF) are parted from the good ones. Differences stand in the document's
attributes.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.stock import GoodsReceipt, ReceivedLine
from mappings.edifact.envelope import Message
from mappings.edifact.heads import Head, head_of, in_order
from mappings.edifact.lines import batch_of
from mappings.edifact.packages import PACKAGE_MARKS, SERIALS
from mappings.edifact.segments import (
    EXPIRY,
    PRODUCTION,
    article,
    day,
    first_of,
    marks,
    notes,
    number,
    quantities,
)
from mappings.edifact.syntax import Segment
from mappings.edifact.terms import Terms
from mappings.kit import Context
from mappings.kit.readers.segments import groups

_RECEIVED, _ACCEPTED, _REFUSED, _DAMAGED, _DELIVERED = "48", "194", "195", "124", "46"
_AS_SENT = ("12", "1")
"""A despatched quantity, or one of no kind: what came where nothing else is said, and no
difference.
"""
_KINDS = (_RECEIVED, _ACCEPTED, _REFUSED, _DAMAGED, _DELIVERED, *_AS_SENT)
_OF_DAMAGE = "AF"
_TO_COME = frozenset({"BP", "BK", "SS"})
_NOTICES = ("AAK", "ON", "VN", "AAJ", "DQ", "AAU", "ALO", "CR")
"""References (1153) that may name what was announced, the likeliest first."""

_Line = tuple[Segment, Sequence[Segment]]


def receipt(told: Message, terms: Terms, at: Context) -> list[Document]:
    """What was received, a receipt for each notice. Without a notice of ours it is one all the
    same.
    """
    in_order(told, "LIN")
    head = head_of(told, ("50", "35", "137"), terms, at)
    by_notice: dict[str, list[_Line]] = {}
    for row in groups(told.segments, "LIN", "CPS", "UNS", "CNT", "UNT"):
        by_notice.setdefault(_notice(row[1], head, terms), []).append(row)
    if not by_notice:
        raise BadData("at least one line is expected", path="LIN", code="no_lines")
    parts = len(by_notice)
    return [
        _of_notice(notice, f"{head.number}:{notice}" if parts > 1 else head.number, rows, head,
                   terms, at)
        for notice, rows in by_notice.items()
    ]  # fmt: skip


def _of_notice(
    notice: str, id_: str, rows: Sequence[_Line], head: Head, terms: Terms, at: Context
) -> GoodsReceipt:
    lines = [line for row in rows for line in _received(row, head, terms, at)]
    differs = [found for row in rows for found in _differences(row, head, terms)]
    kept = {
        "discrepancies": differs,
        "packages": marks(head.message.segments, *PACKAGE_MARKS),
    }
    return GoodsReceipt(
        source=at.source(id_, occurred_at=head.when),
        inbound_notice_id=notice,
        receipt_id=id_,
        warehouse_reference=head.notes.one("ALO"),
        received_at=head.when,
        complete=not any(it["code"] in _TO_COME for it in differs),
        lines=tuple(lines),
        attributes={name: value for name, value in kept.items() if value},
    )


def _notice(under: Sequence[Segment], head: Head, terms: Terms) -> str:
    """What was announced: the first reference that is ours, else the likeliest to be."""
    told = [*notes(under).numbers(*_NOTICES), *head.notes.numbers(*_NOTICES)]
    ours = next((number_ for number_ in told if terms.is_ours(number_)), None)
    return terms.ours_of(ours) if ours else next(iter(told), head.number)


def _received(row: _Line, head: Head, terms: Terms, at: Context) -> Iterator[ReceivedLine]:
    """A line, parted by what is said of it: so many good, so many not."""
    segment, under = row
    good, bad = _parted(under, head)
    line_no = notes(under).line(*_NOTICES)
    which = article(segment, under, terms.sku_qualifiers, line_no)
    line = ReceivedLine(
        line_no=line_no,
        sku=which.sku,
        item_code=which.item_code,
        quantity=good,
        batch=batch_of(under) or which.batch,
        produced_on=day(under, PRODUCTION, at),
        expires_on=day(under, EXPIRY, at),
        serials=tuple(marks(under, *SERIALS)),
    )
    if good > 0 or not bad:
        yield line
    if bad:
        yield line.model_copy(update={"quantity": bad, "quality": "defective", "serials": ()})


def _parted(under: Sequence[Segment], head: Head) -> tuple[Decimal, Decimal]:
    """How many are good and how many are not."""
    told = quantities(under, head.decimal_mark, _KINDS)
    if any(it < 0 for it in told.values()):
        raise BadData("a quantity not below 0 is expected", path="QTY.6060", code="bad_number")
    bad = max(told.get(_REFUSED, ZERO), told.get(_DAMAGED, ZERO) or _by_damage(under, head))
    if _ACCEPTED in told:
        whole = told.get(_RECEIVED, ZERO)
        return told[_ACCEPTED], max(bad, whole - told[_ACCEPTED])
    whole_or_none = told.get(_RECEIVED, told.get(_DELIVERED))
    if whole_or_none is None and not any(it.name == "QVR" for it in under):
        whole_or_none = first_of(told, _AS_SENT)
    if whole_or_none is None and _REFUSED not in told:
        raise BadData("a received quantity is expected", path="QTY.6063", code="missing_field")
    if whole_or_none is None:
        return ZERO, bad
    if bad > whole_or_none:
        message = f"at most the {whole_or_none} received can be damaged or refused, not {bad}"
        raise BadData(message, path="QTY.6060", code="bad_number")
    return whole_or_none - bad, bad


def _by_damage(under: Sequence[Segment], head: Head) -> Decimal:
    told = (_difference(it, head) for it in under if it.name == "QVR" and it.at(2) == _OF_DAMAGE)
    return sum((abs(it) for it in told if it is not None), ZERO)


def _difference(it: Segment, head: Head) -> Decimal | None:
    """How many differ. Some write the number where its kind should stand."""
    told = it.at(1) or it.at(1, 2)
    return number(told, head.decimal_mark, path="QVR.6064") if told else None


def _differences(row: _Line, head: Head, terms: Terms) -> Iterator[Mapping[str, Any]]:
    """What a line says of its differences, for whoever asks why."""
    segment, under = row
    for it in under:
        if it.name == "QVR":
            found = _difference(it, head)
            yield {
                "line": segment.at(1),
                "sku": article(segment, under, terms.sku_qualifiers, 0).sku,
                "difference": None if found is None else str(found),
                "code": it.at(2),
                "reason": it.at(3) or it.at(3, 4),
            }
