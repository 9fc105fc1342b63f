"""What left, what was counted, and how far orders are: from lines to canonical documents."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.fulfilment import (
    FulfilmentStatus,
    Package,
    Quality,
    Shipment,
    ShippedLine,
    WarehouseWord,
)
from hub.model.stock import ReportedLine, StockReport
from mappings.csv_drop import returns
from mappings.csv_drop.told import Line, Told, digest_of
from mappings.kit import Context, tracking_numbers, word

_YES = frozenset({"yes", "y", "true", "1", "ja", "x"})


def shipments(told: Told, at: Context) -> list[Document]:
    """What left: a shipment for each order and number of a shipment, whatever the rows' order."""
    return [_shipment(lines, told.written_at, at) for lines in together("shipments", told.lines)]


def stock(told: Told, at: Context) -> list[Document]:
    """What was counted. What is not in it is not known to be zero: a file may come in parts."""
    counted = [(line, reported(line)) for line in told.lines]
    lines = tuple(found for _, found in counted if found is not None)
    if not lines:
        raise Ignored("no_consequence", "all goods are still in transit")
    moments = [moment for line, _ in counted if (moment := line.moment("at"))]
    when = max(moments, default=told.written_at)
    number = digest_of(told.lines, when)
    return [
        StockReport(
            source=at.source(number, occurred_at=when),
            warehouse=at.connection,
            at=when,
            report_id=number,
            lines=lines,
        )
    ]


def statuses(told: Told, at: Context) -> list[Document]:
    """How far orders are, a document for each line."""
    found = [status for line in told.lines if (status := _status(line, told.written_at, at))]
    if not found:
        raise Ignored("no_consequence", "it says nothing of progress")
    return [*found]


def together(kind: str, lines: Iterable[Line]) -> list[Sequence[Line]]:
    """Lines that make one document, in their order."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(about(kind, line), []).append(line)
    return [*groups.values()]


def about(kind: str, line: Line) -> str:
    """What a line is about: lines that agree in it are kept together."""
    if kind == "stock":
        return line.needed("sku")
    if kind == "return_receipts":
        return returns.about(line)
    if kind == "statuses":
        return f"{line.needed('order')} {line.row.line}"
    return f"{line.needed('order')} {line.id('shipment') or ''}"


def reported(line: Line) -> ReportedLine | None:
    """A line of a count; None for goods that are still on their way to the warehouse."""
    told = line.text("quality")
    kind = line.at.ours("qualities", told, path=line.path("quality")) if told else "good"
    on_hand = line.number_of("on_hand")
    if on_hand is None:
        line.needed("on_hand")
    if kind not in {"good", "defective"}:
        return None
    return ReportedLine(
        sku=line.needed("sku"),
        quality=cast("Quality", kind),
        on_hand=on_hand,
        reserved=line.number_of("reserved"),
        batch=line.text("batch"),
        expires_on=line.text("expires_on"),
    )


def _shipment(lines: Sequence[Line], written_at: datetime, at: Context) -> Shipment:
    order, number = lines[0].needed("order"), lines[0].id("shipment")
    when = max((moment for line in lines if (moment := line.moment("shipped_at"))), default=None)
    packages = _packages(lines, at)
    named = any(package.lines for package in packages)
    said = next((told for line in lines if (told := line.text("complete"))), None)
    shipped_at = when or written_at
    return Shipment(
        source=at.source(f"{order[:100]}:{digest_of(lines, when)}", occurred_at=shipped_at),
        fulfilment_order_id=order,
        warehouse_reference=number,
        shipped_at=shipped_at,
        complete=word(said) in _YES if said else not named,
        packages=packages,
    )


def _packages(lines: Sequence[Line], at: Context) -> tuple[Package, ...]:
    """By number of the package and tracking number, in their order. Of several tracking numbers in
    one cell the first has the pieces.
    """
    parcels: dict[tuple[str | None, str | None], list[Line]] = {}
    heads: dict[tuple[str | None, str | None], Line] = {}
    for line in lines:
        first, *others = tracking_numbers(line.described("tracking_number")) or (None,)
        package = line.text("package")
        parcels.setdefault((package, first), []).append(line)
        for tracking in (first, *others):
            heads.setdefault((package, tracking), line)
    return tuple(_package(key, head, parcels.get(key, ()), at) for key, head in heads.items())


def _package(
    key: tuple[str | None, str | None], head: Line, lines: Sequence[Line], at: Context
) -> Package:
    package, tracking = key
    told = head.text("carrier")
    return Package(
        package_id=package,
        carrier=at.carrier(told, path=head.path("carrier")),
        carrier_name=told,
        service=head.text("service"),
        tracking_number=tracking,
        tracking_url=head.text("tracking_url"),
        lines=tuple(_shipped(line) for line in lines if line.text("sku") or line.text("line_no")),
    )


def _shipped(line: Line) -> ShippedLine:
    number, serial = line.number_of("line_no"), line.text("serial")
    return ShippedLine(
        line_no=int(number) if number and not number % 1 else None,
        sku=line.id("sku"),
        quantity=line.pieces_of("quantity"),
        batch=line.text("batch"),
        serials=(serial,) if serial else (),
    )


def _status(line: Line, written_at: datetime, at: Context) -> FulfilmentStatus | None:
    order, told = line.needed("order"), line.needed("status")
    ours = at.ours("fulfilment_statuses", told, path=line.path("status"))
    if ours == "none":
        return None
    told_at = line.moment("at")
    when = told_at or written_at
    return FulfilmentStatus(
        source=at.source(f"{order[:100]}:{digest_of([line], told_at)}", occurred_at=when),
        fulfilment_order_id=order,
        status=cast("WarehouseWord", ours),
        at=when,
        reason=line.text("reason"),
        message=line.text("message"),
        warehouse_reference=line.described("reference"),
    )
