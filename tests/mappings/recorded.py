"""Which payloads of the collection each mapping reads, and what each of them says by itself.

Our own cases stand in where the collection is not there.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.order import SalesOrder
from mappings.woocommerce.envelope import resources
from mappings.woocommerce.states import DRAFTS
from tests.kit.fixtures import SHARED
from tests.mappings.partners import FOLDER, PARTNERS, pair

_ROW = re.compile(r"^\| (\S+\.json) \| (\w+) \|", re.MULTILINE)
Facts = list[Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Files of one partner that come in one topic.

    `files`: their names, a pattern, or the kind by which the table of their sources knows them.
    `own`: the cases that stand in. `says`: the facts that a file tells, one for each document; None
    where nothing but reading it can tell. `facts`: the same of a document. `warned`: the codes of
    what is odd in it. `refused`: how it is said that a file is no final message.
    """

    partner: str
    topic: str
    files: str | tuple[str, ...]
    own: str
    says: Callable[[Path], Facts | None]
    facts: Callable[[Any], Any]
    where: str = "channels"
    folder: str = ""
    warned: Callable[[Path], set[str]] = lambda _: set()
    refused: tuple[type[Exception], ...] = (Ignored,)

    @property
    def paths(self) -> list[Path]:
        if not SHARED.exists():
            cases = (FOLDER / self.partner / "cases").glob(self.own)
            return sorted(case for case in cases if _gives_documents(case))
        folder = SHARED / self.where / (self.folder or self.partner)
        if not isinstance(self.files, str):
            return [folder / name for name in self.files]
        if "*" in self.files:
            return sorted(folder.glob(self.files))
        rows = _ROW.findall((folder / "SOURCES.md").read_text("utf-8"))
        return [folder / name for name, kind in rows if kind == self.files]

    def read(self, path: Path) -> tuple[list[Document], set[str]]:
        """The documents of a file, and what was warned of."""
        partner = PARTNERS[self.partner]
        at = partner.context()
        try:
            documents = partner.read(self.topic, path.read_bytes(), at)
        except self.refused:
            documents = []
        return documents, {it.code for it in at.warnings}


def _gives_documents(case: Path) -> bool:
    """Whether a case of ours is read at all: some stand for what is refused."""
    return bool(json.loads(pair(case).read_text("utf-8")).get("documents"))


# --- shops


def order_facts(order: SalesOrder) -> tuple[Any, ...]:
    skus = [line.sku for line in order.lines]
    total = order.totals.grand_total
    return order.channel_order_id, order.order_number, order.currency, total, skus, order.test


def woocommerce_orders(path: Path) -> Facts:
    """All but drafts. What a gift card paid is no longer in an order's total."""
    return [
        (
            str(tree["id"]),
            str(tree["number"]),
            tree["currency"],
            Decimal(tree["total"])
            + sum(Decimal(it["amount"]) for it in tree.get("gift_cards", ())),
            [line["sku"] or None for line in tree["line_items"]],
            False,
        )
        for tree in resources(path.read_bytes())
        if tree["status"] not in DRAFTS
    ]


def mocked_times(path: Path) -> set[str]:
    """Templates of a mocked app stand where a time would: nobody can read them."""
    return {"bad_time"} if b"{{" in path.read_bytes() else set()


def woocommerce_refunds(path: Path) -> Facts:
    tree = json.loads(path.read_bytes())
    given = tree.get("refunds") if isinstance(tree, dict) and "order" in tree else tree
    rows = given if isinstance(given, list) else [given]
    return [(str(row["id"]), row["amount"]) for row in rows]


def woocommerce_skus(path: Path) -> Facts:
    return [tree["sku"] for tree in resources(path.read_bytes()) if tree.get("sku")]


def magento_orders(path: Path) -> Facts:
    """A configurable article and what is sent of it are one line."""
    tree = json.loads(path.read_bytes(), parse_float=Decimal)
    number, total = str(tree["entity_id"]), Decimal(tree["grand_total"])
    skus = [it["sku"] for it in tree["items"] if "parent_item_id" not in it]
    return [(number, tree["increment_id"], tree["order_currency_code"], total, skus, False)]


def magento(topic: str, says: Callable[[Path], Facts], facts: Callable[[Any], Any]) -> Recorded:
    return Recorded("magento", topic, topic, f"{topic}.*.in.json", says, facts, folder="magento2")


def shopify_resource(tree: Any, name: str) -> Any:
    """What a REST or webhook recording holds; None for another form."""
    tree = tree.get("body", tree)
    tree = (tree.get(f"{name}s") or [tree])[0]
    tree = tree.get(name, tree)
    return tree if "id" in tree else None


def shopify_orders(path: Path) -> Facts | None:
    order = shopify_resource(json.loads(path.read_bytes(), parse_float=Decimal), "order")
    if order is None:
        return None
    number = (order.get("admin_graphql_api_id") or f"/{order['id']}").rsplit("/", 1)[1]
    skus = [line["sku"] or None for line in order.get("line_items", [{"sku": None}])]
    total, is_test = Decimal(order["total_price"]), bool(order["test"])
    return [(number, order["name"], order["currency"], total, skus, is_test)]


