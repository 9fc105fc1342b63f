"""The hub as it is, and as the file wants it, in one form to compare."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from hub.flows.config.applying import return_terms, stock_rules
from hub.flows.config.applying.changes import Snapshot
from hub.flows.config.applying.rows import Connection, Stock
from hub.flows.config.applying.shape import PRODUCT_FIELDS, File, product_tree
from hub.flows.unit import Unit
from hub.model.document import pieces
from hub.model.merchant import OPERATOR
from hub.model.product import Product
from hub.store.config import secrets, snapshot, writes
from hub.store.config.snapshot import Directory
from hub.store.stock import openings
from hub.store.stock.openings import Opening

Takes = Mapping[str, Collection[str]]
"""Connection -> the document types that it is to be told."""


def current(unit: Unit, file: File) -> Snapshot:
    """What there is of what the file names."""
    pairs = {(row.merchant, row.product.sku) for row in file.products.values()}
    opened = [opening(row, unit.directory, file) for row in file.stock.values()]
    pairs |= {(balance.merchant, balance.sku) for balance in opened}
    return {
        "network": {"": network_of(unit.directory.network)},
        "merchant": {code: dict(fields) for code, fields in unit.directory.merchants.items()},
        "connection": {
            partner.code: _partner(partner) for partner in unit.directory.connections.values()
        },
        "product": {
            product_name(row.merchant_id, row.sku): product_of(row)
            for row in writes.products(unit.db, pairs)
        },
        "stock": _stock(openings.booked(unit.db, {balance.merchant for balance in opened})),
        **stock_rules.current(unit, file),
        "routing": {code: {"rules": rules} for code, rules in unit.directory.rules.items()},
        "review": {code: {"rules": rules} for code, rules in unit.directory.review.items()},
        return_terms.KIND: return_terms.current(unit, file),
    }


def wanted(
    unit: Unit, file: File, takes: Takes, facts: Mapping[str, Any], now: Snapshot
) -> Snapshot:
    """What the file wants; where it leaves something open, what there is."""
    return {
        "network": {"": network_of(file.network.model_dump())} if file.network else {},
        "merchant": {
            row.code: {
                **now["merchant"].get(row.code, {}),
                **row.model_dump(exclude={"code"}, exclude_none=True),
            }
            for row in file.merchants.values()
        },
        "connection": {
            row.code: {
                "adapter": row.adapter,
                "settings": row.settings,
                "secrets": _bound(unit, row, now["connection"].get(row.code, {})),
                "limits": limits(row.limits.model_dump(exclude_none=True)),
                **row.options(),
                "takes": sorted(takes[row.code]),
                "gives": sorted(facts[row.adapter].gives),
            }
            for row in file.connections.values()
        },
        "product": _wanted_products(unit, file, now),
        "stock": _stock([opening(row, unit.directory, file) for row in file.stock.values()]),
        **stock_rules.wanted(file),
        "routing": {row.merchant: {"rules": list(row.rules)} for row in file.routing.values()},
        "review": {
            row.merchant: {"rules": list(row.rules)}
            for row in file.review.values()
            if row.rules or row.merchant in unit.directory.review
        },
        return_terms.KIND: return_terms.wanted(unit, file),
    }


def _bound(unit: Unit, row: Connection, now: Mapping[str, Any]) -> dict[str, str]:
    """The references of a connection as they are stored."""
    owner, stored = (row.merchant, row.code), now.get("secrets", {})
    return {
        name: secrets.bound(unit.vault, reference, owner, stored.get(name))
        for name, reference in row.secrets.items()
    }


def opening(row: Stock, directory: Directory, file: File) -> Opening:
    """An opening balance and whose it is: by its own word, else the warehouse's merchant's."""
    partner = directory.connections.get(row.warehouse)
    owner = partner.merchant if partner else OPERATOR
    for connection in file.connections.values():
        if connection.code == row.warehouse:
            owner = connection.merchant
    return Opening(row.merchant or owner, row.warehouse, row.sku, row.quality, row.on_hand)


def product_name(merchant: str, sku: str) -> str:
    """How a product is named in a plan."""
    return f"{merchant} {sku}"


def limits(given: Mapping[str, Any]) -> dict[str, Any]:
    """Limits with whole numbers written as such."""
    return {name: int(value) if value == int(value) else value for name, value in given.items()}


def network_of(network: Mapping[str, Any]) -> dict[str, Any]:
    """The operator's word on where partners may live, whole."""
    return {"private": list(network.get("private", ())), "http": bool(network.get("http", False))}


def _partner(partner: snapshot.Connection) -> dict[str, Any]:
    return {
        "adapter": partner.adapter,
        "settings": dict(partner.settings),
        "secrets": dict(partner.secrets),
        "limits": dict(partner.limits),
        **partner.options,
        "takes": sorted(partner.takes),
        "gives": sorted(partner.gives),
    }


def product_of(row: Any) -> dict[str, Any]:
    """A product's fields as the file says them, those left out that say nothing."""
    fields = {"title": row.title, "gtin": row.gtin, **row.document}
    try:
        product = Product.model_validate(
            {**product_tree(fields | {"sku": row.sku}), "sku": row.sku}
        )
    except ValidationError:
        return {"title": row.title, **({"gtin": row.gtin} if row.gtin else {})}
    return _said(product)


def _said(product: Product) -> dict[str, Any]:
    said = product.model_dump(mode="json", exclude_defaults=True)
    return {
        name: said[name] for name in Product.model_fields if name in said and name in _FILE_FIELDS
    }


_FILE_FIELDS = PRODUCT_FIELDS - {"sku"}


def _wanted_products(unit: Unit, file: File, now: Snapshot) -> dict[str, dict[str, Any]]:
    products: dict[str, dict[str, Any]] = {}
    for row in file.products.values():
        name = product_name(row.merchant, row.product.sku)
        cleared = {field for field in row.given if field not in _said(row.product)}
        kept = {k: v for k, v in now["product"].get(name, {}).items() if k not in cleared}
        products[name] = kept | _said(row.product)
    for stock in file.stock.values():
        balance = opening(stock, unit.directory, file)
        name = product_name(balance.merchant, balance.sku)
        if name not in products and name not in now["product"]:
            products[name] = {"title": balance.sku}
    return products


def _stock(rows: Collection[Opening]) -> dict[str, dict[str, Any]]:
    return {
        f"{balance.merchant} {balance.key}": {"on_hand": pieces(balance.on_hand)}
        for balance in rows
    }
