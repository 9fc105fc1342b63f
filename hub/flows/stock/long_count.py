"""A warehouse's long count, reconciled by sets in the database: the same difference, ledger lines
and incidents as of a short one (`goods_in.py`), without a level of it in memory.

Orders that wait for what came in are woken by what the booking itself leaves word of.
"""

from decimal import Decimal
from uuid import UUID

from hub.flows.unit import Told, Unit
from hub.model.stock import StockReport
from hub.rules.messages.receiving import Verdict
from hub.rules.stock import stocktake
from hub.rules.stock.stocktake import Oversold
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.stock import counting, stock_levels

LONG = 10_000
"""Lines from which on a count is long."""


def count(unit: Unit, telling: Told, report: StockReport) -> Verdict:
    """Reconcile one long count."""
    partner = telling.partner
    document = f"{report.type}:{report.business_id}"
    counted = counting.Count(partner.code, partner.merchant, report.at, document, partner.code)
    counting.lay_out(
        unit.db, ((stocktake.code_of(line), line.quality, line.on_hand) for line in report.lines)
    )
    key = f"{partner.code}:{report.business_id}"
    with unit.db.begin_nested() as savepoint:
        if not stock_levels.once(unit.db, telling.merchant, report.type, [key]):
            return Verdict("ignored", "repeated", "this report is known")
        difference = counting.book_as_named(unit.db, counted)
        if difference is None:
            savepoint.rollback()
    if difference is None:
        unknown = counting.first_unknown(unit.db, counted)
        if unknown is not None:
            return waiting(*unknown)
        if not stock_levels.once(unit.db, telling.merchant, report.type, [key]):
            return Verdict("ignored", "repeated", "this report is known")
        difference = counting.book(unit.db, counted)
    incidents.open_new(
        unit.db,
        [
            oversold(telling, Oversold((row.merchant_id, row.sku, ""), row.counted, row.reserved))
            for row in difference.oversold
        ],
    )
    if not difference.taken:
        return Verdict("ignored", "stale", "a newer count is stored")
    return Verdict()


def waiting(at: int, code: str) -> Verdict:
    """It waits for an article that nobody knows."""
    message = f"no product or reference for article {code[:60]!r}"
    return Verdict("waiting", "unknown_code", message, f"lines.{at}.sku", waits_for=f"sku:{code}")


def oversold(telling: Told, short: Oversold) -> Incident:
    """More is promised than was counted."""
    merchant, sku, _ = short.place
    there = (short.counted, short.reserved)
    return promised(telling.partner.code, merchant, sku, there, telling.message_id)


def promised(
    code: str, merchant: str, sku: str, there: tuple[Decimal, Decimal], cause: UUID | None = None
) -> Incident:
    """The same of pieces counted and promised, whoever counted."""
    counted, reserved = (f"{pieces.normalize():f}" for pieces in there)
    return Incident(
        merchant,
        "counted_below_reserved",
        f"stock:{code}:{sku}",
        f"{code} counts {counted} of {sku}, but {reserved} are promised",
        None,
        cause,
    )
