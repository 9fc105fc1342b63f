"""What Shopify is told: shipments as fulfilments, stock levels as available quantities.

Source: Admin GraphQL reference, `fulfillmentCreate` and `inventorySetQuantities`. Ids that only
the shop knows (fulfilment orders, inventory items, locations) are found by the adapter; here
stand the pure halves: the parcels to tell, what of them the shop was told already, and which of
its open fulfilment orders they come out of.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hub.model.errors import BadData, Rejected
from hub.model.fulfilment import Package, Shipment, ShippedLine, ShippedOrder
from hub.model.order import OrderCancellation, Refund
from hub.model.returns import Return
from hub.model.stock import StockLevel
from mappings.kit import Context, Encoders, times, word
from mappings.kit.marks import order_of
from mappings.shopify.refunds.told import refund
from mappings.shopify.returns.told import returned
from mappings.shopify.values import identity

# fmt: off
COMPANIES = {
    "anpost": "An Post", "australia_post": "Australia Post", "bpost": "BPost",
    "canada_post": "Canada Post", "china_post": "China Post", "chronopost": "Chronopost",
    "colissimo": "Colissimo", "correos": "Correos", "ctt": "CTT", "dhl": "DHL Express",
    "dhl_ecommerce": "DHL eCommerce", "dhl_express": "DHL Express", "dpd": "DPD", "evri": "Evri",
    "fedex": "FedEx", "gls": "GLS", "hermes": "Evri", "japan_post": "Japan Post (JA)",
    "la_poste": "La Poste", "mondial_relay": "Mondial Relay", "ninja_van": "NinjaVan",
    "nzpost": "New Zealand Post", "ontrac": "OnTrac", "poste_italiane": "Poste Italiane",
    "postnl": "PostNL", "postnord": "PostNord", "purolator": "Purolator",
    "royal_mail": "Royal Mail", "sagawa": "Sagawa (JA)", "sf_express": "SF Express",
    "swiss_post": "Swiss Post", "tnt": "TNT", "ups": "UPS", "usps": "USPS",
    "yamato": "Yamato (JA)", "yunexpress": "YunExpress",
}
# fmt: on
"""Our carrier -> the name by which Shopify knows it (and makes a tracking link from the number)."""

OPEN = frozenset({"open", "in_progress"})
GONE = frozenset({"cancelled", "error", "failure"})
CLOCKS_DIFFER = timedelta(hours=1)
MOST = 1_000_000_000
NOTE = "Given up by Order Hub, no. "


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one fulfilment tells: pieces by Shopify's line id, and how to follow them."""

    lines: Counter[str]
    company: str | None = None
    numbers: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    def tracking(self) -> dict[str, Any] | None:
        """`trackingInfo`: one number, or several of one carrier."""
        if not self.numbers:
            return None
        company = {"company": self.company} if self.company else {}
        if len(self.numbers) == 1:
            return {
                **company,
                "number": self.numbers[0],
                **({"url": self.urls[0]} if self.urls else {}),
            }
        urls = {"urls": list(self.urls)} if len(self.urls) == len(self.numbers) else {}
        return {**company, "numbers": list(self.numbers), **urls}


@dataclass(slots=True)
class OpenLine:
    """A line of a fulfilment order from which pieces may still be taken."""

    fulfilment_order: str
    location: str
    id: str
    line: str
    remaining: int


@dataclass(frozen=True, slots=True)
class Told:
    """A fulfilment that the shop has already."""

    id: str
    created_at: datetime | None
    numbers: frozenset[str]
    lines: Counter[str] = field(default_factory=Counter)


# --- shipments


def parcels(shipment: Shipment, at: Context) -> list[Parcel]:
    """One parcel for each package that names its contents; else one for all, with every
    tracking number.
    """
    order = order_of(shipment)
    packages = shipment.packages
    if packages and all(package.lines for package in packages):
        return [
            _parcel([package], _by_line(package.lines, order, f"packages.{place}"), at)
            for place, package in enumerate(packages)
        ]
    whole = Counter[str]()
    for place, line in enumerate(order.lines):
        whole[_known(line.channel_line_id, f"order.lines.{place}")] += int(line.quantity)
    return [_parcel(packages, whole, at)]


