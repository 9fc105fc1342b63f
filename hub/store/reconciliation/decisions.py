"""What people decided about the remainder: rows settled, matched by hand, and opened again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import new_id, short
from hub.store.base.pipelining import settle as settled
from hub.store.reconciliation.expected import CLOSED, OPENED

Side = Literal["ours", "theirs"]
SIDES: tuple[Side, ...] = ("ours", "theirs")


def id_text(id: UUID) -> str:  # noqa: A002
    """A match's id as the audit names it."""
    return short("M", id)


@dataclass(frozen=True, slots=True)
class HandMatch:
    """Rows of both sides that a person says belong together."""

    merchant: str
    currency: str
    ours: Decimal
    theirs: Decimal
    actor: str
    note: str | None


def lock(db: Connection, side: Side, ids: Sequence[UUID]) -> list[Any]:
    """Lock and load rows of a side: id, merchant_id, kind, amount, currency, state, reason,
    match_id, subject.
    """
    return list(db.execute(_LOCK[side], {"ids": list(ids)}))


def settle(
    db: Connection, side: Side, ids: Sequence[UUID], state: str, actor: str, note: str | None
) -> None:
    """Note what a person decided about rows."""
    db.execute(_SETTLE[side], {"ids": list(ids), "state": state, "who": actor, "note": note})


def reopen(db: Connection, side: Side, ids: Sequence[UUID]) -> None:
    """Nothing is decided about these rows any more."""
    db.execute(_REOPEN[side], {"ids": list(ids)})


def match(db: Connection, made: HandMatch, ours: Sequence[UUID], theirs: Sequence[UUID]) -> UUID:
    """Match rows by hand. Returns the match's id."""
    id_ = new_id()
    row = {"id": id_, "merchant": made.merchant, "currency": made.currency, "ours": made.ours}
    more = {"theirs": made.theirs, "who": made.actor, "note": made.note}
    rows = {"our_rows": list(ours), "their_rows": list(theirs)}
    db.execute(_MATCH, {**row, **more, **rows})
    chosen: dict[Side, Sequence[UUID]] = {"ours": ours, "theirs": theirs}
    for side, ids in chosen.items():
        values = {"ids": list(ids), "match": id_, "who": made.actor, "note": made.note}
        db.execute(_MATCHED[side], values)
    return id_


def undo(db: Connection, match_id: UUID, actor: str) -> Any:
    """Undo a match: all its rows are open again, and only a person matches them. Its row, None
    where it is undone or unknown.
    """
    settled(db)
    row = db.execute(_UNDO, {"id": match_id, "who": actor}).one_or_none()
    if row is not None:
        for side in SIDES:
            db.execute(_REOPEN_MATCH[side], {"match": match_id, "who": actor})
    return row


_TABLE: Mapping[str, str] = {"ours": "expected_money", "theirs": "provider_row"}
_AMOUNT: Mapping[str, str] = {
    "ours": "amount",
    "theirs": "CASE kind WHEN 'payout' THEN net WHEN 'fee' THEN net WHEN 'tax' THEN net ELSE gross"
    " END AS amount",
}
_AGAIN: Mapping[str, str] = {
    "ours": """CASE kind WHEN 'payout' THEN 'payout_not_received' WHEN 'carriage'
      THEN 'not_invoiced' ELSE 'order_without_payout' END""",
    "theirs": "coalesce(reason, 'unknown')",
}
_ROWS_OF: Mapping[Side, str] = {"ours": "our_rows", "theirs": "their_rows"}


def _changed(side: Side, change: str, then: str) -> sa.TextClause:
    """Change rows of a side, and whether they stand among what is expected and open."""
    update = f"UPDATE {_TABLE[side]} SET {change}"  # noqa: S608  # ours
    if side == "theirs":
        return sa.text(update)
    table = _TABLE[side]
    return sa.text(f"WITH row AS ({update} RETURNING {table}.*) {then}")


# fmt: off
_LOCK = {side: sa.text(
    f"""SELECT id, merchant_id, kind, {_AMOUNT[side]}, currency, state, reason, match_id, reference
    FROM {table} WHERE id = ANY (:ids) ORDER BY id FOR UPDATE""")  # noqa: S608  # ours
    for side, table in _TABLE.items()}
_SETTLE = {side: _changed(side, """state = :state, decided_by = :who, decided_at = now(),
      note = :note WHERE id = ANY (:ids)""", CLOSED) for side in SIDES}
_REOPEN = {side: _changed(side, f"""state = 'open', match_id = NULL, decided_by = NULL,
      decided_at = NULL, note = NULL, reason = {_AGAIN[side]} WHERE id = ANY (:ids)""", OPENED)
    for side in SIDES}
_MATCHED = {side: _changed(side, """state = 'matched', match_id = :match, decided_by = :who,
      decided_at = now(), note = :note WHERE id = ANY (:ids)""", CLOSED) for side in SIDES}
_REOPEN_MATCH = {side: _changed(side, f"""state = 'open', match_id = NULL, decided_by = :who,
      decided_at = NULL, note = NULL, reason = {_AGAIN[side]} FROM money_match AS made
    WHERE made.id = :match AND {_TABLE[side]}.id = ANY (made.{_ROWS_OF[side]})
      AND match_id = made.id""", OPENED) for side in SIDES}
# fmt: on
_MATCH = sa.text(
    """INSERT INTO money_match (id, merchant_id, rule, currency, ours, theirs, difference, actor,
      note, our_rows, their_rows)
    VALUES (:id, :merchant, 'by_hand', :currency, :ours, :theirs, :theirs - :ours, :who, :note,
      :our_rows, :their_rows)"""
)
_UNDO = sa.text(
    """UPDATE money_match SET undone_at = now(), undone_by = :who
    WHERE id = :id AND undone_at IS NULL RETURNING merchant_id, rule, actor"""
)
