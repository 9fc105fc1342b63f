"""Inbound notices as merchants tell them: by their ERP or channel, over the Open API, or in the
console.

A new one is told to its warehouse at once, unless it is to be a draft. The same number again is
the same notice: a newer revision changes it, as long as goods may still come. Receipts that came
before their notice go under it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from hub.flows.inbound import desk as desks
from hub.flows.inbound import receive, transfers
from hub.flows.inbound.desk import Arrived, Desk, Moved
from hub.flows.unit import Told, Unit
from hub.model.errors import IllegalTransition
from hub.model.merchant import OPERATOR
from hub.model.stock import InboundNotice
from hub.rules.inbound import announcing, receiving
from hub.rules.inbound.announcing import News
from hub.rules.messages import revision
from hub.rules.messages.receiving import Verdict
from hub.states.inbound_notice import Event, State
from hub.store.base.ids import new_id
from hub.store.inbound import differences, notices, receipts
from hub.store.inbound.notices import LineRow, NoticeRow
from hub.store.inbound.receipts import ReceiptRow
from hub.store.ops.incidents import Incident
from hub.store.stock import articles

_Stored = Mapping[tuple[str, str], NoticeRow]


def announce(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Keep notices, and tell the warehouses."""
    return keep(unit, tellings, is_draft=False)


def keep(unit: Unit, tellings: Sequence[Told], *, is_draft: bool) -> list[Verdict]:
    """Keep notices. `is_draft`: new ones are told to nobody until somebody says so."""
    verdicts = _wrong(unit, tellings)
    good = {at: it for at, it in enumerate(tellings) if at not in verdicts}
    numbers = [(_notice(it).warehouse, _notice(it).inbound_notice_id) for it in good.values()]
    notices.alone(unit.db, numbers)
    stored = _stored(unit, list(good.values()))
    origins = transfers.Origins(unit)
    desk, new = Desk(), {}
    for at, telling in good.items():
        before = stored.get(_key(telling))
        if before is None:
            new[at] = telling
        else:
            verdicts[at] = _again(unit, desk, origins, before, telling)
    verdicts |= _begin(unit, desk, origins, new, is_draft=is_draft)
    desks.close(unit, desk)
    return [verdicts[at] for at in range(len(tellings))]


def _notice(telling: Told) -> InboundNotice:
    assert isinstance(telling.document, InboundNotice)
    return telling.document


def _key(telling: Told) -> tuple[str, str]:
    return (_notice(telling).merchant, _notice(telling).inbound_notice_id)


def _stored(unit: Unit, tellings: Sequence[Told]) -> _Stored:
    return notices.by_number(unit.db, unit.vault, [_key(it) for it in tellings])


def _wrong(unit: Unit, tellings: Sequence[Told]) -> dict[int, Verdict]:
    """By position: what cannot be kept, with why; what names an unknown article waits for it."""
    skus = {line.sku for it in tellings for line in _notice(it).lines}
    owners = articles.owners(unit.db, skus)
    verdicts = {}
    for at, telling in enumerate(tellings):
        wrong = _misplaced(unit, telling) or _faulty(_notice(telling))
        wrong = wrong or _unheard_of(_notice(telling), owners)
        if wrong is not None:
            verdicts[at] = wrong
    return verdicts


def _misplaced(unit: Unit, telling: Told) -> Verdict | None:
    """Whose notice it is, and that the warehouses it names hold this merchant's goods."""
    notice, teller = _notice(telling), telling.merchant
    if teller not in (OPERATOR, notice.merchant) or notice.merchant not in unit.directory.merchants:
        sentence = "goods of another merchant cannot be announced here"
        return Verdict("parked", "wrong_merchant", sentence, "merchant")
    for path in ("warehouse", "from_warehouse"):
        code = getattr(notice, path)
        partner = unit.directory.connections.get(code or "")
        known = partner is not None and partner.kind == "warehouse"
        theirs = known and partner is not None and partner.merchant in (OPERATOR, notice.merchant)
        if code is not None and not theirs:
            sentence = "no warehouse of the merchant is called so"
            return Verdict("parked", "unknown_code", sentence, path)
    return None


def _faulty(notice: InboundNotice) -> Verdict | None:
    for fault in announcing.faults(notice):
        return Verdict("parked", fault.code, fault.message, fault.path)
    return None


def _unheard_of(notice: InboundNotice, owners: Mapping[str, tuple[str, ...]]) -> Verdict | None:
    for at, line in enumerate(notice.lines):
        if notice.merchant not in owners.get(line.sku, ()):
            sentence = f"no product {line.sku[:60]!r} of this merchant"
            path, fact = f"lines.{at}.sku", f"sku:{line.sku}"
            return Verdict("waiting", "unknown_sku", sentence, path, waits_for=fact)
    return None


def _begin(
    unit: Unit,
    desk: Desk,
    origins: transfers.Origins,
    tellings: Mapping[int, Told],
    *,
    is_draft: bool,
) -> dict[int, Verdict]:
    """Store new notices, tell the warehouses, and put under them what came before."""
    verdicts, rows = {}, {}
    for at, telling in tellings.items():
        row = _new(telling)
        lacking = None if is_draft else origins.lacking(row)
        if lacking is None:
            rows[at] = row
        else:
            verdicts[at] = lacking
    fresh = notices.insert(unit.db, unit.vault, list(rows.values()))
    early = _early(unit, [row for row in rows.values() if row.id in fresh], is_draft=is_draft)
    for at, row in rows.items():
        if row.id not in fresh:  # told by another transaction just now
            verdicts[at] = Verdict("ignored", "repeated", "this notice is known")
            continue
        verdicts[at] = Verdict()
        if not is_draft:
            cause = tellings[at].message_id
            desks.move(unit, desk, Event.NOTIFY, Moved(row, "", cause))
            for receipt in early.get(row.id, ()):
                receive.arrive(unit, desk, row, Arrived(receipt, is_booked=True))
    return verdicts


