"""What must hold between the rows of the connections file, and against what there is already."""

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.flows.applying.shape import OPTIONS, Connection, File
from hub.model.errors import BadData, Problem
from hub.rules import routing_rules
from hub.store import secrets
from hub.store.directory import OPERATOR, Directory

# fmt: off
EVENTS: Mapping[str, str] = {
    "order.changed":        "sales_order",
    "order.fulfilled":      "shipment",
    "order.refunded":       "refund",
    "stock.changed":        "stock_level",
    "fulfilment.requested": "fulfilment_order",
    "fulfilment.cancelled": "fulfilment_cancellation",
    "goods.announced":      "inbound_notice",
    "goods.received":       "goods_receipt",
    "return.announced":     "return",
    "return.received":      "return_receipt",
    "journal.posted":       "journal_entry",
    "customer.changed":     "customer",
    "product.changed":      "product",
}
"""What a connection may subscribe to, and the document that tells of it (its type does as well)."""
# fmt: on
EVENT_OF: Mapping[str, str] = {document: event for event, document in EVENTS.items()}


class Facts(Protocol):
    """What an adapter's manifest says."""

    @property
    def port(self) -> str: ...
    @property
    def gives(self) -> Collection[str]: ...
    @property
    def takes(self) -> Collection[str]: ...


class Adapters(Protocol):
    """What is known of adapters, from outside the flows."""

    def facts(self, name: str) -> Facts:
        """An adapter's manifest. BadData with the known ones where there is none of that name."""

    def problems(
        self,
        name: str,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        network: Mapping[str, Any],
    ) -> list[Problem]:
        """What is wrong with a connection's settings; `secrets` are references."""


@dataclass(frozen=True, slots=True)
class Known:
    """What rows may refer to, the file's and the hub's; connections as (kind, merchant)."""

    merchants: frozenset[str]
    connections: Mapping[str, tuple[str, str]]
    network: Mapping[str, Any]


def known(file: File, directory: Directory) -> Known:
    """What there is once the file is applied."""
    there = {one.code: (one.kind, one.merchant) for one in directory.partners.values()}
    stated = {row.code: (row.kind, row.merchant) for row in file.connections.values()}
    merchants = {row.code for row in file.merchants.values()}
    network = file.network.model_dump() if file.network else directory.network
    return Known(
        frozenset({OPERATOR, *directory.merchants, *merchants}), {**there, **stated}, network
    )


def check(file: File, directory: Directory, adapters: Adapters) -> list[Problem]:
    """Everything that is wrong, with its place; what could not even be read comes first."""
    what = known(file, directory)
    return [
        *file.problems,
        *_doubles(file),
        *_network(file),
        *_merchants(file, what),
        *(
            problem
            for path, row in file.connections.items()
            for problem in _connection(path, row, what, directory, adapters)
        ),
        *_stock(file, what),
        *(
            problem
            for path, row in file.routing.items()
            for problem in _rules(path, row.rules, row.merchant, what)
        ),
    ]


def takes(row: Connection, facts: Facts) -> frozenset[str]:
    """The document types that a connection is told: what it subscribes to, else all it can take."""
    if row.subscribes is None:
        return frozenset(facts.takes)
    return frozenset(EVENTS.get(word, word) for word in row.subscribes)


def _doubles(file: File) -> Iterator[Problem]:
    names: dict[str, Iterable[tuple[str, Any]]] = {
        "code": ((path, row.code) for path, row in file.merchants.items()),
        "connection code": ((path, row.code) for path, row in file.connections.items()),
        "product": ((path, (row.merchant, row.product.sku)) for path, row in file.products.items()),
        "opening balance": (
            (path, (row.warehouse, row.merchant, row.quality, row.sku))
            for path, row in file.stock.items()
        ),
        "merchant's rules": ((path, row.merchant) for path, row in file.routing.items()),
    }
    for what, found in names.items():
        seen: dict[Any, str] = {}
        for path, name in found:
            if name in seen:
                yield Problem(path, "duplicate_key", f"the same {what} as {seen[name]}")
            seen.setdefault(name, path)


def _network(file: File) -> Iterator[Problem]:
    for at, text in enumerate(file.network.private if file.network else ()):
        try:
            ipaddress.ip_network(text)
        except ValueError:
            message = "a network such as 10.0.0.0/8 is expected, its host bits zero"
            yield Problem(f"network.private.{at}", "bad_network", message)


