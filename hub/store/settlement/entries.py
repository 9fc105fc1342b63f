"""The ledger of money: entries of lines whose debits equal their credits, only ever added.

An entry is known by its document and reason: booked again, it changes nothing. The database refuses
an entry that does not balance, and every change of one that is there.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.document import ZERO
from hub.model.settlement import Entry, Line
from hub.store.base.ids import new_ids
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.settlement import items

__all__ = [
    "Booked",
    "Entry",
    "Line",
    "accounts",
    "balances",
    "between",
    "book",
    "counted",
    "known",
    "load",
    "of_order",
    "taken_back",
]


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry as it stands in the ledger, with its number."""

    id: UUID
    entry: Entry
    booked_at: datetime


def book(db: Connection, entries: Iterable[Entry]) -> dict[tuple[str, str, str], UUID]:
    """Book entries, each key once, with what charges are worked out from; those of nothing
    are left out. Returns the new: key -> id.
    IntegrityError where one does not balance.
    """
    wanted = {entry.key: entry for entry in entries if entry.lines or entry.items}
    if not wanted:
        return {}
    ids = dict(zip(wanted, new_ids(len(wanted)), strict=True))
    heads = (_head(ids[key], entry) for key, entry in wanted.items())
    new = {row.id for row in db.execute(_BOOK, _HEADS.of(heads))}
    booked = {key: id_ for key, id_ in ids.items() if id_ in new}
    lines = [
        (id_, key[0], position, line.account, line.debit, line.credit, line.tax_code,
         line.reference)
        for key, id_ in booked.items()
        for position, line in enumerate(wanted[key].lines, start=1)
    ]  # fmt: skip
    if lines:
        write(db, _BOOK_LINES, _LINES.of(lines))
    items.add(db, [(id_, wanted[key]) for key, id_ in booked.items() if wanted[key].items])
    return booked


