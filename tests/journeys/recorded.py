"""Recorded Shopify orders as the webhooks that they could have been."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kit.fixtures import ROOT, SHARED

FOLDER = SHARED / "channels" / "shopify"
OWN = ROOT / "tests" / "mappings" / "shopify" / "cases"
_ROW = re.compile(r"^\| (\S+\.json) \| \w+ \| [1-9][0-9]* \|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Telling:
    """One webhook: the file it came from, its topic, its body."""

    name: str
    topic: str
    body: dict[str, Any]

    @property
    def order_id(self) -> str:
        """The order's own id: recorders that know no large numbers rounded the other one."""
        gid: str = self.body.get("admin_graphql_api_id") or f"/{self.body['id']}"
        return gid.rpartition("/")[2]

    @property
    def skus(self) -> set[str]:
        return {sku for line in self.body.get("line_items", ()) if (sku := line.get("sku"))}

    def as_placed(self) -> dict[str, Any]:
        """The order as its shop knows it."""
        return {**self.body, "id": int(self.order_id)}


def tellings() -> list[Telling]:
    """Every file of the collection that holds an order; our own samples where it is not there, but
    for what no shop could send: that has tests of its own.
    """
    if FOLDER.exists():
        paths = [FOLDER / name for name in _ROW.findall((FOLDER / "SOURCES.md").read_text("utf-8"))]
    else:
        paths = [path for path in sorted(OWN.glob("orders.*.in.json")) if ".odd_" not in path.name]
    return [made for path in paths if (made := _telling(path))]


def _telling(path: Path) -> Telling | None:
    """None for what is no webhook: a recording of the other API."""
    tree = json.loads(path.read_text("utf-8"))
    topic = tree.get("headers", {}).get("x-shopify-topic", "orders/create")
    body = tree.get("body", tree)
    body = body.get("orders", [body])[0]
    body = body.get("order", body)
    name = path.name.removesuffix(".json").removesuffix(".in")
    return Telling(name[:60], topic, body) if "id" in body else None
