"""Goods in: what warehouses count and what they say moved. Every difference is a ledger line,
never a silent overwrite.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from hub.flows import waiting
from hub.flows.unit import Told, Unit, Verdict
from hub.model.stock import ChangedLine, ReportedLine, StockChange, StockReport
from hub.store import catalogue, stock, timeline
from hub.store.stock import Movement

_ZERO = Decimal(0)


def count(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Reconcile a warehouse's own count: the difference is booked as a stocktake."""
    return [_count(unit, one) for one in told]


def change(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Book movements that no document of ours caused, each change once."""
    return [_change(unit, one) for one in told]


def _count(unit: Unit, told: Told) -> Verdict:
    report = told.document
    assert isinstance(report, StockReport)
    articles = _articles(unit, told, report.lines)
    if isinstance(articles, Verdict):
        return articles
    if not stock.once(
        unit.db, told.merchant, "stock_report", [f"{told.partner.code}:{report.report_id}"]
    ):
        return Verdict("ignored", "repeated", "this report is known")
    counted: dict[tuple[str, str, str], Decimal] = {}
    for line in report.lines:
        merchant, sku = articles[line.sku or line.item_code or ""]
        at = (merchant, sku, line.quality)
        counted[at] = counted.get(at, _ZERO) + line.on_hand
    movements, stale = [], 0
    for merchant in sorted({merchant for merchant, _, _ in counted}):
        held = stock.lock(
            unit.db,
            told.partner.code,
            merchant,
            [sku for owner, sku, _ in counted if owner == merchant],
        )
        for (owner, sku, quality), pieces in sorted(counted.items()):
            if owner != merchant:
                continue
            row = held.get((sku, quality))
            if row is not None and row.counted_at is not None and row.counted_at > report.at:
                stale += 1
                continue
            delta = pieces - (row.on_hand if row is not None else _ZERO)
            movements.append(
                Movement(
                    owner,
                    told.partner.code,
                    sku,
                    delta,
                    "stocktake",
                    f"stock_report:{report.report_id}",
                    quality,
                    actor=told.partner.code,
                )
            )
            if row is not None and pieces < row.reserved:
                _oversold(unit, told, owner, sku, pieces, row.reserved)
    if stale and not movements:
        return Verdict("ignored", "stale", "a newer count is stored")
    stock.move(unit.db, movements)
    stock.mark_counted(
        unit.db, told.partner.code, [(m.merchant, m.sku, m.quality) for m in movements], report.at
    )
    _grown(unit, movements, told)
    return Verdict()


def _change(unit: Unit, told: Told) -> Verdict:
    said = told.document
    assert isinstance(said, StockChange)
    articles = _articles(unit, told, said.lines)
    if isinstance(articles, Verdict):
        return articles
    if not stock.once(
        unit.db, told.merchant, "stock_change", [f"{told.partner.code}:{said.change_id}"]
    ):
        return Verdict("ignored", "repeated", "this change is known")
    movements = [
        Movement(
            *articles[line.sku or line.item_code or ""][:1],
            told.partner.code,
            articles[line.sku or line.item_code or ""][1],
            line.delta,
            said.reason,
            f"stock_change:{said.change_id}",
            line.quality,
            actor=told.partner.code,
        )
        for line in said.lines
    ]
    stock.move(unit.db, movements)
    _grown(unit, movements, told)
    return Verdict()


def _articles(
    unit: Unit, told: Told, lines: Sequence[ReportedLine | ChangedLine]
) -> Mapping[str, tuple[str, str]] | Verdict:
    """Their code -> (merchant, SKU). A code that nobody knows lets the message wait for it."""
    codes = sorted({line.sku or line.item_code or "" for line in lines})
    found = catalogue.articles_of(unit.db, told.partner.code, told.merchant, codes)
    for at, line in enumerate(lines):
        code = line.sku or line.item_code or ""
        if code not in found:
            message = f"no product or reference for article {code[:60]!r}"
            return Verdict(
                "waiting", "unknown_code", message, f"lines.{at}.sku", waits_for=f"sku:{code}"
            )
    return found


def _grown(unit: Unit, movements: Sequence[Movement], told: Told) -> None:
    stock.touch(unit.db, [(one.merchant, one.sku) for one in movements])
    waiting.appeared(
        unit,
        [
            (one.merchant, f"stock:{one.merchant}:{one.sku}")
            for one in movements
            if one.delta > 0 and one.quality == "good"
        ],
        told.message_id,
    )


def _oversold(
    unit: Unit, told: Told, merchant: str, sku: str, counted: Decimal, reserved: Decimal
) -> None:
    there, promised = f"{counted.normalize():f}", f"{reserved.normalize():f}"
    sentence = f"{told.partner.code} counts {there} of {sku}, but {promised} are promised"
    subject = f"stock:{told.partner.code}:{sku}"
    timeline.open_incidents(
        unit.db,
        [
            timeline.Incident(
                merchant, "counted_below_reserved", subject, sentence, None, told.message_id
            )
        ],
    )
