"""Which fulfilment orders stand in one notice: found, and told by another one from now on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.orders.fulfilments import FulfilmentRow


def refresh(db: Connection, rows: Sequence[FulfilmentRow]) -> None:
    """By which notice they are told now: another order may have been taken out of it since they
    were read.
    """
    standing = {row.id: row for row in db.execute(_STANDING, {"ids": [row.id for row in rows]})}
    for row in rows:
        if (now := standing.get(row.id)) is not None:
            row.notice_id, row.merged_into = now.notice_id, now.merged_into
            row.line_offset, row.revision = now.line_offset, now.revision


def meeting(db: Connection, recipients: Iterable[bytes]) -> list[Any]:
    """What was planned for these recipients and no warehouse was heard of: id, notice_id. Locked;
    what somebody else works on is left to him. Of a notice either all is there or nothing.
    """
    waiting = db.execute(_MEETING, {"recipients": sorted(set(recipients))}).all()
    notices = [row.notice_id for row in waiting]
    at = {"ids": [row.merged_into or row.id for row in waiting], "notices": notices}
    whole = {row.notice_id: row.parts for row in db.execute(_WHOLE, at)} if waiting else {}
    return [row for row in waiting if whole.get(row.notice_id) == notices.count(row.notice_id)]


def left(db: Connection, withdrawn: Sequence[FulfilmentRow]) -> list[UUID]:
    """What stood in the same notices as these, and was not taken back with them."""
    leaders = sorted({row.merged_into or row.id for row in withdrawn})
    notices = sorted({row.notice_id for row in withdrawn if row.notice_id})
    return list(db.scalars(_LEFT, {"ids": leaders, "notices": notices}))


def shared(db: Connection, notices: Iterable[UUID]) -> set[UUID]:
    """Those of these notices that tell of several fulfilment orders. Nothing is locked."""
    return set(db.scalars(_SHARED, {"notices": sorted(set(notices))}))


def mark(db: Connection, rows: Sequence[FulfilmentRow]) -> None:
    """Store whom these go to."""
    write(db, _MARK, _MARKS.of((row.id, row.recipient) for row in rows))


def tell_anew(db: Connection, rows: Sequence[FulfilmentRow], instead: Mapping[UUID, UUID]) -> None:
    """These are told by another notice from now on. `instead`: a notice taken back -> the one that
    took its place.
    """
    if rows:
        write(
            db,
            _TELL,
            _TOLD.of(
                (row.id, row.notice_id, row.merged_into, row.line_offset, row.revision)
                for row in rows
            ),
        )
        write(db, _HAND_ON, _HANDED.of((old, f"message:{new}") for old, new in instead.items()))


_STANDING = sa.text(
    """SELECT id, notice_id, merged_into, line_offset, revision FROM fulfilment_order
    WHERE id = ANY (:ids)"""
)
_MEETING = sa.text(
    """SELECT id, notice_id, merged_into FROM fulfilment_order
    WHERE recipient = ANY (:recipients) AND status = 'notified' AND notice_id IS NOT NULL
    ORDER BY id FOR UPDATE SKIP LOCKED"""
)
_WHOLE = sa.text(
    """SELECT notice_id, count(*) AS parts FROM fulfilment_order
    WHERE (id = ANY (:ids) OR merged_into = ANY (:ids)) AND notice_id = ANY (:notices)
    GROUP BY 1"""
)
_LEFT = sa.text(
    """SELECT id FROM fulfilment_order
    WHERE (id = ANY (:ids) OR merged_into = ANY (:ids)) AND notice_id = ANY (:notices)
      AND status = 'notified' ORDER BY id"""
)
_SHARED = sa.text(
    """SELECT DISTINCT o.notice_id FROM fulfilment_order AS o
    WHERE o.merged_into IS NOT NULL AND o.status = 'notified' AND o.notice_id = ANY (:notices)"""
)
_MARKS = Rows(id="uuid", recipient="bytea")
_MARK = sa.text(
    f"""UPDATE fulfilment_order SET recipient = m.recipient FROM {_MARKS.named("m")}
    WHERE fulfilment_order.id = m.id"""  # noqa: S608  # ours
)
_TOLD = Rows(id="uuid", notice="uuid", merged="uuid", place="int", revision="int")
_TELL = sa.text(
    f"""UPDATE fulfilment_order SET notice_id = t.notice, merged_into = t.merged,
      line_offset = t.place, revision = t.revision
    FROM {_TOLD.named("t")}
    WHERE fulfilment_order.id = t.id"""  # noqa: S608  # ours
)
_HANDED = Rows(id="uuid", successor="text")
_HAND_ON = sa.text(
    f"""UPDATE message SET successor = h.successor FROM {_HANDED.named("h")}
    WHERE message.id = h.id"""  # noqa: S608  # ours
)
