"""The file that says what there is."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from hub.flows.config.applying import return_terms, stock_rules
from hub.flows.config.applying.adapters import EVENT_OF, Adapters, usual
from hub.flows.config.applying.rows import OPTIONS
from hub.flows.config.applying.snapshot import network_of, product_of
from hub.flows.unit import Unit
from hub.model.errors import BadData
from hub.model.merchant import OPERATOR
from hub.store.config import snapshot, writes
from hub.store.config.snapshot import Directory
from hub.store.stock import openings
from hub.store.stock.openings import Opening


def export(unit: Unit, adapters: Adapters) -> dict[str, Any]:
    """The file that, applied here, changes nothing. Secrets are the references they came as."""
    directory = unit.directory
    merchants = [OPERATOR, *directory.merchants]
    network = network_of(directory.network)
    tree: dict[str, Any] = {
        "network": network if network != network_of({}) else None,
        "merchants": [{"code": code, **fields} for code, fields in directory.merchants.items()],
        "connections": [
            _connection(partner, adapters) for partner in directory.connections.values()
        ],
        "products": [
            {"merchant": row.merchant_id, "sku": row.sku, **product_of(row)}
            for row in writes.products(unit.db)
        ],
        "stock": [
            _stock_row(balance, directory) for balance in openings.booked(unit.db, merchants)
        ],
        **stock_rules.export(unit),
        "routing": [
            {"merchant": code, "rules": list(rules)}
            for code, rules in sorted(directory.rules.items())
        ],
        "review": [
            {"merchant": code, "rules": list(rules)}
            for code, rules in sorted(directory.review.items())
        ],
        return_terms.KIND: return_terms.export(unit),
    }
    return {name: value for name, value in tree.items() if value}


def as_yaml(tree: Mapping[str, Any]) -> str:
    """The file as text: connections spread out, everything else a line a row."""
    return "".join(_section(name, value) for name, value in tree.items())


def spread(tree: Any) -> str:
    """Any tree as text that `read` reads again, everything spread out."""
    return _yaml(tree, width=100)


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


def _connection(partner: snapshot.Connection, adapters: Adapters) -> dict[str, Any]:
    row: dict[str, Any] = {"code": partner.code, "kind": partner.kind, "adapter": partner.adapter}
    if partner.merchant != OPERATOR:
        row["merchant"] = partner.merchant
    for name in ("settings", "secrets", "limits"):
        if getattr(partner, name):
            row[name] = dict(getattr(partner, name))
    if not _takes_usual(partner, adapters):
        row["subscribes"] = sorted(EVENT_OF.get(kind, kind) for kind in partner.takes)
    return row | {name: partner.options[name] for name in OPTIONS if name in partner.options}


def _takes_usual(partner: snapshot.Connection, adapters: Adapters) -> bool:
    try:
        return usual(adapters.facts(partner.adapter)) == partner.takes
    except BadData:  # its adapter is not installed any more
        return False


def _stock_row(balance: Opening, directory: Directory) -> dict[str, Any]:
    return dict(_stock_fields(balance, directory))


def _stock_fields(balance: Opening, directory: Directory) -> Iterator[tuple[str, Any]]:
    yield "warehouse", balance.warehouse
    yield "sku", balance.sku
    yield "on_hand", int(balance.on_hand)
    if balance.quality != "good":
        yield "quality", balance.quality
    partner = directory.connections.get(balance.warehouse)
    if partner is None or partner.merchant != balance.merchant:
        yield "merchant", balance.merchant
