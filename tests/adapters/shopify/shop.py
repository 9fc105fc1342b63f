"""A shop on this machine, an adapter connected to it, and documents to tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from adapters.kit.http import Transport
from adapters.ports import Call, Parts, now_utc
from adapters.shopify import ADAPTER, Settings
from hub.model.document import Source
from hub.model.fulfilment import Package, Shipment, ShippedLine, ShippedOrder, ShippedOrderLine
from hub.model.stock import StockLevel
from mappings.kit import Context
from sandbox.shopify import Shop

LINES = {11: ("CUP", 2), 12: ("POT", 1), 13: ("JAR", 3)}


def body(number: int = 5001) -> dict[str, Any]:
    """An order of three lines."""
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "created_at": "2026-05-04T10:00:00Z",
        "updated_at": "2026-05-04T10:00:00Z",
        "currency": "EUR",
        "financial_status": "paid",
        "total_price": "60.00",
        "line_items": [
            {"id": id_, "sku": sku, "title": sku, "price": "10.00", "requires_shipping": True,
             "quantity": pieces, "fulfillable_quantity": pieces}
            for id_, (sku, pieces) in LINES.items()
        ],
    }  # fmt: skip


@contextmanager
def connected(
    version: str = "2026-07", timeout_s: float = 5, **shop: Any
) -> Iterator[tuple[Shop, Parts]]:
    """A running shop and its adapter."""
    with Shop(token="t0ken", secret="hush", **shop) as running:
        yield running, adapter(running.url, api_version=version, timeout_s=timeout_s)


def adapter(url: str = "http://127.0.0.1:9", timeout_s: float = 5, **settings: Any) -> Parts:
    """An adapter with the secrets of the shop above."""
    told = {"api_url": url, "shop": "demo-shop", "webhook_secret": "hush", "access_token": "t0ken"}
    read = Settings.model_validate({**told, **settings})
    return ADAPTER.connect(read, Context("shop-eu", "acme"), Transport.local(timeout_s), now_utc)


def call(headers: dict[str, str], raw: bytes) -> Call:
    """A delivery as the gateway hands it over."""
    return Call("POST", "", {name.lower(): value for name, value in headers.items()}, raw)


def shipment(*parcels: tuple[str | None, dict[int, int]], number: int = 5001) -> Shipment:
    """Parcels: tracking number, and pieces by line number."""
    lines = [
        ShippedOrderLine(line_no=n, channel_line_id=str(id_), sku=sku, quantity=pieces)
        for n, (id_, (sku, pieces)) in enumerate(LINES.items(), start=1)
    ]
    return Shipment(
        source=Source(connection="wh", id="c1"),
        fulfilment_order_id="F-1",
        shipped_at=datetime.now(UTC),
        packages=tuple(
            Package(
                carrier="dhl",
                tracking_number=tracking,
                lines=tuple(
                    ShippedLine(line_no=n, quantity=pieces) for n, pieces in inside.items()
                ),
            )
            for tracking, inside in parcels
        ),
        order=ShippedOrder(
            channel="shop-eu",
            channel_order_id=str(number),
            order_number=f"#{number}",
            merchant="acme",
            warehouse="wh",
            lines=tuple(lines),
        ),
    )


def level(sku: str = "CUP", available: int = 5, version: int = 1) -> StockLevel:
    """What may be sold of an article."""
    return StockLevel(
        source=Source(connection="hub", id=sku),
        sku=sku,
        channel="shop-eu",
        available=available,
        at=datetime.now(UTC),
        version=version,
    )
