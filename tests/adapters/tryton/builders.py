"""Orders whose amounts follow from price, quantity and rate, tax rounded by line as shops do."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.model.document import Address, Source
from hub.model.fulfilment import Package, Shipment, ShippedLine, ShippedOrder, ShippedOrderLine
from hub.model.money import round_to
from hub.model.order import (
    Customer,
    Fee,
    OrderLine,
    Refund,
    RefundLine,
    SalesOrder,
    ShippingLine,
    TaxLine,
    Totals,
)

CHANNEL = "shop-eu"
PLACED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ZERO = Decimal(0)
HOME = Address(
    name="Jeanne Martin",
    lines=("5 avenue de la Gare", "Bâtiment B"),
    city="Lyon",
    postal_code="69001",
    country="FR",
)
BUYER = Customer(
    channel_customer_id="77",
    name="Jeanne Martin",
    email="jeanne@example.com",
    phone="+33478000000",
)


def tax_of(amount: Decimal, rate: Decimal, *, included: bool) -> Decimal:
    part = amount * rate / (1 + rate) if included else amount * rate
    return round_to(part, "EUR")


def line(
    sku: str | None,
    quantity: int,
    price: str,
    rate: str = "0.20",
    *,
    discount: str = "0",
    included: bool = False,
    **more: Any,
) -> dict[str, Any]:
    """The fields of an order line; `line_no` and ids come with the order."""
    amount = Decimal(price) * quantity - Decimal(discount)
    tax = tax_of(amount, Decimal(rate), included=included)
    stated = (TaxLine(title="VAT", rate=Decimal(rate), amount=tax),) if tax else ()
    return {
        "sku": sku,
        "title": f"Article {sku}",
        "quantity": quantity,
        "unit_price": Decimal(price),
        "discount": Decimal(discount),
        "tax": tax,
        "total": amount if included else amount + tax,
        "tax_lines": stated,
        **more,
    }


def shipping(
    price: str, rate: str = "0.20", *, included: bool = False, stated: bool = True
) -> ShippingLine:
    """A delivery charge, its tax named or only its amount."""
    amount = Decimal(price)
    tax = tax_of(amount, Decimal(rate), included=included)
    lines = (TaxLine(title="VAT", rate=Decimal(rate), amount=tax),) if tax and stated else ()
    total = amount if included else amount + tax
    return ShippingLine(title="Parcel", price=amount, tax=tax, total=total, tax_lines=lines)


def order(number: str, *lines: dict[str, Any], **changes: Any) -> SalesOrder:
    """A paid order; what is not said follows from the lines."""
    changes = {"shipping": (), "fees": (), "currency": "EUR", "prices_include_tax": False} | changes
    made = tuple(
        OrderLine(line_no=n, channel_line_id=f"{number}-{n}", **given)
        for n, given in enumerate(lines, start=1)
    )
    parts = [*made, *changes["shipping"], *changes["fees"]]
    rounding = Decimal(changes.pop("rounding", "0"))
    totals = Totals(
        items=sum((one.unit_price * one.quantity for one in made), ZERO),
        discount=sum((one.discount for one in made), ZERO),
        shipping=sum((one.price for one in changes["shipping"]), ZERO),
        fees=sum((one.amount for one in changes["fees"]), ZERO),
        tax=sum((one.tax for one in parts), ZERO),
        rounding=rounding,
        grand_total=sum((one.total for one in parts), ZERO) + rounding,
    )
    values: dict[str, Any] = {
        "source": Source(connection=CHANNEL, id=number, revision="1"),
        "channel_order_id": number,
        "order_number": f"#{number}",
        "placed_at": PLACED,
        "payment_state": "paid",
        "customer": BUYER,
        "ship_to": HOME,
        "bill_to": HOME,
        "lines": made,
        "totals": totals,
    }
    return SalesOrder(**values | changes)


def fee(amount: str, tax: str) -> Fee:
    """A surcharge; channels name no rate for it."""
    total = Decimal(amount) + Decimal(tax)
    return Fee(title="Cash on delivery", amount=Decimal(amount), tax=Decimal(tax), total=total)


def shipment(
    of: SalesOrder, name: str, pieces: dict[str | None, int] | None = None, *, last: bool = True
) -> Shipment:
    """What left for an order; all of it unless said otherwise."""
    left = pieces
    if left is None:
        left = {}
        for one in of.lines:
            open_pieces = int(one.quantity - one.cancelled_quantity)
            if one.ours_to_ship and open_pieces:
                left[one.sku] = left.get(one.sku, 0) + open_pieces
    packed = tuple(ShippedLine(sku=sku, quantity=Decimal(n)) for sku, n in left.items())
    told = tuple(
        ShippedOrderLine(line_no=at, sku=sku, quantity=Decimal(n))
        for at, (sku, n) in enumerate(left.items(), start=1)
    )
    return Shipment(
        source=Source(connection="wh-ams", id=name),
        fulfilment_order_id=f"F-{of.channel_order_id}",
        shipped_at=PLACED,
        complete=last,
        packages=(Package(tracking_number=f"TRACK-{name}", lines=packed),),
        order=ShippedOrder(
            channel=of.source.connection,
            channel_order_id=of.channel_order_id,
            order_number=of.order_number,
            merchant="acme",
            warehouse="wh-ams",
            lines=told,
            order_complete=last,
        ),
    )


def refund(of: SalesOrder, name: str, amount: str, *lines: RefundLine, **changes: Any) -> Refund:
    """Money back for an order; `amount` is all of it."""
    values: dict[str, Any] = {
        "source": Source(connection=of.source.connection, id=name),
        "refund_id": name,
        "channel_order_id": of.channel_order_id,
        "created_at": PLACED,
        "currency": of.currency,
        "amount": Decimal(amount),
        "lines": lines,
    }
    return Refund(**values | changes)


def back(sku: str | None, pieces: int, amount: str, tax: str, *, restock: bool) -> RefundLine:
    """Pieces that money was given back for."""
    amounts = {"amount": Decimal(amount), "tax": Decimal(tax)}
    return RefundLine(sku=sku, quantity=Decimal(pieces), restock=restock, **amounts)