def _new(telling: Told) -> NoticeRow:
    notice = _notice(telling)
    age = revision.telling(notice)
    return NoticeRow(
        id=new_id(),
        merchant=notice.merchant,
        status=State.DRAFT,
        document=notice,
        correlation_id=telling.correlation_id,
        lines=[
            LineRow(
                *(line.line_no, line.sku, line.quantity, Decimal(0)),
                *(line.item_code, line.quality, line.batch),
            )
            for line in notice.lines
        ],
        digest=notices.digest(notice),
        source_revision=age.revision,
        occurred_at=age.at,
    )


def _early(
    unit: Unit, rows: Sequence[NoticeRow], *, is_draft: bool
) -> dict[UUID, list[ReceiptRow]]:
    """The receipts that came before their notice, put under it. They are in the stock already."""
    if is_draft or not rows:
        return {}
    by_place = {(row.merchant, row.warehouse, row.number): row for row in rows}
    attached: dict[UUID, list[ReceiptRow]] = {}
    came = receipts.unannounced(unit.db, unit.vault, by_place)
    for receipt in came:
        row = by_place[receipt.merchant, receipt.warehouse, receipt.document.inbound_notice_id]
        pieces = receiving.match(desks.expected(row), receipt.document.lines, _meant(receipt))
        receipt.notice_id, receipt.status = row.id, receipts.BOOKED
        receipt.pieces = receive.rows_of(pieces)
        attached.setdefault(row.id, []).append(receipt)
    receipts.attach(unit.db, came)
    differences.settle(unit.db, [], [receipt.id for receipt in came])
    return attached


def _meant(receipt: ReceiptRow) -> dict[str, str]:
    """What its articles were known as when it was booked: without a notice, a piece a line."""
    lines = [line for line in receipt.document.lines if line.quantity > 0]
    pairs = zip(lines, receipt.pieces, strict=True)
    return {receiving.code_of(line): piece.sku for line, piece in pairs if piece.known}


def _again(
    unit: Unit, desk: Desk, origins: transfers.Origins, row: NoticeRow, telling: Told
) -> Verdict:
    """A notice that is known is told anew."""
    notice = _notice(telling)
    is_same = notices.digest(notice) == row.digest
    stored = revision.Telling(row.source_revision, row.occurred_at)
    news = announcing.news(stored, row.document.revision, notice, is_same=is_same)
    if news in _KNOWN:
        return _KNOWN[news]
    if news is News.CONFLICT:
        sentence = "this revision of the notice said something else before"
        return Verdict("parked", "contradiction", sentence, "revision")
    if (notice.warehouse, notice.from_warehouse) != (row.warehouse, row.origin):
        sentence = "a notice stays with its warehouses: cancel it, and announce another"
        return Verdict("parked", "contradiction", sentence, "warehouse")
    return _change(unit, desk, origins, row, telling)


_KNOWN = {
    News.SAME: Verdict("ignored", "repeated", "this notice is known"),
    News.STALE: Verdict("ignored", "stale", "a newer revision of the notice is stored"),
}


def _change(
    unit: Unit, desk: Desk, origins: transfers.Origins, row: NoticeRow, telling: Told
) -> Verdict:
    changed, age = _notice(telling), revision.telling(_notice(telling))
    number = max(changed.revision, row.document.revision + 1)
    before = (row.document, row.lines, row.digest)
    row.document = changed.model_copy(update={"revision": number})
    row.lines, row.digest = _changed_lines(row, changed), notices.digest(changed)
    lacking = origins.lacking(row) if row.status != State.DRAFT else None
    if lacking is not None:
        row.document, row.lines, row.digest = before
        return lacking
    try:
        desks.move(unit, desk, Event.CHANGE, Moved(row, "", telling.message_id))
    except IllegalTransition as error:
        desk.incidents.append(_too_late(row, str(error), telling))
        return Verdict("ignored", "contradiction", str(error))
    row.source_revision, row.occurred_at = age.revision, age.at
    desk.compared.add(row.id)
    if row.status == State.RECEIVING and all(it.received >= it.expected for it in row.lines):
        desks.move(unit, desk, Event.RECEIVE, Moved(row, "", telling.message_id))
    return Verdict()


def _changed_lines(row: NoticeRow, changed: InboundNotice) -> list[LineRow]:
    """The lines by their numbers. One that is gone expects nothing: what came of it stays."""
    stored = {line.line_no: line for line in row.lines}
    now = {line.line_no: line for line in changed.lines}
    lines = []
    for number in sorted({*stored, *now}):
        old, new = stored.get(number), now.get(number)
        line = LineRow(number, "", Decimal(0), Decimal(0))
        if new is not None:
            line.sku, line.expected, line.item_code = new.sku, new.quantity, new.item_code
            line.quality, line.batch = new.quality, new.batch
        if old is not None:
            if new is None or (old.received or old.sent):
                line.sku, line.item_code = old.sku, old.item_code
                line.quality, line.batch = old.quality, old.batch
            line.received, line.damaged = old.received, old.damaged
            line.sent, line.transit = old.sent, old.transit
        lines.append(line)
    return lines


def _too_late(row: NoticeRow, sentence: str, telling: Told) -> Incident:
    subject = f"inbound_notice:{row.number}"
    return Incident(row.merchant, "contradiction", subject, sentence, None, telling.message_id)
