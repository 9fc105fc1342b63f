"""Messages of every partner format as they should be, of our own making: what is spoilt later."""

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from adapters.kit import registry
from adapters.kit.conformance import conformance_of
from hub.model.errors import BadData
from mappings.reading import read_xml, silently
from sandbox.orders import generate
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.fixtures import SHARED
from tests.mappings.shopify import sample

MAPPINGS = Path(__file__).parent.parent / "mappings"
PERSONAL = frozenset({
    "name", "first_name", "last_name", "email", "phone", "address1", "address2", "mobile", "tel",
    "detailAddress", "lines", "contact_email", "note", "customer_note",
})  # fmt: skip
"""Fields whose values are nobody's business."""


@dataclass(frozen=True)
class Seed:
    """One message: who understands it, under which topic, and what of it is personal."""

    adapter: str
    topic: str
    raw: bytes
    personal: frozenset[str]
    is_tree: bool = True
    """Whether it is a whole document of XML or JSON; else it is spoilt as lines of text."""

    @property
    def is_xml(self) -> bool:
        return self.is_tree and self.raw.lstrip()[:1] == b"<"


def seed(adapter: str, topic: str, raw: bytes) -> Seed:
    """A seed, with the personal values found in it."""
    if raw.lstrip()[:1] == b"<":
        leaves = [(str(one.tag), one.text) for one in read_xml(raw, silently).iter()]
    else:
        leaves = list(_leaves(json.loads(raw)))
    found = {v for name, v in leaves if name in PERSONAL and isinstance(v, str) and len(v) > 8}
    return Seed(adapter, topic, raw, frozenset(found))


def _leaves(tree: Any, name: str = "") -> Any:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, key)
    elif isinstance(tree, list):
        for value in tree:
            yield from _leaves(value, name)
    else:
        yield name, tree


def _json(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False).encode()


@cache
def shopify() -> tuple[Seed, ...]:
    """Orders, refunds and articles of a shop."""
    buyer = {
        "customer": {"id": 7, "first_name": "Zenobia-Ann", "last_name": "Quillfeather",
                     "email": "zenobia@example.test", "phone": "+31201234567"},
        "email": "zenobia@example.test",
        "shipping_address": {"name": "Zenobia Quillfeather", "address1": "Keizersgracht 4711",
                             "city": "Amsterdam", "zip": "1015CJ", "country_code": "NL"},
    }  # fmt: skip
    found = [
        seed("shopify", "orders/create", _json(sample.order(sample.line(1), **buyer))),
        seed("shopify", "orders/updated", _json(sample.order(sample.line(1), sample.line(2)))),
        seed("shopify", "orders/edited", b'{"order_edit":{"order_id":1001,"id":1}}'),
    ]
    found += [
        seed("shopify", "/".join(path.name.split(".")[:2]), path.read_bytes())
        for path in sorted((MAPPINGS / "shopify/cases").glob("*.in.json"))
        if not path.match("told.*")
    ]
    found += [seed("shopify", "orders/create", _json(one)) for one in generate(6, 7)]
    found += [seed("shopify", topic, raw) for topic, raw in recorded_orders()]
    return tuple(found)


def recorded_orders() -> list[tuple[str, bytes]]:
    """Real orders (topic, bytes), where they lie beside the checkout."""
    folder = SHARED / "channels/shopify"
    return [
        ("orders/create", path.read_bytes())
        for name in ("order-*.json", "orders-*.json", "webhook-orders-create*.json")
        for path in sorted(folder.glob(name))
    ]


def recorded_calls() -> list[tuple[str, bytes]]:
    """Real calls of warehouses (topic, bytes), where they lie beside the checkout."""
    paths = sorted((SHARED / "warehouses/qimen").glob("*.confirm.req.*.xml"))
    return [(".".join(path.name.split(".")[:2]), path.read_bytes()) for path in paths]


@cache
def qimen() -> tuple[Seed, ...]:
    """What a warehouse calls."""
    cases = sorted((MAPPINGS / "qimen/cases").glob("*.in.*"))
    paths = [path for path in cases if not path.match("told.*") and path.suffix != ".txt"]
    found = [seed("qimen", ".".join(path.name.split(".")[:2]), path.read_bytes()) for path in paths]
    small = b"<request><deliveryOrder><deliveryOrderCode>F-1</deliveryOrderCode>"
    small += b"</deliveryOrder></request>"
    found += [seed("qimen", topic, raw) for topic, raw in recorded_calls()]
    return (*found, seed("qimen", "deliveryorder.confirm", small))


