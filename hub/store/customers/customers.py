"""Customers, in sets; profiles sealed. Who is found to be one with another points to it; `root_id`
is the last of those steps, so that all of one person are found at once.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault

PROFILE = "customer.profile"
KNOWN, MERGED, ERASED = "known", "merged", "erased"


@dataclass(slots=True)
class CustomerRow:
    """A customer as it stands; `profile` is the JSON that is sealed, empty once it is erased."""

    id: UUID
    merchant: str
    root: UUID
    status: str = KNOWN
    merged_into: UUID | None = None
    profile: bytes = b""
    orders: int = 0
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    spends: list[dict[str, Any]] = field(default_factory=list)
    version: int = 0
    digest: bytes | None = None


def digest(vault: Vault, merchant: str, kind: str, text: str) -> bytes:
    """A keyed digest of what a person is known by: it tells nothing, and differs by merchant."""
    keyed = f"customer mark|{merchant}|{kind}|{text}".encode()
    return hmac.digest(vault.index_key, keyed, "sha256")[:16]


def owners(
    db: Connection, marks: Iterable[tuple[str, str, bytes]]
) -> dict[tuple[str, str, bytes], UUID]:
    """Whose each (merchant, kind, digest) is."""
    asked = sorted(set(marks))
    rows = db.execute(_OWNERS, _MARKS.of(asked)) if asked else ()
    return {(row.merchant_id, row.kind, bytes(row.digest)): row.customer_id for row in rows}


def members(db: Connection, orders: Sequence[UUID]) -> dict[UUID, UUID]:
    """Order -> whose it is found to be."""
    rows = db.execute(_MEMBERS, {"ids": list(orders)})
    return {row.order_id: row.customer_id for row in rows}


def of_order_number(db: Connection, number: str) -> list[UUID]:
    """Whose the orders with that number are."""
    return list(db.scalars(_OF_NUMBER, {"number": number}))


def roots(db: Connection, ids: Iterable[UUID]) -> list[UUID]:
    """Who these are in the end, each once."""
    return list(db.scalars(_ROOTS_OF, {"ids": sorted(set(ids))}))


def load(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, CustomerRow]:
    """Customers by id."""
    wanted = sorted(set(ids))
    rows = db.execute(_BY_ID, {"ids": wanted}) if wanted else ()
    return {row.id: _row(vault, row) for row in rows}


def families(db: Connection, vault: Vault, roots: Iterable[UUID]) -> dict[UUID, list[CustomerRow]]:
    """Root -> all who are one with it, itself among them, the oldest first."""
    found: dict[UUID, list[CustomerRow]] = {}
    for row in db.execute(_BY_ROOT, {"ids": sorted(set(roots))}):
        found.setdefault(row.root_id, []).append(_row(vault, row))
    return found


def insert(db: Connection, vault: Vault, rows: Sequence[CustomerRow]) -> None:
    """Keep new customers."""
    if rows:
        write(db, _INSERT, _NEW.of((it.id, it.merchant, _sealed(vault, it)) for it in rows))


def keep_profiles(db: Connection, vault: Vault, rows: Sequence[CustomerRow]) -> None:
    """Keep what is known of them now."""
    if rows:
        write(db, _PROFILES, _NEW.of((it.id, it.merchant, _sealed(vault, it)) for it in rows))


def keep_marks(db: Connection, marks: Iterable[tuple[str, str, bytes, UUID]]) -> None:
    """Let (merchant, kind, digest) be a customer's, where it is nobody's yet."""
    told = sorted(set(marks))
    if told:
        write(db, _KEEP_MARKS, _OWNED.of(told))


def keep_orders(db: Connection, orders: Iterable[tuple[UUID, str, UUID, bool]]) -> None:
    """Let (order, merchant) be a customer's; whether it counts."""
    told = sorted(set(orders))
    if told:
        write(db, _KEEP_ORDERS, _ORDERS.of(told))


def sums(db: Connection, roots: Iterable[UUID]) -> Mapping[UUID, Sequence[Any]]:
    """Root -> rows of currency, orders, amount, first, last: orders that count and were not
    cancelled.
    """
    found: dict[UUID, list[Any]] = {}
    for row in db.execute(_SUMS, {"ids": sorted(set(roots))}):
        found.setdefault(row.root_id, []).append(row)
    return found


def keep_sums(db: Connection, rows: Sequence[CustomerRow]) -> None:
    """Keep counts, version and digest of roots."""
    if rows:
        write(db, _KEEP_SUMS, _COUNTED.of(map(_counted, rows)))


def point(db: Connection, id_: UUID, into: UUID | None) -> None:
    """Let a customer be one with another; with None it is itself again."""
    status = KNOWN if into is None else MERGED
    db.execute(_POINT, {"id": id_, "into": into, "status": status})
    db.execute(_ROOTS, {"id": id_})


def _counted(it: CustomerRow) -> tuple[Any, ...]:
    whole = (it.id, it.orders, it.first_order_at, it.last_order_at, json.dumps(it.spends))
    return (*whole, it.version, it.digest)


