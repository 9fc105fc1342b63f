"""What people ask for about goods in: tell a draft, cancel or close a notice, decide about a
difference.

A request that comes too late is refused with IllegalTransition; whoever asks is named in the audit.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.flows.inbound import desk as desks
from hub.flows.inbound import transfers
from hub.flows.inbound.desk import Desk, Moved
from hub.flows.unit import Unit
from hub.model.document import pieces
from hub.model.errors import BadData, Contradiction, IllegalTransition, NotFound
from hub.rules.inbound import deciding
from hub.rules.inbound.deciding import IN_TRANSIT, Decision, Move
from hub.states.inbound_notice import Event
from hub.store.inbound import differences, notices
from hub.store.inbound.notices import LineRow, NoticeRow
from hub.store.people import audit_trail
from hub.store.stock import articles
from hub.store.stock.stock_levels import Movement


def notify(unit: Unit, notice_id: UUID, actor: str) -> str:
    """Tell a draft to its warehouse. Returns the new status. Contradiction where a transfer asks
    for more than is free.
    """
    row = _load(unit, notice_id)
    lacking = transfers.Origins(unit).lacking(row)
    if lacking is not None:
        raise Contradiction(lacking.message, path=lacking.path, code=lacking.code)
    return _step(unit, row, Event.NOTIFY, actor, "")


def cancel(unit: Unit, notice_id: UUID, actor: str, reason: str) -> str:
    """Cancel a notice of which nothing came; the warehouse is told. Returns the new status."""
    return _step(unit, _load(unit, notice_id), Event.CANCEL, actor, reason)


def close(unit: Unit, notice_id: UUID, actor: str, reason: str) -> str:
    """Close a notice: what did not come is missing, and nothing more is taken in. Returns the new
    status.
    """
    return _step(unit, _load(unit, notice_id), Event.CLOSE, actor, reason)


def decide(
    unit: Unit, difference_id: UUID, actor: str, decision: Decision, sku: str | None, note: str
) -> None:
    """Decide about the pieces of a difference that nobody decided yet. `sku` names the article
    that an unknown one turned out to be, where it is to be booked.
    """
    row = differences.lock(unit.db, difference_id)
    if row is None:
        raise NotFound(f"no difference {difference_id}")
    open_ = deciding.undecided(row.quantity, row.decided)
    if not open_:
        raise IllegalTransition("difference", row.decision or "settled", decision)
    notice = notices.load(unit.db, unit.vault, [row.subject]).get(row.subject)
    moves = deciding.moves(
        row.code, decision, is_transfer=notice is not None and notice.origin is not None
    )
    if moves is None:
        is_transfer = notice is not None and notice.origin is not None
        allowed = ", ".join(deciding.possible(row.code, is_transfer=is_transfer))
        raise BadData(f"one of {allowed} is expected for what is {row.code}", path="decision")
    article = _article(unit, row, decision, sku)
    movements = [
        movement
        for move in moves
        for movement in _moved(row, notice, move, article, open_, decision, actor)
    ]
    differences.decide(unit.db, row.id, row.merchant_id, row.quantity, decision, actor)
    if notice is not None:
        notices.update(unit.db, unit.vault, [notice])
    desks.write_stock(unit, movements, None)
    detail = {
        "code": row.code,
        "decision": decision,
        "sku": article,
        "pieces": pieces(open_),
        **({"note": note} if note else {}),
    }
    subject = f"inbound_notice:{row.number}"
    audit_trail.record(unit.db, row.merchant_id, actor, "inbound.decide", subject, detail, unit.at)


def _load(unit: Unit, notice_id: UUID) -> NoticeRow:
    row = notices.load(unit.db, unit.vault, [notice_id]).get(notice_id)
    if row is None:
        raise NotFound(f"no inbound notice {notice_id}")
    return row


def _step(unit: Unit, row: NoticeRow, event: Event, actor: str, reason: str) -> str:
    desk = Desk()
    desks.move(unit, desk, event, Moved(row, reason, None))
    desks.close(unit, desk)
    detail: Mapping[str, Any] = {"reason": reason} if reason else {}
    subject = f"inbound_notice:{row.number}"
    audit_trail.record(unit.db, row.merchant, actor, f"inbound.{event}", subject, detail, unit.at)
    return row.status


def _article(unit: Unit, row: Any, decision: Decision, sku: str | None) -> str:
    """The article that is decided about: another one than was told only where that is unknown."""
    if row.code != "unknown_sku" or decision != "adjust":
        if sku is not None and sku != row.sku:
            raise BadData("only an unknown article can turn out to be another", path="sku")
        return str(row.sku)
    named = sku or str(row.sku)
    if row.merchant_id not in articles.owners(unit.db, [named]).get(named, ()):
        raise BadData(
            "the SKU of a product of this merchant is expected", path="sku", code="unknown_sku"
        )
    return named


def _moved(
    row: Any,
    notice: NoticeRow | None,
    move: Move,
    sku: str,
    quantity: Decimal,
    decision: Decision,
    actor: str,
) -> list[Movement]:
    """One shelf's movement. What is in transit is taken as far as it still is."""
    place, quality = row.warehouse, row.quality
    if move.shelf == "transit":
        quantity = _off_the_way(notice, row.line_no, quantity)
        quality = IN_TRANSIT
    elif move.shelf == "origin" and notice is not None and notice.origin is not None:
        place = notice.origin
    elif move.shelf == "good":
        quality = "good"
    document = f"difference:{differences.id_text(row.id)}"
    reason = deciding.REASONS[decision]
    delta = quantity * move.sign
    return [Movement(row.merchant_id, place, sku, delta, reason, document, quality, actor=actor)]


def _off_the_way(notice: NoticeRow | None, line_no: int | None, quantity: Decimal) -> Decimal:
    lines = notice.lines if notice is not None else []
    line: LineRow | None = next((it for it in lines if it.line_no == line_no), None)
    if line is None:
        return Decimal(0)
    taken = min(quantity, line.transit)
    line.transit -= taken
    return taken
