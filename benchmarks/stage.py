"""Where measurements take place: databases made and dropped, the world they begin with, orders."""

import gc
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.kit.settings_check import Known
from hub.flows.config import applying
from hub.flows.unit import Unit
from hub.settings import Settings
from hub.store import migrate
from hub.store.config import secrets
from hub.store.opened import Store
from sandbox.catalogue import CATALOGUE
from sandbox.orders import generate
from sandbox.shopify import Shop
from tests.kit.database import find_servers, open_embedded, open_folder, temporary_database

SECRETS = {
    "SHOP_SECRET": "the-shop-signs-with-this",
    "SHOP_TOKEN": "the-shop-wants-to-see-this",
    "SANDBOX_WAREHOUSE_SECRET": "the-warehouse-signs-with-this",
    "SANDBOX_ERP_PASSWORD": "the-books-open-with-this",
}
SHOP, WAREHOUSE, ERP, MERCHANT = "shop", "wh", "erp", "acme"
DOMAIN = "bench.myshopify.com"
PIECES = 100_000_000
MARKETS = ("DE", "BE")
"""Addresses there name no region, which the sandbox's books would not know."""
TAXES = {"0.19": "19 %", "0.21": "21 %"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A database server and a migrated database on it to clone."""

    server: str
    template: str
    home: Path

    @contextmanager
    def database(self) -> Iterator[str]:
        """A fresh copy of the template."""
        with temporary_database(self.server, self.template) as url:
            yield url

    def settings(self, url: str, **more: str) -> Settings:
        """The hub's settings for a database."""
        told = {"ORDERHUB_HOME": str(self.home), "ORDERHUB_DATABASE_URL": url, **more}
        return Settings.read(told)

    def store(self, url: str, pool: int = 8) -> Store:
        """The hub's store on a database."""
        return Store.open(self.settings(url), url, name="bench", pool=pool)


@contextmanager
def stage() -> Iterator[Stage]:
    """The server on this machine, else an embedded one; at the end nothing is left of it."""
    os.environ.update(SECRETS)
    with ExitStack() as stack:
        folder = stack.enter_context(open_folder())
        named = find_servers(dict(os.environ)).database
        server = named or stack.enter_context(open_embedded())
        with temporary_database(server, "template0") as url:
            migrate.upgrade(url)
            say(f"on {sa.engine.make_url(server).host or 'the embedded server'}")
            yield Stage(server, str(sa.engine.make_url(url).database), folder)


def found(store: Store, partners: Mapping[str, str], *, books: bool = True) -> None:
    """Make one merchant with a shop, a warehouse and an ERP at these addresses, and stock."""
    make(store, tree(partners, books=books))


def make(store: Store, world: Mapping[str, Any]) -> None:
    """Apply a connections file."""
    text = json.dumps(world).encode()
    with store.database.begin() as db:
        unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
        known = Known(partial(secrets.reveal, store.vault))
        applying.apply(unit, text, known, "bench")


def tree(partners: Mapping[str, str], *, books: bool = True) -> dict[str, Any]:
    """The connections file of that world; without `books` the ERP is told nothing."""
    erp = _erp(partners[ERP]) | ({} if books else {"subscribes": []})
    return {
        "network": {"private": ["127.0.0.0/8"], "http": True},
        "merchants": [{"code": MERCHANT, "name": "Acme", "currency": "EUR"}],
        "connections": [_shop(partners[SHOP]), _warehouse(partners[WAREHOUSE]), erp],
        "products": [{"merchant": MERCHANT, "sku": sku, "title": sku} for sku in skus()],
        "stock": [{"warehouse": WAREHOUSE, "sku": sku, "on_hand": PIECES} for sku in skus()],
    }


NOWHERE = dict.fromkeys((SHOP, WAREHOUSE, ERP), "http://127.0.0.1:9")
"""Partners that nobody will call."""


def _shop(url: str) -> dict[str, Any]:
    return {
        "code": SHOP,
        "kind": "channel",
        "adapter": "shopify",
        "merchant": MERCHANT,
        "settings": {"api_url": url, "shop": DOMAIN},
        "secrets": {"webhook_secret": "env:SHOP_SECRET", "access_token": "env:SHOP_TOKEN"},
        "subscribes": ["order.fulfilled"],
    }


def _warehouse(url: str) -> dict[str, Any]:
    account = {"app_key": "sandbox", "customer_id": "sandbox"}
    return {
        "code": WAREHOUSE,
        "kind": "warehouse",
        "adapter": "qimen",
        "merchant": MERCHANT,
        "settings": {"api_url": url, **account, "owner_code": "ACME", "warehouse_code": "W1"},
        "secrets": {"app_secret": "env:SANDBOX_WAREHOUSE_SECRET"},
    }


def _erp(url: str) -> dict[str, Any]:
    return {
        "code": ERP,
        "kind": "erp",
        "adapter": "tryton",
        "merchant": MERCHANT,
        "settings": {"api_url": url, "database": "erp", "user": "hub", "taxes": TAXES},
        "secrets": {"password": "env:SANDBOX_ERP_PASSWORD"},
        "limits": {"timeout_s": 60, "concurrency": 2},
    }


def skus() -> list[str]:
    """The articles that the orders are about."""
    return [product.sku for product in CATALOGUE if product.ships]


def orders(n: int, seed: int = 1) -> list[bytes]:
    """Bodies of paid orders of one to three lines, as the shop posts them."""
    made = generate(n, seed, markets=MARKETS, traits=frozenset())
    return [json.dumps(body, ensure_ascii=False).encode() for body in made]


def webhooks(bodies: list[bytes]) -> list[tuple[dict[str, str], bytes]]:
    """Signed deliveries of these bodies."""
    shop = Shop(secret=SECRETS["SHOP_SECRET"], domain=DOMAIN)
    return [shop.webhook("orders/create", body) for body in bodies]


@dataclass(slots=True)
class Stopwatch:
    """Wall and processor time of this process."""

    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def measure(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall, self.cpu = time.perf_counter() - wall, time.process_time() - cpu


@contextmanager
def plain_python() -> Iterator[None]:
    """Python as it starts: a worker of ours, made in the same process, has it collect seldom."""
    seldom = gc.get_threshold()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*seldom)
    gc.freeze()


def say(text: str) -> None:
    """Progress, on standard error: standard output holds the results alone."""
    print(text, file=sys.stderr, flush=True)


def number(name: str, default: int) -> int:
    """A size that the environment may set."""
    return int(os.environ.get(name, default))
