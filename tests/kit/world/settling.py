"""What is written down before a test begins: connections, goods, or nothing at all; and the store
that it is written into.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection as Db

from hub.settings import Settings
from hub.store.base.sealing import Vault
from hub.store.config import secrets as secret_store
from hub.store.config import snapshot
from hub.store.messages import lanes
from hub.store.opened import Store
from hub.store.stock import stock_levels
from hub.store.tables import metadata
from tests.kit.catalogue import product


def open_store(url: str, home: Path, *, name: str = "test", pool: int = 8) -> Store:
    """A store whose keys lie in a folder of the test."""
    return Store.open(Settings.read({"ORDERHUB_HOME": str(home)}), url, name=name, pool=pool)


def connect(
    db: Db,
    vault: Vault,
    code: str,
    kind: str,
    merchant: str,
    *,
    adapter: str = "qimen",
    gives: Sequence[str] = (),
    takes: Sequence[str] = (),
    shards: int = 1,
    settings: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    limits: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> None:
    """Configure a connection. `adapter` says whose manifest holds (qimen: no keys)."""
    sealed = {name: secret_store.seal(vault, word) for name, word in (secrets or {}).items()}
    values = {
        "code": code,
        "merchant": merchant,
        "kind": kind,
        "adapter": adapter,
        "gives": sorted(gives),
        "takes": list(takes),
        "shards": shards,
        "settings": json.dumps(dict(settings or {})),
        "secrets": json.dumps(sealed),
        "limits": json.dumps(dict(limits or {})),
        "options": json.dumps(dict(options or {})),
    }
    db.execute(_CONNECT, values)
    lanes.ensure(db, code, shards)
    snapshot.changed(db)


def stock(db: Db, merchant: str, warehouse: str, pieces: Mapping[str, int]) -> None:
    """Make SKUs known and put pieces into a warehouse."""
    for sku in pieces:
        document = json.dumps(product(sku, channel="test"))
        values = {"merchant": merchant, "sku": sku, "document": document}
        db.execute(_PRODUCT, values)
    stock_levels.move(
        db,
        [
            stock_levels.Movement(merchant, warehouse, sku, Decimal(n), "opening", "opening")
            for sku, n in pieces.items()
        ],
    )


def empty(db: Db) -> None:
    """Leave nothing of an earlier test but what can only be added to: the audit, the ledger of
    money, the books.
    """
    db.exec_driver_sql(_EMPTY)
    snapshot.changed(db)


_EMPTIED = [name for name in metadata.tables if not name.startswith(("audit", "setting", "lane"))]
_EMPTY = f"""DO $$ DECLARE name text; BEGIN
  FOREACH name IN ARRAY ARRAY{_EMPTIED} LOOP
    IF has_table_privilege(name, 'DELETE') THEN EXECUTE 'DELETE FROM ' || name; END IF;
  END LOOP;
END $$"""  # noqa: S608  # our own tables
_CONNECT = sa.text(
    """INSERT INTO connection (code, merchant_id, kind, adapter, gives, takes, shards, settings,
      secrets, limits, options)
    VALUES (:code, :merchant, :kind, :adapter, CAST(:gives AS text[]), CAST(:takes AS text[]),
      :shards, CAST(:settings AS jsonb), CAST(:secrets AS jsonb), CAST(:limits AS jsonb),
      CAST(:options AS jsonb))"""
)
_PRODUCT = sa.text(
    """INSERT INTO product (merchant_id, sku, title, document)
    VALUES (:merchant, :sku, :sku, CAST(:document AS jsonb)) ON CONFLICT DO NOTHING"""
)