def known(db: Connection, keys: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Which of these (merchant, document, reason) are booked."""
    rows = db.execute(_KNOWN, _KEYS.of(sorted(set(keys))))
    return {(row.merchant_id, row.document, row.reason) for row in rows}


def accounts(
    db: Connection, keys: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], frozenset[str]]:
    """Which accounts each of these (merchant, document, reason) was booked on."""
    rows = db.execute(_ACCOUNTS, _KEYS.of(sorted(set(keys))))
    return {(row.merchant_id, row.document, row.reason): frozenset(row.accounts) for row in rows}


def taken_back(db: Connection, merchant: str, document: str) -> tuple[int, datetime | None]:
    """How many payouts of a statement were booked back, and when the last of them had been made."""
    row = db.execute(_TAKEN_BACK, {"merchant": merchant, "document": document}).one()
    return row.many, row.paid_at


def counted(db: Connection, orders: Iterable[UUID]) -> dict[tuple[str, str], int]:
    """(merchant, document) -> how many entries it has, of these orders."""
    rows = db.execute(_COUNTED, {"ids": sorted(set(orders))})
    return {(row.merchant_id, row.document): row.entries for row in rows}


def between(
    db: Connection,
    *,
    after: UUID | None = None,
    until: UUID | None = None,
    merchant: str | None = None,
    most: int = 1000,
) -> list[Booked]:
    """Entries in the order they were booked, from behind `after`, up to and with `until`."""
    values = {"after": after, "until": until, "merchant": merchant, "most": most}
    return _with_lines(db, db.execute(_BETWEEN, values).all())


def load(db: Connection, ids: Sequence[UUID]) -> list[Booked]:
    """Entries by their numbers, in the order they were booked."""
    return _with_lines(db, db.execute(_BY_ID, {"ids": list(ids)}).all())


def of_order(db: Connection, order_id: UUID) -> list[Booked]:
    """All that was booked of an order."""
    return _with_lines(db, db.execute(_OF_ORDER, {"order_id": order_id}).all())


def balances(
    db: Connection, merchant: str, since: datetime | None = None, until: datetime | None = None
) -> dict[tuple[str, str], Decimal]:
    """(currency, account) -> debits less credits, of entries that happened in a time."""
    values = {"merchant": merchant, "since": since, "until": until}
    return {(row.currency, row.account): row.balance for row in db.execute(_BALANCES, values)}


def _head(id_: UUID, entry: Entry) -> tuple[Any, ...]:
    return (
        *(id_, entry.merchant, entry.document, entry.reason, entry.currency),
        *(sum((line.debit for line in entry.lines), ZERO), entry.at, entry.settle_at),
        *(entry.order_id, entry.message_id, json.dumps(dict(entry.detail), default=str)),
    )


def _with_lines(db: Connection, rows: Sequence[Any]) -> list[Booked]:
    lines: dict[UUID, list[Line]] = {row.id: [] for row in rows}
    if rows:
        for row in db.execute(_LINES_OF, {"ids": list(lines)}):
            lines[row.entry_id].append(
                Line(row.account, row.debit, row.credit, row.tax_code, row.reference)
            )
    return [
        Booked(
            row.id,
            Entry(
                row.merchant_id, row.document, row.reason, row.currency, row.at, row.settle_at,
                tuple(lines[row.id]), row.order_id, row.message_id, row.detail,
            ),
            row.booked_at,
        )
        for row in rows
    ]  # fmt: skip


_HEADS = Rows(
    id="uuid",
    merchant="text",
    document="text",
    reason="text",
    currency="text",
    total="numeric",
    at="timestamptz",
    settle_at="timestamptz",
    order_id="uuid",
    message="uuid",
    detail="text",
)
_LINES = Rows(
    id="uuid",
    merchant="text",
    position="int",
    account="text",
    debit="numeric",
    credit="numeric",
    tax_code="text",
    reference="text",
)
_KEYS = Rows(merchant="text", document="text", reason="text")
_BOOK = sa.text(
    f"""INSERT INTO entry (id, merchant_id, document, reason, currency, total, at, settle_at,
      order_id, message_id, detail)
    SELECT id, merchant, document, reason, currency, total, at, settle_at, order_id, message,
      CAST(detail AS jsonb) FROM {_HEADS.named("e")}
    ON CONFLICT (document, reason, merchant_id) DO NOTHING RETURNING id"""  # noqa: S608  # ours
)
_BOOK_LINES = sa.text(
    f"""INSERT INTO entry_line (entry_id, merchant_id, position, account, debit, credit, tax_code,
      reference)
    SELECT * FROM {_LINES.arrays}"""  # noqa: S608  # ours
)
_KNOWN = sa.text(
    f"""SELECT entry.merchant_id, entry.document, entry.reason FROM entry
    JOIN {_KEYS.named("k")} ON k.document = entry.document AND k.reason = entry.reason
      AND k.merchant = entry.merchant_id"""  # noqa: S608  # ours
)
_ACCOUNTS = sa.text(
    f"""SELECT entry.merchant_id, entry.document, entry.reason,
      array_agg(line.account) AS accounts FROM entry
    JOIN {_KEYS.named("k")} ON k.document = entry.document AND k.reason = entry.reason
      AND k.merchant = entry.merchant_id
    JOIN entry_line AS line ON line.entry_id = entry.id AND line.merchant_id = entry.merchant_id
    GROUP BY 1, 2, 3"""  # noqa: S608  # ours
)
_TAKEN_BACK = sa.text(
    """SELECT count(*) AS many, max(CAST(detail ->> 'paid_at' AS timestamptz)) AS paid_at FROM entry
    WHERE merchant_id = :merchant AND document = :document
      AND starts_with(reason, 'payout_back')"""
)
_COUNTED = sa.text(
    """SELECT merchant_id, document, count(*) AS entries FROM entry WHERE order_id = ANY (:ids)
    GROUP BY 1, 2"""
)
_COLUMNS = """id, merchant_id, document, reason, currency, at, settle_at, order_id, message_id,
  detail, booked_at"""
_BETWEEN = sa.text(
    f"""SELECT {_COLUMNS} FROM entry
    WHERE (CAST(:after AS uuid) IS NULL OR id > :after)
      AND (CAST(:until AS uuid) IS NULL OR id <= :until)
      AND (CAST(:merchant AS text) IS NULL OR merchant_id = :merchant)
    ORDER BY id LIMIT :most"""  # noqa: S608  # ours
)
_BY_ID = sa.text(f"SELECT {_COLUMNS} FROM entry WHERE id = ANY (:ids) ORDER BY id")  # noqa: S608
_OF_ORDER = sa.text(
    f"SELECT {_COLUMNS} FROM entry WHERE order_id = :order_id ORDER BY id"  # noqa: S608
)
_LINES_OF = sa.text(
    """SELECT entry_id, account, debit, credit, tax_code, reference FROM entry_line
    WHERE entry_id = ANY (:ids) ORDER BY entry_id, position"""
)
_BALANCES = sa.text(
    """SELECT entry.currency, line.account, sum(line.debit) - sum(line.credit) AS balance
    FROM entry JOIN entry_line AS line ON line.entry_id = entry.id
      AND line.merchant_id = entry.merchant_id
    WHERE entry.merchant_id = :merchant
      AND (CAST(:since AS timestamptz) IS NULL OR entry.at >= :since)
      AND (CAST(:until AS timestamptz) IS NULL OR entry.at < :until)
    GROUP BY 1, 2 ORDER BY 1, 2"""
)
