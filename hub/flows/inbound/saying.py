"""What partners are told of goods in: the warehouse what to expect and what not, the books what
came.
"""

from uuid import UUID

from hub.flows.telling import BOOKS
from hub.flows.unit import Unit
from hub.model.document import Document, Source
from hub.model.stock import InboundCancellation
from hub.store.config.snapshot import Connection
from hub.store.inbound.notices import NoticeRow
from hub.store.inbound.receipts import ReceiptRow
from hub.store.messages import outbox
from hub.store.messages.outbox import Telling
from hub.store.ops.incidents import Incident


def notice(unit: Unit, row: NoticeRow, cause: UUID | None) -> list[UUID]:
    """Tell the warehouse what to expect, as it stands. Returns the messages: none where it cannot
    be told so.
    """
    partner = _taker(unit, row, row.document.type)
    if partner is None:
        return []
    return unit.tell([_telling(partner, row, row.document, str(row.document.revision), cause)])


def cancellation(unit: Unit, row: NoticeRow, why: str, cause: UUID | None) -> bool:
    """Tell the warehouse that the goods will not come; what it was not told yet is taken back
    instead. False where it cannot be told so.
    """
    back = outbox.supersede(unit.db, row.warehouse, row.told_ids)
    if len(back) == len(row.told_ids):
        return bool(row.told_ids)
    document = InboundCancellation(
        source=Source(
            connection=row.document.source.connection,
            id=f"{row.number}:cancelled",
            occurred_at=unit.at,
        ),
        inbound_notice_id=row.number,
        warehouse=row.warehouse,
        warehouse_reference=row.warehouse_reference,
        requested_at=unit.at,
        reason=why or None,
    )
    partner = _taker(unit, row, document.type)
    if partner is None:
        return False
    unit.tell([_telling(partner, row, document, "1", cause)])
    return True


def receipt(unit: Unit, row: ReceiptRow, teller: str | None, correlation: UUID) -> None:
    """Tell what came in: the merchant's ERP, finance and CRM connections that take receipts, and
    the channel that announced it.
    """
    books = [
        partner
        for kind in BOOKS
        for partner in unit.directory.listeners(kind, row.document.type, row.merchant)
    ]
    shops = unit.directory.listeners("channel", row.document.type, row.merchant)
    unit.tell(
        Telling(
            document=row.document,
            connection=partner.code,
            merchant=row.merchant,
            shards=partner.shards,
            key=row.document.inbound_notice_id,
            revision=row.number,
            correlation_id=correlation,
            cause_id=row.message_id,
        )
        for partner in (*books, *(shop for shop in shops if shop.code == teller))
    )


def untold(row: NoticeRow, what: str, cause: UUID | None) -> Incident:
    """That a warehouse's adapter has no word for it: a person tells it."""
    sentence = f"{row.warehouse} cannot be told {what} over its connection: tell it by other means"
    subject = f"inbound_notice:{row.number}"
    return Incident(row.merchant, "warehouse_not_told", subject, sentence, None, cause)


def _taker(unit: Unit, row: NoticeRow, kind: str) -> Connection | None:
    partner = unit.directory.connections.get(row.warehouse)
    return partner if partner is not None and kind in partner.takes else None


def _telling(
    partner: Connection, row: NoticeRow, document: Document, revision: str, cause: UUID | None
) -> Telling:
    """The merchant stands in the revision: two merchants may number their notices alike."""
    return Telling(
        document=document,
        connection=partner.code,
        merchant=row.merchant,
        shards=partner.shards,
        key=row.number,
        revision=f"{revision}:{row.merchant}",
        correlation_id=row.correlation_id,
        cause_id=cause,
    )