def _merchants(file: File, what: Known) -> Iterator[Problem]:
    for path, row in file.merchants.items():
        if row.code == OPERATOR:
            message = f"{OPERATOR} is the operator itself and needs no row"
            yield Problem(f"{path}.code", "reserved", message)
    named = [
        *((path, row.merchant) for path, row in file.connections.items()),
        *((path, row.merchant) for path, row in file.products.items()),
        *((path, row.merchant) for path, row in file.routing.items()),
        *((path, row.merchant) for path, row in file.stock.items() if row.merchant),
    ]
    for path, merchant in named:
        if merchant not in what.merchants:
            message = f"there is no merchant {merchant}; known are {_names(what.merchants)}"
            yield Problem(f"{path}.merchant", "unknown_code", message)


def _connection(
    path: str, row: Connection, what: Known, directory: Directory, adapters: Adapters
) -> Iterator[Problem]:
    was = directory.partners.get(row.code)
    for name in ("kind", "merchant"):
        if was is not None and getattr(was, name) != getattr(row, name):
            message = f"it is {getattr(was, name)} for good; make a connection of another code"
            yield Problem(f"{path}.{name}", "fixed", message)
    yield from _options(path, row)
    yield from _secrets(path, row)
    try:
        facts = adapters.facts(row.adapter)
    except BadData as unknown:
        yield Problem(f"{path}.adapter", unknown.code, str(unknown))
        return
    if facts.port != row.kind:
        message = f"{row.adapter} is for a {facts.port}, the connection is a {row.kind}"
        yield Problem(f"{path}.kind", "wrong_kind", message)
    for problem in adapters.problems(row.adapter, row.settings, row.secrets, what.network):
        yield Problem(f"{path}.{problem.path}", problem.code, problem.message)
    for at, word in enumerate(row.subscribes or ()):
        if EVENTS.get(word, word) not in facts.takes:
            events = _names(EVENT_OF.get(one, one) for one in facts.takes) or "nothing"
            message = f"{row.adapter} can be told {events}"
            yield Problem(f"{path}.subscribes.{at}", "unknown_code", message)


def _options(path: str, row: Connection) -> Iterator[Problem]:
    for name in row.options():
        if OPTIONS[name] not in (None, row.kind):
            message = f"it makes sense for a {OPTIONS[name]} only"
            yield Problem(f"{path}.{name}", "unknown_field", message)
    try:
        ZoneInfo(row.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "a time zone such as Europe/Berlin is expected"
        yield Problem(f"{path}.time_zone", "bad_time", message)


def _secrets(path: str, row: Connection) -> Iterator[Problem]:
    for name, reference in row.secrets.items():
        try:
            secrets.check(reference, f"{path}.secrets.{name}")
        except BadData as error:
            yield from error.problems()


def _stock(file: File, what: Known) -> Iterator[Problem]:
    for path, row in file.stock.items():
        kind, merchant = what.connections.get(row.warehouse, ("", ""))
        if kind != "warehouse":
            warehouses = _names(
                code for code, (kind, _) in what.connections.items() if kind == "warehouse"
            )
            message = f"there is no warehouse {row.warehouse}; known are {warehouses or 'none'}"
            yield Problem(f"{path}.warehouse", "unknown_code", message)
        elif merchant not in (OPERATOR, row.merchant or merchant):
            message = f"the warehouse is {merchant}'s"
            yield Problem(f"{path}.merchant", "wrong_merchant", message)


def _rules(
    path: str, rules: Iterable[Mapping[str, Any]], merchant: str, what: Known
) -> Iterator[Problem]:
    for at, rule in enumerate(rules):
        where = f"{path}.rules.{at}"
        try:
            routing_rules.parse([rule], "rules")
        except BadData as error:
            for problem in error.problems():
                place = where + problem.path.removeprefix("rules.0")
                yield Problem(place, problem.code, problem.message)
            continue
        for name, kind, code in _named(rule):
            found, owner = what.connections.get(code, ("", ""))
            if found != kind or owner not in (OPERATOR, merchant):
                message = f"{merchant} has no {kind} {code}"
                yield Problem(f"{where}.{name}", "unknown_code", message)


def _named(rule: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The connections that a rule names: place, kind, code."""
    if "warehouse" in rule:
        yield "warehouse", "warehouse", rule["warehouse"]
    for at, code in enumerate(rule.get("order", ())):
        yield f"order.{at}", "warehouse", code
    for at, code in enumerate(rule.get("channels", ())):
        yield f"channels.{at}", "channel", code


def _names(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))
