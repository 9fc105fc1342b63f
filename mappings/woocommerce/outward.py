"""What a WooCommerce site is told, as the bodies of its REST calls.

Source: REST API reference ("Orders", "Order notes", "Order refunds", "Products"); for tracking,
which has no endpoint of its own, the Shipment Tracking plug-in's. What can be recognised again says
whose it is: a note ends with our number.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.fulfilment import Package, Shipment
from hub.model.money import EXPONENT, add, split
from hub.model.order import OrderCancellation, Refund
from hub.model.stock import StockLevel
from mappings.kit import Context, Encoders
from mappings.kit.marks import marked, order_of

MOST = 1_000_000_000

# fmt: off
PROVIDERS = {
    "australia_post": "Australia Post", "bpost": "bpost", "bring": "Bring",
    "canada_post": "Canada Post", "colissimo": "Colissimo", "correos": "Correos",
    "deutsche_post": "Deutsche Post DHL", "dhl": "DHL", "dhl_express": "DHL",
    "dhl_parcel": "DHL Parcel", "dpd": "DPD", "evri": "EVRi", "fedex": "Fedex", "gls": "GLS",
    "itella": "Itella", "la_poste": "Colissimo", "nzpost": "New Zealand Post", "ontrac": "OnTrac",
    "postnl": "PostNL", "postnord": "PostNord Sverige AB", "royal_mail": "Royal Mail",
    "ups": "UPS", "usps": "USPS",
}
# fmt: on
"""Our carrier -> the name by which the plug-in knows it and makes a link from the number."""


def trackings(shipment: Shipment, at: Context) -> list[dict[str, Any]]:
    """One entry of the Shipment Tracking plug-in for each tracking number."""
    day = shipment.shipped_at.date().isoformat()
    return [
        {**_provider(package, at), "tracking_number": package.tracking_number, "date_shipped": day}
        for package in _once(shipment.packages)
    ]


def _once(packages: Sequence[Package]) -> list[Package]:
    return list({pack.tracking_number: pack for pack in packages if pack.tracking_number}.values())


def _provider(package: Package, at: Context) -> dict[str, Any]:
    own = {ours: theirs for theirs, ours in at.codes.get("tracking_providers", {}).items()}
    known = own.get(package.carrier or "") or PROVIDERS.get(package.carrier or "")
    if known and not package.tracking_url:
        return {"tracking_provider": known}
    name = known or package.carrier_name or package.carrier or "Carrier"
    link = {"custom_tracking_link": package.tracking_url} if package.tracking_url else {}
    return {"custom_tracking_provider": name, **link}


def shipment_note(shipment: Shipment, at: Context) -> str:
    """What the customer and the shop's staff read of a shipment."""
    parcels = [
        " ".join(
            part
            for part in (
                entry.get("tracking_provider") or entry.get("custom_tracking_provider"),
                entry["tracking_number"],
                entry.get("custom_tracking_link"),
            )
            if part
        )
        for entry in trackings(shipment, at)
    ]
    told = "; ".join(parcels) or "without a tracking number"
    return marked(f"Shipped {shipment.shipped_at.date().isoformat()}: {told}.", shipment)


# --- documents as the command line shows them


def shipment(document: Shipment, at: Context) -> dict[str, Any]:
    """A shipment: the note, its trackings, and the status where the order is complete with it."""
    order = order_of(document)
    return {
        "order": order.channel_order_id,
        "note": {"note": shipment_note(document, at), "customer_note": True},
        "trackings": trackings(document, at),
        **({"status": "completed"} if order.order_complete else {}),
    }


def stock_level(document: StockLevel, _at: Context) -> dict[str, Any]:
    """A level as a product or a variation takes it."""
    return {
        "sku": document.sku,
        "manage_stock": True,
        "stock_quantity": min(max(int(document.available), 0), MOST),
    }


def refund(
    document: Refund, _at: Context, order: dict[str, Any] | None = None, *, pays: bool = False
) -> dict[str, Any]:
    """Money back. `pays`: the site's own gateway moves it; else it was moved elsewhere, and is
    only noted. `order`, as the site shows it, says which rates taxed its lines and which way of
    shipping it had. No piece is put back: stock is told with the levels.
    """
    items = _items(order or {})
    lines = [
        _given(items, line.channel_line_id, int(line.quantity), line.amount, line.tax, document)
        for line in document.lines
        if line.channel_line_id
    ]
    way = next((id_ for id_, item in items.items() if item.get("method_id") is not None), None)
    if document.shipping_amount and way is not None:
        tax = add(document.tax, *(-line.tax for line in document.lines))
        lines.append(_given(items, way, 0, document.shipping_amount, max(tax, ZERO), document))
    return {
        "amount": f"{document.amount:f}",
        "reason": marked(document.reason, document),
        "api_refund": pays,
        "api_restock": False,
        **({"line_items": lines} if lines else {}),
    }


def _items(order: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The order's lines and ways of shipping by their numbers."""
    given = [*(order.get("line_items") or []), *(order.get("shipping_lines") or [])]
    return {str(item["id"]): item for item in given}


def _given(
    items: dict[str, dict[str, Any]],
    number: str,
    quantity: int,
    amount: Decimal,
    tax: Decimal,
    document: Refund,
) -> dict[str, Any]:
    """What is given back of one item, its tax by the rates that it bore."""
    rates = [it for it in items.get(number, {}).get("taxes") or [] if it.get("total")]
    weights = [abs(Decimal(str(it["total"]))) for it in rates]
    known = tax and document.currency in EXPONENT and any(weights)
    shares = split(tax, weights, document.currency) if known else []
    taxed = [
        {"id": int(it["id"]), "refund_total": float(share)}
        for it, share in zip(rates, shares, strict=False)
    ]
    return {
        "id": int(number),
        **({"quantity": quantity} if quantity else {}),
        "refund_total": float(amount),
        **({"refund_tax": taxed} if taxed else {}),
    }


def order_cancellation(document: OrderCancellation, _at: Context) -> dict[str, Any]:
    """A whole order given up; of a part the site has only a note."""
    if document.whole:
        return {"status": "cancelled"}
    pieces = (
        f"{line.quantity.normalize():f} of {line.sku or f'line {line.line_no}'}"
        for line in document.lines
    )
    note = marked(f"Will not be sent: {', '.join(pieces)}.", document)
    return {"note": note, "customer_note": False}


ENCODE: Encoders = {
    OrderCancellation: order_cancellation,
    Refund: refund,
    Shipment: shipment,
    StockLevel: stock_level,
}
