"""What must hold between the rows of the connections file, and against what there is already."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.flows.config.applying import return_terms, review_checks, stock_rules
from hub.flows.config.applying.adapters import EVENT_OF, EVENTS, Adapters
from hub.flows.config.applying.review_checks import Known
from hub.flows.config.applying.rows import OPTIONS, Connection
from hub.flows.config.applying.shape import File
from hub.model.errors import BadData, Problem
from hub.model.merchant import OPERATOR
from hub.rules.routing.rulebook import routing_rules
from hub.store.config import secrets
from hub.store.config.snapshot import Directory


def known(file: File, directory: Directory) -> Known:
    """What there is once the file is applied."""
    there = {
        partner.code: (partner.kind, partner.merchant) for partner in directory.connections.values()
    }
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
        *doubles(file),
        *_network(file),
        *_merchants(file, what),
        *(
            problem
            for path, row in file.connections.items()
            for problem in _connection(path, row, what, directory, adapters)
        ),
        *_stock(file, what),
        *stock_rules.check(file, lambda code: what.connections.get(code, ("", ""))),
        *(
            problem
            for path, row in file.routing.items()
            for problem in _rules(path, row.rules, row.merchant, what)
        ),
        *(
            problem
            for path, row in file.review.items()
            for problem in review_checks.check(path, row, what)
        ),
        *return_terms.check(file, what),
    ]


def doubles(file: File) -> Iterator[Problem]:
    """Rows that are about the same."""
    names: dict[str, Iterable[tuple[str, Any]]] = {
        "code": ((path, row.code) for path, row in file.merchants.items()),
        "connection code": ((path, row.code) for path, row in file.connections.items()),
        "product": ((path, (row.merchant, row.product.sku)) for path, row in file.products.items()),
        "opening balance": (
            (path, (row.warehouse, row.merchant, row.quality, row.sku))
            for path, row in file.stock.items()
        ),
        "pieces kept back": (
            (path, (row.merchant, row.warehouse, row.sku)) for path, row in file.safety.items()
        ),
        "merchant's shares": ((path, row.merchant) for path, row in file.shares.items()),
        "merchant's rules": ((path, row.merchant) for path, row in file.routing.items()),
        "merchant's review": ((path, row.merchant) for path, row in file.review.items()),
        "merchant's terms of returns": (
            (path, (row.merchant, row.valid_from)) for path, row in file.returns.items()
        ),
    }
    for what, rows in names.items():
        seen: dict[Any, str] = {}
        for path, name in rows:
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
        *((path, row.merchant) for path, row in file.safety.items()),
        *((path, row.merchant) for path, row in file.shares.items()),
        *((path, row.merchant) for path, row in file.routing.items()),
        *((path, row.merchant) for path, row in file.review.items()),
        *((path, row.merchant) for path, row in file.returns.items()),
        *((path, row.merchant) for path, row in file.stock.items() if row.merchant),
    ]
    for path, merchant in named:
        if merchant not in what.merchants:
            message = f"there is no merchant {merchant}; known are {_names(what.merchants)}"
            yield Problem(f"{path}.merchant", "unknown_code", message)


def _connection(
    path: str, row: Connection, what: Known, directory: Directory, adapters: Adapters
) -> Iterator[Problem]:
    was = directory.connections.get(row.code)
    for name in ("kind", "merchant"):
        if was is not None and getattr(was, name) != getattr(row, name):
            message = f"it is {getattr(was, name)} for good; make a connection of another code"
            yield Problem(f"{path}.{name}", "fixed", message)
    yield from _options(path, row)
    yield from _services(path, row, what)
    yield from _secrets(path, row)
    try:
        facts = adapters.facts(row.adapter)
    except BadData as unknown:
        yield Problem(f"{path}.adapter", unknown.code, str(unknown))
        return
    if facts.port != row.kind:
        message = f"{row.adapter} is for a {facts.port}, the connection is a {row.kind}"
        yield Problem(f"{path}.kind", "wrong_kind", message)
    for problem in adapters.problems(
        row.adapter, row.settings, row.secrets, what.network, (row.merchant, row.code)
    ):
        yield Problem(f"{path}.{problem.path}", problem.code, problem.message)
    for topic in row.poll or ():
        if topic not in facts.polls:
            message = f"{row.adapter} can be asked for {_names(facts.polls) or 'nothing'}"
            yield Problem(f"{path}.poll.{topic}", "unknown_code", message)
    for at, word in enumerate(row.subscribes or ()):
        if EVENTS.get(word, word) not in facts.takes:
            events = (
                _names(EVENT_OF.get(document, document) for document in facts.takes) or "nothing"
            )
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


def _services(path: str, row: Connection, what: Known) -> Iterator[Problem]:
    for service, code in (row.fulfilment_services or {}).items():
        kind, owner = what.connections.get(code, ("", ""))
        if kind != "warehouse" or (OPERATOR not in (row.merchant, owner) and owner != row.merchant):
            message = f"{row.merchant} has no warehouse {code}"
            yield Problem(f"{path}.fulfilment_services.{service}", "unknown_code", message)


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
            its_kind, owner = what.connections.get(code, ("", ""))
            if its_kind != kind or owner not in (OPERATOR, merchant):
                message = f"{merchant} has no {kind} {code}"
                yield Problem(f"{where}.{name}", "unknown_code", message)


def _named(rule: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The connections that a rule names: place, kind, code."""
    if "warehouse" in rule:
        yield "warehouse", "warehouse", rule["warehouse"]
    for at, code in enumerate(rule.get("order", ())):
        yield f"order.{at}", "warehouse", code
    for at, rate in enumerate(rule.get("rates", ())):
        yield f"rates.{at}.warehouse", "warehouse", rate["warehouse"]
    for at, code in enumerate(rule.get("channels", ())):
        yield f"channels.{at}", "channel", code


def _names(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))
