"""What ShipStation posts: an address, at which what happened can be read, and nothing else.

Nothing is signed. What is at the address is fetched with our own credentials, therefore only from
ShipStation's own hosts, and only orders, shipments and fulfillments.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.shipstation.api import Api, Row
from hub.model.errors import BadData, EndpointMissing
from mappings.reading import read_json_object
from mappings.shipstation import LISTS

_HOST = re.compile(r"ssapi[0-9]{0,2}\.shipstation\.com")
_MOST_HOSTS = 20


def is_theirs(url: str) -> bool:
    """Whether an address is one of ShipStation's."""
    try:
        parts = urlsplit(url)
        usual = parts.scheme == "https" and parts.port in {None, 443}
    except ValueError:
        return False
    return usual and _HOST.fullmatch(parts.hostname or "") is not None


def hosts(api_url: str) -> list[str]:
    """The other hosts at which what happened may lie: none where the API stands elsewhere."""
    numbers = range(1, _MOST_HOSTS) if is_theirs(api_url) else ()
    return [f"https://ssapi{number}.shipstation.com" for number in numbers]


def topic_of(raw: bytes) -> str:
    """What a delivery says it is."""
    try:
        told = read_json_object(raw).get("resource_type")
    except BadData:
        return ""
    return told if isinstance(told, str) else ""


def completed(api: Api, api_url: str, topic: str, raw: bytes) -> bytes:
    """What was posted, with what lies at its address beside it; a fulfillment with its order."""
    name = LISTS.get(topic, topic)
    if name not in LISTS.values():
        return raw
    read_json_object(raw)  # whatever is wrong with it is said as ever
    told: Row = json.loads(raw)
    if topic in LISTS and name not in told:
        where, query = _place(told.get("resource_url"), api_url, name)
        told[name] = [row for page in api.pages(where, name, query) for row in page]
    if name == "fulfillments" and "orders" not in told:
        told["orders"] = list(_orders(api, told.get(name)).values())
    return json.dumps(told).encode()


def _place(url: Any, api_url: str, name: str) -> tuple[str, dict[str, str]]:
    """Where it lies: at the API's own address a path, at another of their hosts a whole one."""
    text = url if isinstance(url, str) else ""
    try:
        parts, own = urlsplit(text), urlsplit(api_url)
        at_own = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    except ValueError:
        raise _foreign() from None
    if not (at_own or is_theirs(text)):
        raise _foreign()
    path = parts.path.removeprefix(own.path.rstrip("/")) if at_own else parts.path
    if path.rstrip("/").lower() != f"/{name}":
        raise _foreign()
    query = {n: v for n, v in parse_qsl(parts.query) if n.lower() not in _OURS}
    if name == "shipments":
        query["includeShipmentItems"] = "true"
    elsewhere = is_theirs(api_url) and not at_own
    return (f"https://{parts.hostname}/{name}" if elsewhere else f"/{name}"), query


_OURS = frozenset({"includeshipmentitems", "page", "pagesize"})


def _foreign() -> BadData:
    message = "an address of orders, shipments or fulfillments at ShipStation is expected"
    return BadData(message, path="resource_url", code="network_forbidden")


def _orders(api: Api, rows: Any) -> dict[str, Row]:
    """The orders of fulfillments, which do not name our number themselves."""
    found: dict[str, Row] = {}
    for row in rows if isinstance(rows, list) else []:
        number = row.get("orderId") if isinstance(row, dict) else None
        if isinstance(number, int) and str(number) not in found and not row.get("orderKey"):
            try:
                order = api.ask(f"/orders/{number}")
            except EndpointMissing:  # it was deleted there
                continue
            if isinstance(order, dict):
                found[str(number)] = order
    return found