def _parcel(packages: Sequence[Package], lines: Counter[str], at: Context) -> Parcel:
    first = next(iter(packages), None)
    return Parcel(
        lines=+lines,
        company=_company(first, at) if first else None,
        numbers=tuple(it.tracking_number for it in packages if it.tracking_number),
        urls=tuple(it.tracking_url for it in packages if it.tracking_url),
    )


def _company(package: Package, at: Context) -> str | None:
    """Shopify's name for the carrier: the connection's own list, ours, the warehouse's words,
    the bare code.
    """
    own = {ours: theirs for theirs, ours in at.codes.get("tracking_companies", {}).items()}
    code = package.carrier or ""
    return own.get(code) or COMPANIES.get(code) or package.carrier_name or package.carrier


def _by_line(shipped: Iterable[ShippedLine], order: ShippedOrder, path: str) -> Counter[str]:
    by_number = {line.line_no: line.channel_line_id for line in order.lines}
    by_sku = {line.sku: line.channel_line_id for line in reversed(order.lines) if line.sku}
    found = Counter[str]()
    for place, line in enumerate(shipped):
        channel_line = by_number.get(line.line_no or 0) or by_sku.get(
            line.sku or line.item_code or ""
        )
        found[_known(channel_line, f"{path}.lines.{place}")] += int(line.quantity)
    return found


def _known(channel_line: str | None, path: str) -> str:
    if channel_line is None:
        raise BadData("the order has no such line at the channel", path=path, code="missing_field")
    return channel_line


def untold(wanted: Iterable[Parcel], told: Iterable[Told], shipped_at: datetime) -> list[Parcel]:
    """The parcels, or their rest, of which the shop knows nothing yet.

    A fulfilment is recognised by its tracking numbers and pieces. Without numbers it counts when
    it was made after the goods left, since nothing else tells ours from others.
    """
    known: dict[frozenset[str], Counter[str]] = {}
    for one in told:
        if one.numbers or (one.created_at and one.created_at >= shipped_at - CLOCKS_DIFFER):
            known.setdefault(one.numbers, Counter()).update(one.lines)
    left = []
    for parcel in wanted:
        seen = known.get(frozenset(parcel.numbers), Counter())
        rest = parcel.lines - seen
        seen.subtract(parcel.lines - rest)
        if rest:
            left.append(Parcel(rest, parcel.company, parcel.numbers, parcel.urls))
    return left


def fulfilments(parcel: Parcel, rows: Sequence[OpenLine], *, notify: bool) -> list[dict[str, Any]]:
    """`FulfillmentInput` for a parcel, one per location; the pieces are taken from the rows."""
    by_place: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for line, pieces in parcel.lines.items():
        for row, taken in _take(line, pieces, rows):
            group = by_place.setdefault(row.location, {}).setdefault(row.fulfilment_order, [])
            group.append({"id": row.id, "quantity": taken})
    tracking = parcel.tracking()
    return [
        {
            "lineItemsByFulfillmentOrder": [
                {"fulfillmentOrderId": number, "fulfillmentOrderLineItems": lines}
                for number, lines in groups.items()
            ],
            "notifyCustomer": notify,
            **({"trackingInfo": tracking} if tracking else {}),
        }
        for groups in by_place.values()
    ]


def _take(line: str, pieces: int, rows: Sequence[OpenLine]) -> list[tuple[OpenLine, int]]:
    taken = []
    for row in rows:
        part = min(pieces, row.remaining) if row.line == line else 0
        if part:
            taken.append((row, part))
            pieces -= part
    if pieces:
        raise Rejected(
            f"line {line}: the shop has {pieces} pieces fewer to fulfil than were shipped"
        )
    for row, part in taken:
        row.remaining -= part
    return taken


