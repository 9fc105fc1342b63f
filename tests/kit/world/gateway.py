"""The gateway over a world, in this process, with the real adapters of its connections."""

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.test import Client, TestResponse

from adapters.kit.partners import Adapters
from hub.gateway.app import make_app
from hub.store.config import secrets, snapshot, writes
from hub.store.opened import Store
from hub.store.people import api_keys
from tests.kit.world.signing import QIMEN_SECRET, SECRET, signed
from tests.kit.world.world import World

CHANNEL: Mapping[str, Any] = {
    "adapter": "generic_channel",
    "gives": ("sales_order", "refund", "product"),
    "shards": 4,
    "secrets": {"webhook_secret": SECRET},
}
DEPOT: Mapping[str, Any] = {
    "adapter": "generic_warehouse",
    "gives": ("shipment", "fulfilment_status", "stock_report", "stock_change"),
    "shards": 4,
    "secrets": {"webhook_secret": SECRET},
}
QIMEN: Mapping[str, Any] = {
    "adapter": "qimen",
    "gives": ("shipment", "fulfilment_status"),
    "takes": ("fulfilment_order",),
    "shards": 4,
    "secrets": {"app_secret": QIMEN_SECRET},
    "settings": {
        "api_url": "http://127.0.0.1:9/",
        "app_key": "key-1",
        "customer_id": "c-1",
        "owner_code": "ACME",
        "warehouse_code": "AMS1",
    },
}


def two_merchants(world: World) -> None:
    """Two merchants with a shop and a warehouse each, and a warehouse of the operator's own."""
    acme = world.merchant("acme").shop("shop-a", **CHANNEL).warehouse("wh-a", **DEPOT)
    acme.warehouse("wh-q", **QIMEN)
    world.merchant("beta").shop("shop-b", **CHANNEL).warehouse("wh-b", **DEPOT)
    world.operator().warehouse("wh-hub", **DEPOT)
    with world.store.database.begin() as db:
        writes.save_network(db, {"private": ["127.0.0.0/8"], "http": True})
        snapshot.changed(db)


def adapters_of(store: Store) -> Adapters:
    """The real adapters of the connections."""
    return Adapters(functools.partial(secrets.reveal, store.vault))


class Gateway:
    """What partners and callers of the Open API reach, and what it rang."""

    def __init__(self, world: World) -> None:
        self.world, self.store = world, world.store
        self.rung: list[Any] = []
        self.app = make_app(self.store, adapters_of(self.store), self.ring)  # type: ignore[arg-type]
        self.client = Client(self.app)

    def close(self) -> None:
        self.app.close()

    def ring(self, lanes: Iterable[Any]) -> None:
        self.rung += list(lanes)

    def key(self, *scopes: str, merchant: str | None = None) -> str:
        """A fresh API key."""
        with self.store.database.begin() as db:
            return api_keys.make(db, "test", scopes or ("all",), merchant, owner="user:test")[1]

    def post_in(
        self, connection: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        """A delivery, signed unless headers are given."""
        given = signed(body) if headers is None else headers
        return self.client.post(f"/in/{connection}", data=body, headers=dict(given))

    def call(
        self,
        method: str,
        path: str,
        key: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """An Open API request."""
        given = {"Authorization": f"Bearer {key}"} if key else {}
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if raw is not None:
            given["Content-Type"] = "application/json"
        return self.client.open(
            f"/api/v1/{path}", method=method, data=raw, headers={**given, **(headers or {})}
        )
