"""Qimen's envelope: the signed query and the XML body, both ways."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from lxml import etree

Tree = dict[str, Any]

CHINA = timezone(timedelta(hours=8))
CLOCK = "%Y-%m-%d %H:%M:%S"
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
# list element -> the one name its entries are written under; read, any name will do
LISTS = {
    "orderLines": "orderLine", "packages": "package", "items": "item", "batchs": "batch",
    "relatedOrders": "relatedOrder", "invoices": "invoice", "snList": "sn",
    "criteriaList": "criteria", "deliveryOrders": "deliveryOrder", "orders": "order",
    "packageMaterialList": "packageMaterial", "processes": "process",
}  # fmt: skip
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class Garbled(Exception):
    """The body is no XML that may be read here."""


def sign(params: Mapping[str, str], body: bytes, secret: str, method: str = "md5") -> str:
    """Upper-case hex over the decoded query; `sign` itself and whatever is empty are left out."""
    pairs = sorted((name, value) for name, value in params.items() if name and value)
    text = "".join(name + value for name, value in pairs if name != "sign").encode() + body
    key = secret.encode()
    if method == "md5":
        digest = hashlib.md5(key + text + key, usedforsecurity=False).hexdigest()
    else:
        digest = hmac.new(key, text, {"hmac": "md5", "hmac-sha256": "sha256"}[method]).hexdigest()
    return digest.upper()


@dataclass(frozen=True, slots=True)
class Account:
    """One side's identity at the other: who calls, for which merchant, and the shared secret."""

    app_key: str
    customer_id: str
    secret: str

    def query(self, method: str, body: bytes, at: datetime | None = None) -> str:
        """The signed query of one call, ready to follow the question mark."""
        params = {
            "method": method,
            "timestamp": clock(at),
            "format": "xml",
            "app_key": self.app_key,
            "v": "2.0",
            "sign_method": "md5",
            "customerId": self.customer_id,
        }
        return urlencode({**params, "sign": sign(params, body, self.secret)})


def clock(at: datetime | None = None) -> str:
    return (at or datetime.now(UTC)).astimezone(CHINA).strftime(CLOCK)


def read_clock(text: str) -> datetime | None:
    """A time as Qimen writes it, in China's zone; None for what is written in another way."""
    if TIME.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=CHINA)
    except ValueError:
        return None


def read(body: bytes, root: str) -> Tree:
    """The body as a tree: lists where Qimen has lists, None for all that means absent."""
    if b"<!DOCTYPE" in body[:4096] or b"<!ENTITY" in body[:4096]:
        raise Garbled("a document type is not accepted")
    try:
        element = etree.fromstring(body, PARSER)
    except etree.XMLSyntaxError as error:
        raise Garbled(str(error)) from None
    if element.tag != root:
        raise Garbled(f"expected <{root}>, got <{element.tag}>")
    tree = branch(element)
    return tree if isinstance(tree, dict) else {}


def branch(element: Any) -> Any:
    children = [child for child in element if isinstance(child.tag, str)]
    if element.tag in LISTS:
        if children and all(len(child) == 0 for child in children) and element.tag != "snList":
            return [{child.tag: branch(child) for child in children}]  # an entry without its tag
        return [branch(child) for child in children]
    if children:
        return {child.tag: branch(child) for child in children}
    text = (element.text or "").strip()
    return text if text.lower() not in {"", "null"} else None


def write(root: str, tree: Tree) -> bytes:
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return f"{head}<{root}>{inside(tree)}</{root}>".encode()


def inside(tree: Mapping[str, Any]) -> str:
    return "".join(element(name, value) for name, value in tree.items() if value is not None)


def element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{inside(value)}</{name}>"
    if isinstance(value, list):
        entries = "".join(element(LISTS[name], entry) for entry in value)
        return f"<{name}>{entries}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"