# --- what the shop's order says (GraphQL `order`)


def is_open(planned: dict[str, Any]) -> bool:
    """Whether pieces may still be taken from a fulfilment order."""
    return word(planned.get("status") or "") in OPEN


def open_lines(planned: dict[str, Any]) -> list[OpenLine]:
    """What is left to fulfil of one fulfilment order."""
    if not is_open(planned):
        return []
    place = ((planned.get("assignedLocation") or {}).get("location") or {}).get("id") or ""
    return [
        OpenLine(
            fulfilment_order=planned["id"],
            location=place,
            id=line["id"],
            line=identity(None, line["lineItem"]["id"]) or "",
            remaining=int(line["remainingQuantity"]),
        )
        for line in planned["lineItems"]["nodes"]
    ]


def told_fulfilments(order: dict[str, Any], at: Context) -> list[Told]:
    """The fulfilments that stand."""
    return [
        Told(
            id=identity(None, one["id"]) or one["id"],
            created_at=times.moment(one["createdAt"], at.zone) if one.get("createdAt") else None,
            numbers=frozenset(
                it["number"] for it in one.get("trackingInfo") or [] if it.get("number")
            ),
            lines=_told_lines(one),
        )
        for one in order.get("fulfillments") or []
        if word(one.get("status") or "") not in GONE
    ]


def _told_lines(fulfilment: dict[str, Any]) -> Counter[str]:
    found = Counter[str]()
    for line in (fulfilment.get("fulfillmentLineItems") or {}).get("nodes") or []:
        found[identity(None, line["lineItem"]["id"]) or ""] += int(line["quantity"])
    return found


# --- documents as the command line shows them


def shipment(document: Shipment, at: Context) -> dict[str, Any]:
    """A shipment as fulfilments, without the ids that only the shop knows."""
    return {
        "orderId": f"gid://shopify/Order/{order_of(document).channel_order_id}",
        "fulfillments": [
            {
                "trackingInfo": parcel.tracking(),
                "lineItems": [
                    {"id": f"gid://shopify/LineItem/{line}", "quantity": pieces}
                    for line, pieces in parcel.lines.items()
                ],
            }
            for parcel in parcels(document, at)
        ],
    }


def stock_level(document: StockLevel, _at: Context) -> dict[str, Any]:
    """A level as `inventorySetQuantities` takes it, without the ids that only the shop knows."""
    return {
        "name": "available",
        "reason": "correction",
        "referenceDocumentUri": f"orderhub://stock-level/{document.version}",
        "sku": document.sku,
        "quantity": min(max(int(document.available), 0), MOST),
    }


def order_cancellation(document: OrderCancellation, _at: Context) -> dict[str, Any]:
    """Pieces taken out as `refundCreate` does it, without money and without stock."""
    return {
        "orderId": f"gid://shopify/Order/{document.channel_order_id}",
        "note": cancellation_note(document),
        "notify": False,
        "refundLineItems": [
            {
                "lineItemId": f"gid://shopify/LineItem/"
                f"{_known(line.channel_line_id, f'lines.{at}.channel_line_id')}",
                "quantity": int(line.quantity),
                "restockType": "NO_RESTOCK",
            }
            for at, line in enumerate(document.lines)
        ],
        "transactions": [],
    }


def whole_cancellation(document: OrderCancellation, *, notify: bool) -> dict[str, Any]:
    """What `orderCancel` takes."""
    return {
        "orderId": f"gid://shopify/Order/{document.channel_order_id}",
        "reason": "OTHER",
        "restock": False,
        "notifyCustomer": notify,
        "staffNote": cancellation_note(document),
    }


def cancellation_note(document: OrderCancellation) -> str:
    """The reference by which the shop's record of it is known as ours."""
    return f"{NOTE}{document.source.id}"


ENCODE: Encoders = {
    OrderCancellation: order_cancellation,
    Refund: refund,
    Return: returned,
    Shipment: shipment,
    StockLevel: stock_level,
}