_WAREHOUSE: tuple[dict[str, Any], ...] = (
    shipment("F-1", lines=[(1, 1)]),
    status("F-1", "accepted"),
    {"type": "stock_report", "source": {"connection": "wh", "id": "r1"}, "warehouse": "wh",
     "report_id": "r1", "at": "2026-11-24T10:00:00Z", "complete": False,
     "lines": [{"sku": "A", "on_hand": "5"}, {"sku": "B", "on_hand": "2", "quality": "good"}]},
    {"type": "stock_change", "source": {"connection": "wh", "id": "c1"}, "warehouse": "wh",
     "change_id": "c1", "at": "2026-11-24T10:00:00Z", "reason": "adjustment",
     "lines": [{"sku": "A", "delta": "-1"}]},
    {"type": "goods_receipt", "source": {"connection": "wh", "id": "g1"}, "warehouse": "wh",
     "inbound_notice_id": "n1", "receipt_id": "g1", "received_at": "2026-11-24T10:00:00Z",
     "complete": True, "lines": [{"line_no": 1, "sku": "A", "quantity": "5"}]},
    {"type": "return_receipt", "source": {"connection": "wh", "id": "rr1"}, "warehouse": "wh",
     "return_id": "R-1", "receipt_id": "rr1", "received_at": "2026-11-24T10:00:00Z",
     "lines": [{"sku": "A", "quantity": "1", "quality": "good"}]},
)  # fmt: skip
_CHANNEL: tuple[dict[str, Any], ...] = (
    sales_order(4711, customer={"name": "Zenobia Quillfeather", "email": "zenobia@example.test"}),
    {"type": "refund", "source": {"connection": "shop", "id": "f1"}, "refund_id": "f1",
     "channel_order_id": "4711", "created_at": "2026-11-24T10:00:00Z", "currency": "EUR",
     "amount": "10.00", "lines": [{"channel_line_id": "4711-1", "quantity": "1",
                                   "amount": "10.00"}]},
    {"type": "product", "source": {"connection": "shop", "id": "A"}, "sku": "A",
     "title": "Article A", "price": "10.00", "currency": "EUR", "weight_g": "100"},
)  # fmt: skip


@cache
def generic() -> tuple[Seed, ...]:
    """Canonical documents, as partners without a protocol send them."""
    channel = [seed("generic_channel", one["type"], _json(one)) for one in _CHANNEL]
    return (*channel, *(seed("generic_warehouse", one["type"], _json(one)) for one in _WAREHOUSE))


@cache
def samples() -> tuple[Seed, ...]:
    """What the other partners say: the samples beside their adapters, and the pairs of their
    mappings.
    """
    found = []
    for name in registry.entries():
        blanks = conformance_of(name)
        if blanks is None or name in OF_THEIR_OWN:
            continue
        found += [_any(name, sample.topic, sample.raw) for sample in blanks.samples]
        for path in sorted((MAPPINGS / name / "cases").glob("*.in.*")):
            topic = path.name.partition(".in.")[0].rpartition(".")[0]
            if topic in blanks.manifest.topics:
                found.append(_any(name, topic, path.read_bytes()))
    return tuple(found)


OF_THEIR_OWN = frozenset({"generic_channel", "generic_warehouse", "shopify", "qimen", "tryton"})


def _any(adapter: str, topic: str, raw: bytes) -> Seed:
    """A file of lines is no tree; some cases are no whole one: that is what they show."""
    if raw.lstrip()[:1] in {b"{", b"[", b"<"}:
        with suppress(BadData, ValueError):
            return seed(adapter, topic, raw)
    return Seed(adapter, topic, raw, frozenset(), is_tree=False)


def adapters() -> tuple[str, ...]:
    """Names of those whose messages are among the seeds."""
    return tuple(sorted({one.adapter for one in everything()}))


def everything() -> tuple[Seed, ...]:
    """All of them."""
    return (*generic(), *shopify(), *qimen(), *samples())


CONNECTIONS = b"""network: {private: ["127.0.0.0/8"], http: true}
merchants:
  - {code: acme, name: Acme Ltd, currency: EUR}
connections:
  - code: shop-eu
    kind: channel
    adapter: shopify
    merchant: acme
    settings: {api_url: "http://127.0.0.1:9001", shop: acme-eu}
    secrets: {webhook_secret: "env:SHOP_EU_SECRET", access_token: "env:SHOP_EU_TOKEN"}
    limits: {rate_per_s: 20, concurrency: 4, timeout_s: 15}
    subscribes: [order.fulfilled, stock.changed]
    release_on: authorized
  - code: wh-ams
    kind: warehouse
    adapter: generic_warehouse
    merchant: acme
    secrets: {webhook_secret: "env:WH_AMS_SECRET"}
    country: NL
products:
  - {merchant: acme, sku: TSHIRT-M, title: T-shirt M, gtin: "4006381333931", weight_g: 180}
stock:
  - {warehouse: wh-ams, sku: TSHIRT-M, on_hand: 100}
routing:
  - merchant: acme
    rules:
      - {filter: ships_to, warehouse: wh-ams, countries: [NL, BE, DE]}
      - {sort: fewest_splits}
      - {fallback: backorder}
"""
