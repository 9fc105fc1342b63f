"""The hub as it is, and as the file wants it, in one form to compare; and the file that says it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml
from pydantic import ValidationError

from hub.flows.applying.changes import Snapshot
from hub.flows.applying.checks import EVENT_OF, Adapters
from hub.flows.applying.shape import OPTIONS, PRODUCT_FIELDS, File, Stock, product_tree
from hub.flows.unit import Unit
from hub.model.document import pieces
from hub.model.errors import BadData
from hub.model.product import Product
from hub.store import connections
from hub.store.connections import Opening
from hub.store.directory import OPERATOR, Directory, Partner

Takes = Mapping[str, Collection[str]]
"""Connection -> the document types that it is to be told."""


def current(unit: Unit, file: File) -> Snapshot:
    """What there is of what the file names."""
    pairs = {(row.merchant, row.product.sku) for row in file.products.values()}
    opened = [opening(row, unit.directory, file) for row in file.stock.values()]
    pairs |= {(one.merchant, one.sku) for one in opened}
    return {
        "network": {"": _network(unit.directory.network)},
        "merchant": {code: dict(fields) for code, fields in unit.directory.merchants.items()},
        "connection": {one.code: _partner(one) for one in unit.directory.partners.values()},
        "product": {
            product_name(row.merchant_id, row.sku): _product(row)
            for row in connections.products(unit.db, pairs)
        },
        "stock": _stock(connections.openings(unit.db, {one.merchant for one in opened})),
        "routing": {code: {"rules": rules} for code, rules in unit.directory.rules.items()},
    }


def wanted(
    unit: Unit, file: File, takes: Takes, facts: Mapping[str, Any], now: Snapshot
) -> Snapshot:
    """What the file wants; where it leaves something open, what there is."""
    return {
        "network": {"": _network(file.network.model_dump())} if file.network else {},
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
                "secrets": row.secrets,
                "limits": limits(row.limits.model_dump(exclude_none=True)),
                **row.options(),
                "takes": sorted(takes[row.code]),
                "gives": sorted(facts[row.adapter].gives),
            }
            for row in file.connections.values()
        },
        "product": _wanted_products(unit, file, now),
        "stock": _stock([opening(row, unit.directory, file) for row in file.stock.values()]),
        "routing": {row.merchant: {"rules": list(row.rules)} for row in file.routing.values()},
    }


def opening(row: Stock, directory: Directory, file: File) -> Opening:
    """An opening balance and whose it is: by its own word, else the warehouse's merchant's."""
    partner = directory.partners.get(row.warehouse)
    owner = partner.merchant if partner else OPERATOR
    for one in file.connections.values():
        if one.code == row.warehouse:
            owner = one.merchant
    return Opening(row.merchant or owner, row.warehouse, row.sku, row.quality, row.on_hand)


def product_name(merchant: str, sku: str) -> str:
    """How a product is named in a plan."""
    return f"{merchant} {sku}"


def limits(given: Mapping[str, Any]) -> dict[str, Any]:
    """Limits with whole numbers written as such."""
    return {name: int(value) if value == int(value) else value for name, value in given.items()}


def export(unit: Unit, adapters: Adapters) -> dict[str, Any]:
    """The file that, applied here, changes nothing. Secrets are the references they came as."""
    directory = unit.directory
    merchants = [OPERATOR, *directory.merchants]
    network = _network(directory.network)
    tree: dict[str, Any] = {
        "network": network if network != _network({}) else None,
        "merchants": [{"code": code, **fields} for code, fields in directory.merchants.items()],
        "connections": [_connection(one, adapters) for one in directory.partners.values()],
        "products": [
            {"merchant": row.merchant_id, "sku": row.sku, **_product(row)}
            for row in connections.products(unit.db)
        ],
        "stock": [_stock_row(one, directory) for one in connections.openings(unit.db, merchants)],
        "routing": [
            {"merchant": code, "rules": list(rules)}
            for code, rules in sorted(directory.rules.items())
        ],
    }
    return {name: value for name, value in tree.items() if value}


def as_yaml(tree: Mapping[str, Any]) -> str:
    """The file as text: connections spread out, everything else a line a row."""
    return "".join(_section(name, value) for name, value in tree.items())


def _section(name: str, value: Any) -> str:
    if name == "network":
        return f"network: {_line(value)}"
    if name != "connections":
        return f"{name}:\n" + "".join(f"  - {_line(row)}" for row in value)
    return _yaml({name: value}, width=100)


def _line(row: Any) -> str:
    return _yaml(row, default_flow_style=True, width=1_000_000)


def _yaml(value: Any, **style: Any) -> str:
    return str(yaml.dump(value, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, **style))


_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _network(network: Mapping[str, Any]) -> dict[str, Any]:
    return {"private": list(network.get("private", ())), "http": bool(network.get("http", False))}


def _partner(one: Partner) -> dict[str, Any]:
    return {
        "adapter": one.adapter,
        "settings": dict(one.settings),
        "secrets": dict(one.secrets),
        "limits": dict(one.limits),
        **one.options,
        "takes": sorted(one.takes),
        "gives": sorted(one.gives),
    }


def _connection(one: Partner, adapters: Adapters) -> dict[str, Any]:
    row: dict[str, Any] = {"code": one.code, "kind": one.kind, "adapter": one.adapter}
    if one.merchant != OPERATOR:
        row["merchant"] = one.merchant
    for name in ("settings", "secrets", "limits"):
        if getattr(one, name):
            row[name] = dict(getattr(one, name))
    if not _takes_all(one, adapters):
        row["subscribes"] = sorted(EVENT_OF.get(kind, kind) for kind in one.takes)
    return row | {name: one.options[name] for name in OPTIONS if name in one.options}


def _takes_all(one: Partner, adapters: Adapters) -> bool:
    try:
        return frozenset(adapters.facts(one.adapter).takes) == one.takes
    except BadData:  # its adapter is not installed any more
        return False


def _product(row: Any) -> dict[str, Any]:
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
    told = product.model_dump(mode="json", exclude_defaults=True)
    return {
        name: told[name] for name in Product.model_fields if name in told and name in _FILE_FIELDS
    }


_FILE_FIELDS = PRODUCT_FIELDS - {"sku"}


def _wanted_products(unit: Unit, file: File, now: Snapshot) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in file.products.values():
        name = product_name(row.merchant, row.product.sku)
        cleared = {field for field in row.given if field not in _said(row.product)}
        kept = {k: v for k, v in now["product"].get(name, {}).items() if k not in cleared}
        found[name] = kept | _said(row.product)
    for stock in file.stock.values():
        one = opening(stock, unit.directory, file)
        name = product_name(one.merchant, one.sku)
        if name not in found and name not in now["product"]:
            found[name] = {"title": one.sku}
    return found


def _stock(rows: Collection[Opening]) -> dict[str, dict[str, Any]]:
    return {f"{one.merchant} {one.key}": {"on_hand": pieces(one.on_hand)} for one in rows}


def _stock_row(one: Opening, directory: Directory) -> dict[str, Any]:
    return dict(_stock_fields(one, directory))


def _stock_fields(one: Opening, directory: Directory) -> Iterator[tuple[str, Any]]:
    yield "warehouse", one.warehouse
    yield "sku", one.sku
    yield "on_hand", int(one.on_hand)
    if one.quality != "good":
        yield "quality", one.quality
    partner = directory.partners.get(one.warehouse)
    if partner is None or partner.merchant != one.merchant:
        yield "merchant", one.merchant
