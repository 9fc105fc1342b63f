"""Orders and parts of them that are valid by default; a test names only what it is about."""

from datetime import UTC, datetime
from decimal import Decimal

from hub.model.document import Address, Source
from hub.model.fulfilment import Package, Shipment, ShippedLine, ShortLine
from hub.model.order import OrderLine, SalesOrder, Totals

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADDRESS = Address(
    name="Ada Example",
    lines=("Keizersgracht 1",),
    city="Amsterdam",
    postal_code="1015",
    country="NL",
)


def line(line_no=1, sku="A", quantity=1, unit_price="10.00", **given):
    gross = Decimal(unit_price) * quantity
    total = gross - Decimal(given.get("discount", 0)) + Decimal(given.get("tax", 0))
    return OrderLine(
        **{
            "line_no": line_no,
            "channel_line_id": f"L{line_no}",
            "sku": sku,
            "quantity": quantity,
            "unit_price": unit_price,
            "total": total,
            **given,
        }
    )


def order(*lines, **given):
    """An order that adds up: sums are made from the lines unless `totals` is given."""
    lines = lines or (line(),)
    parts = (*lines, *given.get("shipping", ()), *given.get("fees", ()))
    totals = {
        "items": sum((one.unit_price * one.quantity for one in lines), Decimal(0)),
        "tax": sum((part.tax for part in parts), Decimal(0)),
        "grand_total": sum((part.total for part in parts), Decimal(0)),
        **given.pop("totals", {}),
    }
    return SalesOrder(
        **{
            "source": Source(connection="shop-eu", id="e1"),
            "channel_order_id": "4507",
            "order_number": "#1001",
            "placed_at": AT,
            "payment_state": "paid",
            "currency": "EUR",
            "ship_to": ADDRESS,
            "lines": lines,
            "totals": Totals(**totals),
            **given,
        }
    )


def shipped_line(quantity, **given):
    return ShippedLine(quantity=quantity, **given)


def parcel(*lines, **given):
    return Package(lines=lines, **given)


def shipment(*packages, complete=True, short=()):
    return Shipment(
        source=Source(connection="wh-ams", id="s1"),
        fulfilment_order_id="F-1",
        shipped_at=AT,
        complete=complete,
        packages=packages,
        short=short,
    )


def short(quantity, **given):
    return ShortLine(quantity=quantity, **given)
