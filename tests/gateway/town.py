"""Two merchants with a shop and a warehouse each, the operator's own beside them, and a gateway."""

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from werkzeug.test import Client, TestResponse

from adapters.kit.partners import Adapters
from adapters.kit.signature import sign_standard, top_sign
from adapters.qimen.door import stamp
from hub.gateway.app import make_app
from hub.settings import Settings
from hub.store import connections, directory, keys, secrets, stock
from hub.store.connections import ConnectionRow, MerchantRow
from hub.store.runtime import Store
from hub.store.tables import metadata

SECRET = "whsec_" + "c2VjcmV0LW9mLXRoZS10b3du"
QIMEN_SECRET = "a-secret-of-qimen"

CHANNEL = ("channel", "generic_channel", ("sales_order", "refund", "product"), ("shipment",))
WAREHOUSE = (
    "warehouse",
    "generic_warehouse",
    ("shipment", "fulfilment_status", "stock_report", "stock_change"),
    ("fulfilment_order", "fulfilment_cancellation"),
)
QIMEN = ("warehouse", "qimen", ("shipment", "fulfilment_status"), ("fulfilment_order",))
PLACES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "shop-a": ("acme", CHANNEL),
    "wh-a": ("acme", WAREHOUSE),
    "shop-b": ("beta", CHANNEL),
    "wh-b": ("beta", WAREHOUSE),
    "wh-hub": ("operator", WAREHOUSE),
    "wh-q": ("acme", QIMEN),
}
QIMEN_SETTINGS = {
    "api_url": "http://127.0.0.1:9/",
    "app_key": "key-1",
    "customer_id": "c-1",
    "owner_code": "ACME",
    "warehouse_code": "AMS1",
}


def open_store(url: str, home: Path, *, pool: int = 8) -> Store:
    """A store whose keys lie in a folder of the test."""
    return Store.open(Settings.read({"ORDERHUB_HOME": str(home)}), url, name="test", pool=pool)


def empty(store: Store) -> None:
    """Leave nothing of an earlier test but the audit, to which can only be added."""
    with store.database.begin() as db:
        for table in metadata.tables:
            if not table.startswith("audit") and table not in ("setting", "lane"):
                db.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608  # our own tables
        directory.changed(db)


def settle(store: Store) -> None:
    """Write down who there is."""
    rows = [_connection(store, code, *place) for code, place in PLACES.items()]
    with store.database.begin() as db:
        connections.save_merchants(
            db, [MerchantRow("acme", "Acme", "EUR"), MerchantRow("beta", "Beta", "EUR")]
        )
        connections.save_connections(db, rows)
        connections.save_network(db, {"private": ["127.0.0.0/8"], "http": True})
        directory.changed(db)


def adapters_of(store: Store) -> Adapters:
    """The real adapters of the connections."""
    return Adapters(functools.partial(secrets.reveal, store.vault))


def _connection(store: Store, code: str, merchant: str, place: tuple[Any, ...]) -> ConnectionRow:
    kind, adapter, gives, takes = place
    qimen = adapter == "qimen"
    name, secret = ("app_secret", QIMEN_SECRET) if qimen else ("webhook_secret", SECRET)
    return ConnectionRow(
        code=code,
        merchant=merchant,
        kind=kind,
        adapter=adapter,
        settings=QIMEN_SETTINGS if qimen else {},
        secrets={name: secrets.seal(store.vault, secret)},
        limits={},
        options={},
        gives=gives,
        takes=takes,
    )


def signed(
    body: bytes, *, delivery: str | None = None, at: datetime | None = None, secret: str = SECRET
) -> dict[str, str]:
    """Standard Webhooks headers."""
    moment = at or datetime.now(UTC)
    headers = sign_standard(secret, delivery or uuid4().hex, moment, body)
    return {**headers, "Content-Type": "application/json"}


def qimen_query(body: bytes, method: str = "taobao.qimen.deliveryorder.confirm") -> dict[str, str]:
    """The parameters of a Qimen call, signed."""
    params = {
        "method": method,
        "timestamp": stamp(datetime.now(UTC)),
        "format": "xml",
        "app_key": "key-1",
        "v": "2.0",
        "sign_method": "md5",
        "customerId": "c-1",
    }
    return {**params, "sign": top_sign(QIMEN_SECRET, params, body, "md5")}


@dataclass
class Town:
    """The store, a gateway in this process, and what it rang."""

    store: Store
    rung: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = make_app(self.store, adapters_of(self.store), self.ring)  # type: ignore[arg-type]
        self.client = Client(self.app)

    def ring(self, lanes: Iterable[Any]) -> None:
        self.rung += list(lanes)

    def key(self, *scopes: str, merchant: str | None = None) -> str:
        """A fresh API key."""
        with self.store.database.begin() as db:
            return keys.make(db, "test", scopes or ("all",), merchant)[1]

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

    def sql(self, text: str, **values: Any) -> Any:
        """One statement of the test's own."""
        with self.store.database.begin() as db:
            result = db.execute(sa.text(text), values)
            return result.all() if result.returns_rows else result.rowcount

    def count(self, table: str) -> int:
        return int(self.sql(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608

    def fill(self, merchant: str, warehouse: str, **pieces: int) -> None:
        """Make SKUs known and put pieces into a warehouse."""
        with self.store.database.begin() as db:
            for sku in pieces:
                db.execute(
                    sa.text(
                        """INSERT INTO product (merchant_id, sku, title, document)
                        VALUES (:m, :sku, :sku, CAST(:document AS jsonb))
                        ON CONFLICT DO NOTHING"""
                    ),
                    {"m": merchant, "sku": sku, "document": json.dumps(_product(sku))},
                )
            stock.move(
                db,
                [
                    stock.Movement(merchant, warehouse, sku, Decimal(n), "opening", "opening")
                    for sku, n in pieces.items()
                ],
            )


def _product(sku: str) -> dict[str, Any]:
    source = {"connection": "test", "id": sku}
    return {"type": "product", "source": source, "sku": sku, "title": sku}