# --- warehouses

_LEFT = ["shipment", "fulfilment_status"]
_SHIPBOB = {
    "get_2025_07_order.resp200": ("order", _LEFT),
    "get_2025_07_order_orderId.resp200": ("order", _LEFT),
    "get_2025_07_order_orderId_shipment.resp200": ("shipment", _LEFT),
    "get_2025_07_order_orderId_shipment_shipmentId.resp200": ("shipment", _LEFT),
    "get_2025_07_shipment_shipmentId.resp200": ("order.shipped", _LEFT),
    "post_2025_07_order.resp201": ("order", _LEFT),
}
"""File -> the topic in which it comes, and which documents it gives."""


def shipbob(topic: str) -> Recorded:
    files = {f"{name}.json": kinds for name, (it, kinds) in _SHIPBOB.items() if it == topic}
    return Recorded(
        "shipbob",
        topic,
        tuple(files),
        own=f"{topic}.*.in.json",
        says=lambda path: files[path.name],
        facts=lambda document: document.type,
        where="warehouses",
    )


_AMAZON = {
    "listAllFulfillmentOrders.200.json": ["accepted", "shipped"],
    "createFulfillmentReturn.200.json": [],  # nothing came back yet
}
"""File -> how far its orders are."""


def amazon_mcf(topic: str, *files: str, own: str, **folder: str) -> Recorded:
    return Recorded(
        "amazon_mcf",
        topic,
        files,
        own=own,
        says=lambda path: _AMAZON.get(
            path.name, [["100TestSKU1Pen", "100TestSKU1Pen", "2U-BKEX-VW4D"]]
        ),
        facts=lambda it: (
            [line.sku for line in it.lines] if it.type == "stock_report" else it.status
        ),
        where="warehouses",
        **folder,
    )


_CSV = Recorded(
    "csv_drop",
    "shipments",
    ("tracking_import_template.csv",),
    own="shipments.tracking.in.csv",
    says=lambda _: [("1001", True, [[]]), ("1002", False, [["1"], ["2"]])],
    facts=lambda it: (
        it.fulfilment_order_id,
        it.complete,
        [[str(line.quantity) for line in package.lines] for package in it.packages],
    ),
    where="warehouses",
    folder="csv_sftp",
)
"""Whole orders, and single pieces."""

_QIMEN_ODD = {
    "deliveryorder.confirm.req.single_package_batch.xml": {"batches_differ"},
    "entryorder.confirm.req.edb_numeric_type.xml": {"missing_time"},
    "entryorder.confirm.req.partial_confirmType1.xml": {"missing_time", "batches_differ"},
    "entryorder.confirm.req.transfer_batch_on_line.xml": {"missing_time"},
}


def qimen(topic: str) -> Recorded:
    return Recorded(
        "qimen",
        topic,
        f"{topic}.req.*.xml",
        own=f"{topic}.*.in.xml",
        says=lambda _: None,
        facts=lambda document: document.type,
        where="warehouses",
        warned=lambda path: _QIMEN_ODD.get(path.name, set()),
    )


SHOPIFY_ORDERS = Recorded(
    "shopify", "orders/create", "order", "orders.*.in.json", shopify_orders, order_facts
)
RECORDED = (
    SHOPIFY_ORDERS,
    Recorded(
        "vendure",
        "order",
        "*.json",
        own="none",
        says=lambda _: [],  # carts, errors and levels; there is no placed order among them
        facts=order_facts,
        refused=(BadData, Ignored),
    ),
    magento("order", magento_orders, order_facts),
    magento("product", lambda it: [json.loads(it.read_bytes())["sku"]], lambda it: it.sku),
    Recorded(
        "woocommerce",
        "order.updated",
        "order",
        own="order.*ed.*.in.json",
        says=woocommerce_orders,
        facts=order_facts,
        warned=mocked_times,
    ),
    Recorded(
        "woocommerce",
        "order.refunds",
        "refund",
        own="order.refunds.*.in.json",
        says=woocommerce_refunds,
        facts=lambda refund: (refund.refund_id, str(refund.amount)),
    ),
    Recorded(
        "woocommerce",
        "product.updated",
        "product",
        own="product.*.in.json",
        says=woocommerce_skus,
        facts=lambda product: product.sku,
    ),
    amazon_mcf("order", *_AMAZON, own="order.re*.in.json"),
    amazon_mcf(
        "awd_inventory",
        "listInventory.200.static1.json",
        own="awd_inventory.*.in.json",
        folder="amazon_awd",
    ),
    _CSV,
    *map(shipbob, ("order", "shipment", "order.shipped")),
    *map(qimen, sorted(PARTNERS["qimen"].decoders)),
)
