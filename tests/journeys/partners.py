"""The three sandbox partners of a journey, and the connections file that joins a hub to them."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from hub.rules.ops import history
from hub.rules.ops.history import Line
from sandbox import outgoing
from sandbox.erp import Erp
from sandbox.partner import Partner
from sandbox.qimen import Warehouse
from sandbox.shopify import Shop
from tests.kit.world.running import RunningHub

SECRETS = {
    "SHOP_SECRET": "the-shop-signs-with-this",
    "SHOP_TOKEN": "the-shop-wants-to-see-this",
    "WAREHOUSE_SECRET": "sandbox-secret",
    "ERP_PASSWORD": "the-books-open-with-this",
}
"""What the hub's environment holds. They open nothing but the sandbox."""

WAREHOUSE, ERP = "wh-all", "erp-all"
_TAXES = ("0.0125", "0.05", "0.06", "0.0625", "0.07", "0.1", "0.19", "0.2", "0.21", "0.25")
_ODD_TAXES = {"0.025": "2.5 %", "0.0125": "1.25 %", "0.0625": "6.25 %"}


class Partners:
    """A shop for each name, one warehouse for all merchants that ships by itself, one ERP."""

    def __init__(self, hub: RunningHub, shops: Iterable[str]) -> None:
        secret, token = SECRETS["SHOP_SECRET"], SECRETS["SHOP_TOKEN"]
        self._hub = hub
        self.shops = {name: Shop(token=token, secret=secret, domain="") for name in shops}
        inbox = f"{hub.url}/in/{WAREHOUSE}"
        self.warehouse = Warehouse(hub_url=inbox, auto=True, delay=0.05)
        self.erp = Erp(password=SECRETS["ERP_PASSWORD"], open_catalogue=True)

    def __enter__(self) -> Self:
        for one in self._all():
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._all():
            one.close()

    def _all(self) -> list[Partner]:
        return [*self.shops.values(), self.warehouse, self.erp]

    def history(self) -> list[Line]:
        """Everything that took effect at the partners, under the hub's names for them."""
        named = {**self.shops, WAREHOUSE: self.warehouse, ERP: self.erp}
        lines = [line for name, one in named.items() for line in one.history(name)]
        return history.read(map(json.dumps, lines))

    def connections(self, skus: Mapping[str, Iterable[str]], on_hand: int) -> dict[str, Any]:
        """The connections file: a merchant for each shop, who has these SKUs in the warehouse."""
        goods = [(shop, sku) for shop in self.shops for sku in sorted(skus[shop])]
        return {
            "network": {"private": ["127.0.0.0/8"], "http": True},
            "merchants": [{"code": shop, "name": shop, "currency": "EUR"} for shop in self.shops],
            "connections": [*map(self._shop, self.shops), self._warehouse(), self._erp()],
            "products": [{"merchant": shop, "sku": sku, "title": sku} for shop, sku in goods],
            "stock": [
                {"warehouse": WAREHOUSE, "merchant": shop, "sku": sku, "on_hand": on_hand}
                for shop, sku in goods
            ],
            "routing": [],
        }

    def _shop(self, name: str) -> dict[str, Any]:
        return {
            "code": name,
            "kind": "channel",
            "adapter": "shopify",
            "merchant": name,
            "settings": {"api_url": self.shops[name].url},
            "secrets": {"webhook_secret": "env:SHOP_SECRET", "access_token": "env:SHOP_TOKEN"},
        }

    def _warehouse(self) -> dict[str, Any]:
        return {
            "code": WAREHOUSE,
            "kind": "warehouse",
            "adapter": "qimen",
            "settings": {
                "api_url": self.warehouse.url,
                "app_key": "sandbox",
                "customer_id": "sandbox",
                "owner_code": "ALL",
                "warehouse_code": "ALL1",
            },
            "secrets": {"app_secret": "env:WAREHOUSE_SECRET"},
        }

    def _erp(self) -> dict[str, Any]:
        rates = {rate: f"{float(rate) * 100:g} %" for rate in _TAXES} | _ODD_TAXES
        return {
            "code": ERP,
            "kind": "erp",
            "adapter": "tryton",
            "settings": {
                "api_url": self.erp.url,
                "database": "erp",
                "user": "hub",
                "taxes": rates,
                "unknown_product": "GENERIC",  # a gift card has no SKU
            },
            "secrets": {"password": "env:ERP_PASSWORD"},
            "limits": {"timeout_s": 30, "concurrency": 2},
        }


def deliver(
    hub: RunningHub,
    requests: Sequence[tuple[str, Mapping[str, str], bytes]],
    seed: int,
    times: int = 3,
) -> list[int]:
    """Post every (connection, headers, body) so many times, shuffled. Returns the statuses."""
    made = [*requests] * times
    random.Random(seed).shuffle(made)  # noqa: S311  # repeatable on purpose

    def post(request: tuple[str, Mapping[str, str], bytes]) -> int:
        connection, headers, raw = request
        return outgoing.post(f"{hub.url}/in/{connection}", raw, headers, timeout=30).status

    return outgoing.each(post, made, threads=4)


def as_bytes(body: Mapping[str, Any]) -> bytes:
    """A webhook's body."""
    return json.dumps(body, ensure_ascii=False).encode()
