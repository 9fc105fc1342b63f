"""What is in ShipBob's parcels, as lines of what was ordered.

An article that was picked from several lots has an entry for each. A kit is listed by its parts:
what was ordered is the kit, so that its parts are counted back into kits.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import gcd
from typing import Any

from hub.model.document import ZERO
from hub.model.fulfilment import ShippedLine
from mappings.kit import Context
from mappings.shipbob.wire import Order, Product

Pieces = Mapping[tuple[str | None, str | None], Decimal]
"""(Article, inventory item) -> pieces."""


def pieces(products: Iterable[Product]) -> Pieces:
    """What was picked."""
    counted: dict[tuple[str | None, str | None], Decimal] = {}
    for product in products:
        for item in product.inventory_items:
            key = product.called, item.id
            counted[key] = counted.get(key, ZERO) + item.pieces
    return counted


def recipe(order: Order) -> Pieces:
    """How many pieces of an inventory item make one ordered piece, as far as an order tells by what
    was picked for all of it. What was cancelled may have been picked anew.
    """
    ordered = {line.called: line.quantity for line in order.products if line.quantity}
    picked = pieces(line for shipment in order.shipments for line in shipment.products)
    going = [shipment for shipment in order.shipments if shipment.status != "cancelled"]
    kept = pieces(line for shipment in going for line in shipment.products)
    found: dict[tuple[str | None, str | None], Decimal] = {}
    for part, count in picked.items():
        wanted = ordered.get(part[0])
        if wanted and kept.get(part) == wanted:
            found[part] = Decimal(1)
        elif wanted and count and not count % wanted:
            found[part] = count / wanted
    return found


def lines(product: Product, recipe: Pieces, at: Context) -> Iterator[ShippedLine]:
    """The lines of one article."""
    other = product.reference_id if product.reference_id != product.called else None
    there = pieces([product])
    if len(there) == 1 and (product.is_itself or recipe.get(next(iter(there)), 1) == 1):
        for item in product.inventory_items:
            yield ShippedLine(
                sku=product.called,
                item_code=other or item.id,
                quantity=item.pieces,
                batch=item.lot,
                expires_on=item.expiration_date and item.expiration_date.date().isoformat(),
                serials=item.serials,
            )
    elif product.quantity is not None or there:
        told = product.quantity
        yield ShippedLine(
            sku=product.called,
            item_code=other or product.id,
            quantity=_kits(there, recipe, at) if told is None else told,
            serials=tuple(number for item in product.inventory_items for number in item.serials),
        )
    else:
        at.warn("no_contents", "the article names no pieces: it was left out", path="products")


def _kits(there: Pieces, recipe: Pieces, at: Context) -> Decimal:
    """How many whole kits these parts make."""
    if all(part in recipe for part in there):
        return min(count // recipe[part] for part, count in there.items())
    at.warn("kits_counted", "the kits were counted by their parts", path="products")
    return Decimal(gcd(*map(int, there.values())))


def exploded(products: Iterable[Product]) -> list[dict[str, Any]]:
    """The parts of kits, as they were picked."""
    return [
        {
            "sku": product.called,
            "inventory_id": item.id,
            "name": item.name,
            "quantity": str(item.pieces),
            **({"lot": item.lot} if item.lot else {}),
            **({"serials": list(item.serials)} if item.serial_numbers else {}),
        }
        for product in products
        if len(pieces([product])) > 1
        for item in product.inventory_items
    ]
