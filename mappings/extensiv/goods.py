"""Extensiv's receivers -> `goods_receipt`, its stock summaries -> `stock_report`."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from hashlib import sha256

from hub.model.document import ZERO, Document
from hub.model.errors import Ignored
from hub.model.stock import GoodsReceipt, ReceivedLine, ReportedLine, StockReport
from mappings.extensiv.hal import rows
from mappings.extensiv.wire import Item, Receiver, Summary
from mappings.kit import Context, Decoder, shape
from mappings.kit.fields import needed

Clock = Callable[[], datetime]


def receipts(raw: bytes, at: Context) -> list[Document]:
    """What was received. A receiver that is open only announces."""
    told = [shape(Receiver, tree, at) for tree in rows(raw, at, "receivers")]
    documents: list[Document] = [_receipt(it, at) for it in told if it.is_closed or it.status]
    if not documents:
        raise Ignored("no_consequence", "nothing was received yet")
    return documents


def _receipt(it: Receiver, at: Context) -> GoodsReceipt:
    number = needed(it.receiver_id, "receiver_id")
    told = it.received_date or it.arrival_date or it.process_date or it.last_modified_date
    when = needed(told, "arrival_date")
    lines = tuple(_received(one) for one in it.receive_items if one.qty != ZERO)
    if not lines:
        raise Ignored("no_consequence", "nothing was received")
    return GoodsReceipt(
        source=at.source(number, occurred_at=when),
        inbound_notice_id=needed(it.reference_num, "reference_num"),
        receipt_id=number,
        warehouse_reference=number,
        received_at=when,
        complete=True,
        lines=lines,
    )


def _received(one: Item) -> ReceivedLine:
    """What is on hold or in quarantine is not for sale."""
    return ReceivedLine(
        sku=one.article.sku,
        item_code=one.article.id,
        quantity=needed(one.qty, "receive_items.qty"),
        quality="defective" if one.on_hold or one.quarantined else "good",
        batch=one.lot_number,
        expires_on=one.expires_on,
        serials=one.serials,
    )


def summaries(clock: Clock) -> Decoder:
    """Stock by article and facility. `clock` is asked where they tell no time."""
    return partial(_report, clock)


def _report(clock: Clock, raw: bytes, at: Context) -> list[Document]:
    told = [shape(Summary, tree, at) for tree in rows(raw, at, "summaries")]
    when = max((it.at for it in told if it.at), default=None) or clock()
    number = sha256(raw).hexdigest()[:32]
    return [
        StockReport(
            source=at.source(number, occurred_at=when),
            warehouse=at.connection,
            at=when,
            report_id=number,
            lines=tuple(line for it in told for line in _lines(it)),
        )
    ]


def _lines(it: Summary) -> Iterator[ReportedLine]:
    sku = it.sku or (it.item_identifier and it.item_identifier.sku)
    code = it.item_id or (it.item_identifier and it.item_identifier.id)
    there, held = needed(it.on_hand, "on_hand"), it.on_hold or ZERO
    good = max(there - held, ZERO)
    yield ReportedLine(sku=sku, item_code=code, on_hand=good, reserved=it.allocated)
    if held > 0:
        yield ReportedLine(sku=sku, item_code=code, quality="defective", on_hand=held)
