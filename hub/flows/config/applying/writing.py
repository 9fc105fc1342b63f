"""Carry out what a plan says, and put it into the audit chains."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.flows.config import polling
from hub.flows.config.applying import return_terms, stock_rules
from hub.flows.config.applying.changes import Change, Snapshot
from hub.flows.config.applying.shape import File, product_tree
from hub.flows.config.applying.snapshot import opening, product_name
from hub.flows.orders import reconsider
from hub.flows.products import meanings
from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.model.product import Product
from hub.store.config import snapshot, writes
from hub.store.config.writes import ConnectionRow, MerchantRow
from hub.store.orders import order_waits
from hub.store.people import audit_trail
from hub.store.stock import levels_told, levels_touched, openings
from hub.store.stock.openings import Opening

_GOODS = frozenset({"product", "stock", "safety"})
_CALLED = re.compile(r"(settings|takes|adapter)\b")
"""Fields of a connection that say who is called, and of what it is told."""
_RULES = {"routing": "rules", "review": "review"}
"""Kinds of a merchant's rules -> the fact that they changed."""
_NAMED = 100
"""Of opening stock one entry a merchant names this many; the rest is a number."""


def write(unit: Unit, file: File, changes: Sequence[Change], after: Snapshot, actor: str) -> None:
    """Write what changes, in the caller's transaction."""
    todo = {(change.kind, change.name) for change in changes}
    db = unit.db
    if ("network", "") in todo:
        writes.save_network(db, after["network"][""])
    merchants = [row for row in file.merchants.values() if ("merchant", row.code) in todo]
    writes.save_merchants(
        db, [MerchantRow(row.code, row.name, row.currency, row.status) for row in merchants]
    )
    writes.save_connections(db, list(_connections(file, todo, after)))
    writes.save_routing(
        db,
        {
            row.merchant: row.rules
            for row in file.routing.values()
            if ("routing", row.merchant) in todo
        },
        actor,
    )
    stock_rules.write_shares(unit, file, todo)
    writes.save_review(
        db,
        {
            row.merchant: row.rules
            for row in file.review.values()
            if ("review", row.merchant) in todo
        },
    )
    return_terms.write(unit, file, actor)
    if any(kind not in _GOODS for kind, _ in todo):
        snapshot.changed(db)
        unit.directory = snapshot.load(db, snapshot.version_of(db))
    stock_rules.write_levels(unit, file, todo)
    _tell_stock(unit, changes)
    polling.ask_anew(unit, _called_otherwise(unit, todo))
    balances = [opening(row, unit.directory, file) for row in file.stock.values()]
    opened = openings.book(
        db,
        [balance for balance in balances if ("stock", f"{balance.merchant} {balance.key}") in todo],
        actor,
    )
    meanings.add_products(unit, list(_products(file, todo, after, balances)), actor)
    reconsider.came_in(unit, sorted({(balance.merchant, balance.sku) for balance in opened}), None)
    order_waits.appeared(db, _facts(unit, file, todo))
    _audit(unit, changes, actor)


def _tell_stock(unit: Unit, changes: Sequence[Change]) -> None:
    """A channel that is new, elsewhere, or told of stock from now on is told of all there is."""
    for change in changes:
        if change.kind != "connection":
            continue
        partner = unit.directory.connections[change.name]
        moved = any(_CALLED.match(field.path) for field in change.fields)
        if "stock_level" in partner.takes and (change.action == "add" or moved):
            levels_told.forget(unit.db, partner.code)
            levels_touched.touch_all(unit.db, partner.merchant)


def _called_otherwise(unit: Unit, todo: set[tuple[str, str]]) -> list[str]:
    """The connections that may answer now though they did not before."""
    if ("network", "") in todo:
        return sorted(unit.directory.connections)
    return sorted(code for kind, code in todo if kind == "connection")


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
                secrets=fields["secrets"],
                limits=fields["limits"],
                options=row.options(),
                gives=fields["gives"],
                takes=fields["takes"],
            )


def _products(
    file: File,
    todo: set[tuple[str, str]],
    after: Snapshot,
    balances: Sequence[Opening],
) -> Iterator[tuple[str, Product]]:
    named = [(row.merchant, row.product.sku) for row in file.products.values()]
    named += [(balance.merchant, balance.sku) for balance in balances]
    for merchant, sku in dict.fromkeys(named):
        name = product_name(merchant, sku)
        if ("product", name) in todo:
            yield (
                merchant,
                Product.model_validate(product_tree({**after["product"][name], "sku": sku})),
            )


def _facts(unit: Unit, file: File, todo: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What orders may have waited for that is so now, as (merchant, fact)."""
    for row in file.merchants.values():
        if ("merchant", row.code) in todo and unit.directory.is_active(row.code):
            yield row.code, f"merchant:{row.code}"
    for connection in file.connections.values():
        if ("connection", connection.code) not in todo:
            continue
        if connection.kind == "channel":
            yield connection.merchant, f"channel:{connection.code}"
        elif connection.kind == "warehouse":
            yield from _ruled(unit, connection.merchant)
    for kind, what in _RULES.items():
        for merchant in sorted(name for of, name in todo if of == kind):
            yield from _ruled(unit, merchant, what)


def _ruled(unit: Unit, merchant: str, what: str = "rules") -> Iterator[tuple[str, str]]:
    """Whose orders may go another way, where rules or warehouses of a merchant changed: its own and
    the operator's, or everybody's where they are the operator's.
    """
    concerned = {merchant, OPERATOR}
    if merchant == OPERATOR:
        concerned |= unit.directory.merchants.keys()
    return ((code, f"{what}:{code}") for code in sorted(concerned))


def _audit(unit: Unit, changes: Sequence[Change], actor: str) -> None:
    """One entry a change; opening stock is counted, products were told of by the desk."""
    opened: dict[str, list[str]] = {}
    for change in changes:
        if change.kind == "stock":
            merchant, _, key = change.name.partition(" ")
            opened.setdefault(merchant, []).append(key)
        elif change.kind != "product":
            detail = {"fields": [_masked(field) for field in change.as_dict()["fields"]]}
            action = f"{change.kind}.{change.action}"
            audit_trail.record(
                unit.db, _chain(unit, change), actor, action, change.name, detail, unit.at
            )
    for merchant, keys in opened.items():
        counted = {"count": len(keys), "names": keys[:_NAMED]}
        audit_trail.record(unit.db, merchant, actor, "stock.open", merchant, counted, unit.at)


def _chain(unit: Unit, change: Change) -> str:
    if change.kind == "connection":
        return unit.directory.connections[change.name].merchant
    return change.name.partition(" ")[0] or OPERATOR


def _masked(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """A sealed secret is named, not shown."""
    return {
        name: "enc:***" if str(value).startswith("enc:") else value for name, value in field.items()
    }