def _sealed(vault: Vault, row: CustomerRow) -> bytes:
    return vault.seal(row.profile, PROFILE, row.merchant, row.id)


def _row(vault: Vault, row: Any) -> CustomerRow:
    profile = row.profile
    return CustomerRow(
        id=row.id,
        merchant=row.merchant_id,
        root=row.root_id,
        status=row.status,
        merged_into=row.merged_into,
        profile=vault.open(profile, PROFILE, row.merchant_id, row.id) if profile else b"",
        orders=row.orders,
        first_order_at=row.first_order_at,
        last_order_at=row.last_order_at,
        spends=row.spends,
        version=row.version,
        digest=bytes(row.digest) if row.digest is not None else None,
    )


_MARKS = Rows(merchant="text", kind="text", digest="bytea")
_OWNERS = sa.text(
    f"""SELECT merchant_id, kind, digest, customer_id FROM customer_mark
    WHERE (merchant_id, kind, digest) IN (SELECT * FROM {_MARKS.arrays})"""  # noqa: S608  # ours
)
_MEMBERS = sa.text("SELECT order_id, customer_id FROM customer_order WHERE order_id = ANY (:ids)")
_OF_NUMBER = sa.text(
    """SELECT co.customer_id FROM sales_order AS o
    JOIN customer_order AS co ON co.order_id = o.id WHERE o.order_number = :number"""
)
_ROOTS_OF = sa.text("SELECT DISTINCT root_id FROM customer WHERE id = ANY (:ids) ORDER BY 1")
_CUSTOMER = """SELECT id, merchant_id, root_id, status, merged_into, profile, orders,
  first_order_at, last_order_at, spends, version, digest FROM customer"""
_BY_ID = sa.text(f"{_CUSTOMER} WHERE id = ANY (:ids) ORDER BY id")
_BY_ROOT = sa.text(f"{_CUSTOMER} WHERE root_id = ANY (:ids) ORDER BY id")
_NEW = Rows(id="uuid", merchant="text", profile="bytea")
_INSERT = sa.text(
    f"""INSERT INTO customer (id, merchant_id, root_id, profile)
    SELECT id, merchant, id, profile FROM {_NEW.named("c")}"""  # noqa: S608  # ours
)
_PROFILES = sa.text(
    f"""UPDATE customer SET profile = c.profile, updated_at = now() FROM {_NEW.named("c")}
    WHERE customer.id = c.id AND customer.merchant_id = c.merchant"""  # noqa: S608  # ours
)
_OWNED = Rows(merchant="text", kind="text", digest="bytea", customer="uuid")
_KEEP_MARKS = sa.text(
    f"""INSERT INTO customer_mark (merchant_id, kind, digest, customer_id)
    SELECT * FROM {_OWNED.arrays} ON CONFLICT DO NOTHING"""  # noqa: S608  # ours
)
_ORDERS = Rows(order_id="uuid", merchant="text", customer="uuid", counts="boolean")
_KEEP_ORDERS = sa.text(
    f"""INSERT INTO customer_order (order_id, merchant_id, customer_id, counts)
    SELECT * FROM {_ORDERS.arrays}
    ON CONFLICT (order_id, merchant_id) DO UPDATE SET counts = excluded.counts"""  # noqa: S608
)
_SUMS = sa.text(
    """SELECT c.root_id, o.currency, count(*) AS orders, sum(o.grand_total) AS amount,
      min(o.placed_at) AS first, max(o.placed_at) AS last
    FROM customer AS c JOIN customer_order AS co ON co.customer_id = c.id
    JOIN sales_order AS o ON o.id = co.order_id
    WHERE c.root_id = ANY (:ids) AND co.counts AND o.status <> 'cancelled'
    GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"""
)
_COUNTED = Rows(
    id="uuid",
    orders="int",
    first="timestamptz",
    last="timestamptz",
    spends="text",
    version="int",
    digest="bytea",
)
_KEEP_SUMS = sa.text(
    f"""UPDATE customer SET orders = c.orders, first_order_at = c.first, last_order_at = c.last,
      spends = CAST(c.spends AS jsonb), version = c.version, digest = c.digest, updated_at = now()
    FROM {_COUNTED.named("c")} WHERE customer.id = c.id"""  # noqa: S608  # ours
)
_POINT = sa.text(
    """UPDATE customer SET merged_into = :into, status = :status, updated_at = now()
    WHERE id = :id"""
)
_ROOTS = sa.text(
    """WITH RECURSIVE up AS (
      SELECT id, merged_into FROM customer WHERE id = :id
      UNION SELECT c.id, c.merged_into FROM customer AS c JOIN up ON c.id = up.merged_into
    ), down AS (
      SELECT id FROM customer WHERE id = :id
      UNION SELECT c.id FROM customer AS c JOIN down ON c.merged_into = down.id
    )
    UPDATE customer SET root_id = (SELECT id FROM up WHERE merged_into IS NULL)
    WHERE id IN (SELECT id FROM down)"""
)
