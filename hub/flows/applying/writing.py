"""Carry out what a plan says, and put it into the audit chains."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.flows import desk, waiting
from hub.flows.applying.changes import Change, Snapshot
from hub.flows.applying.shape import File, product_tree
from hub.flows.applying.snapshot import opening, product_name
from hub.flows.unit import Unit
from hub.model.product import Product
from hub.store import audit, connections, directory
from hub.store.connections import ConnectionRow, MerchantRow
from hub.store.directory import OPERATOR

_GOODS = frozenset({"product", "stock"})
_NAMED = 100
"""Of opening stock one entry a merchant names this many; the rest is a number."""


def write(unit: Unit, file: File, changes: Sequence[Change], after: Snapshot, actor: str) -> None:
    """Write what changes, in the caller's transaction."""
    todo = {(change.kind, change.name) for change in changes}
    db = unit.db
    if ("network", "") in todo:
        connections.save_network(db, after["network"][""])
    merchants = [row for row in file.merchants.values() if ("merchant", row.code) in todo]
    connections.save_merchants(
        db, [MerchantRow(row.code, row.name, row.currency, row.status) for row in merchants]
    )
    connections.save_connections(db, list(_connections(file, todo, after)))
    connections.save_routing(
        db,
        {
            row.merchant: row.rules
            for row in file.routing.values()
            if ("routing", row.merchant) in todo
        },
    )
    if any(kind not in _GOODS for kind, _ in todo):
        directory.changed(db)
        unit.directory = directory.load(db, directory.version_of(db))
    openings = [opening(row, unit.directory, file) for row in file.stock.values()]
    opened = connections.open_stock(
        db, [one for one in openings if ("stock", f"{one.merchant} {one.key}") in todo], actor
    )
    desk.add_products(unit, list(_products(file, todo, after, openings)), actor)
    facts = sorted({(one.merchant, f"stock:{one.merchant}:{one.sku}") for one in opened})
    waiting.appeared(unit, facts, None)
    _audit(unit, changes, actor)


def _connections(
    file: File, todo: set[tuple[str, str]], after: Snapshot
) -> Iterator[ConnectionRow]:
    for row in file.connections.values():
        if ("connection", row.code) in todo:
            fields = after["connection"][row.code]
            yield ConnectionRow(
                code=row.code,
                merchant=row.merchant,
                kind=row.kind,
                adapter=row.adapter,
                settings=row.settings,
                secrets=row.secrets,
                limits=fields["limits"],
                options=row.options(),
                gives=fields["gives"],
                takes=fields["takes"],
            )


def _products(
    file: File,
    todo: set[tuple[str, str]],
    after: Snapshot,
    openings: Sequence[connections.Opening],
) -> Iterator[tuple[str, Product]]:
    named = [(row.merchant, row.product.sku) for row in file.products.values()]
    named += [(one.merchant, one.sku) for one in openings]
    for merchant, sku in dict.fromkeys(named):
        name = product_name(merchant, sku)
        if ("product", name) in todo:
            yield (
                merchant,
                Product.model_validate(product_tree({**after["product"][name], "sku": sku})),
            )


def _audit(unit: Unit, changes: Sequence[Change], actor: str) -> None:
    """One entry a change; opening stock is counted, products were told of by the desk."""
    stock: dict[str, list[str]] = {}
    for change in changes:
        if change.kind == "stock":
            merchant, _, key = change.name.partition(" ")
            stock.setdefault(merchant, []).append(key)
        elif change.kind != "product":
            detail = {"fields": [_told(one) for one in change.as_dict()["fields"]]}
            action = f"{change.kind}.{change.action}"
            audit.record(unit.db, _chain(unit, change), actor, action, change.name, detail, unit.at)
    for merchant, keys in stock.items():
        counted = {"count": len(keys), "names": keys[:_NAMED]}
        audit.record(unit.db, merchant, actor, "stock.open", merchant, counted, unit.at)


def _chain(unit: Unit, change: Change) -> str:
    if change.kind == "connection":
        return unit.directory.partners[change.name].merchant
    return change.name or OPERATOR


def _told(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """A sealed secret is named, not shown."""
    return {
        name: "enc:***" if str(value).startswith("enc:") else value for name, value in field.items()
    }
