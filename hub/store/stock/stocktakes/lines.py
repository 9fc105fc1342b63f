"""The lines of stocktakes: the snapshot, what was counted, and what each line came to. What the hub
held then, and what moved since: `movements.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import new_ids
from hub.store.base.rows import Rows
from hub.store.stock.stocktakes.documents import StocktakeRow


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to be counted: of the snapshot, or `found` beside it."""

    line_no: int
    sku: str
    quality: str
    batch: str
    expires_on: date | None
    expected: Decimal
    found: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line with its newest count of the round it is to be counted in. `position`: the newest
    ledger line of its level then; `explained`: what of its difference was told late.
    """

    line_no: int
    sku: str
    quality: str
    batch: str
    expires_on: date | None
    expected: Decimal
    found: bool
    round: int
    counted: Decimal | None
    held: Decimal | None
    counted_by: str | None
    counted_at: datetime | None
    position: UUID | None
    outcome: str | None
    adjusted: Decimal
    explained: Decimal


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count of a line. `held`: what the hub had of it then."""

    line_no: int
    round: int
    counted: Decimal
    held: Decimal
    position: UUID | None


def add_lines(db: Connection, row: StocktakeRow, lines: Iterable[NewLine]) -> None:
    """Add lines: the snapshot's, or what was found beside it."""
    whose = (row.id, row.merchant)
    values = [
        (
            *(*whose, it.line_no, it.sku, it.quality, it.batch, it.expires_on),
            *(it.expected, it.found, row.round),
        )
        for it in lines
    ]
    if values:
        db.execute(_ADD_LINES, _LINES.of(values))


def add_counts(
    db: Connection,
    row: StocktakeRow,
    counts: Sequence[CountRow],
    actor: str,
    at: datetime,
    counted_at: datetime | None,
) -> None:
    """Add what was counted; what was counted before stays, and no longer counts."""
    values = [
        (id_, row.merchant, row.id, it.line_no, it.round, it.counted, it.held, it.position)
        for id_, it in zip(new_ids(len(counts)), counts, strict=True)
    ]
    db.execute(_ADD_COUNTS, {**_COUNTS.of(values), "who": actor, "at": at, "then": counted_at})


def lines(db: Connection, stocktake_id: UUID) -> list[LineRow]:
    """Its lines, in order of their numbers."""
    return [LineRow(*row) for row in db.execute(_LINES_OF, {"id": stocktake_id})]


def recount(db: Connection, row: StocktakeRow, line_nos: Sequence[int]) -> int:
    """Have these lines counted in the stocktake's round. Returns how many there are."""
    wanted = {"id": row.id, "nos": sorted(set(line_nos)), "round": row.round}
    return int(db.execute(_RECOUNT, wanted).rowcount)


def decide(
    db: Connection, row: StocktakeRow, outcomes: Iterable[tuple[int, str, Decimal, Decimal]]
) -> None:
    """Note what lines, by their numbers, came to, what the ledger was told, and what explains the
    rest of the difference.
    """
    db.execute(_DECIDE, {**_DECIDED.of(outcomes), "id": row.id})


_LINES = Rows(
    stocktake="uuid", merchant="text", line="int", sku="text", quality="text", batch="text",
    expires="date", expected="numeric", found="bool", round="int",
)  # fmt: skip
_ADD_LINES = sa.text(
    f"""INSERT INTO stocktake_line (stocktake_id, merchant_id, line_no, sku, quality, batch,
      expires_on, expected, found, round) SELECT * FROM {_LINES.arrays}"""  # noqa: S608  # ours
)
_COUNTS = Rows(
    id="uuid", merchant="text", stocktake="uuid", line="int", round="int", counted="numeric",
    held="numeric", position="uuid",
)  # fmt: skip
_ADD_COUNTS = sa.text(
    f"""INSERT INTO stocktake_count (id, merchant_id, stocktake_id, line_no, round, counted, held,
      position, counted_by, at, counted_at)
    SELECT n.*, :who, CAST(:at AS timestamptz), CAST(:then AS timestamptz)
    FROM {_COUNTS.named("n")}"""  # noqa: S608  # ours
)
_LINES_OF = sa.text(
    """SELECT line.line_no, sku, quality, batch, expires_on, expected, found, line.round,
      newest.counted, newest.held, newest.counted_by, coalesce(newest.counted_at, newest.at),
      newest.position, outcome, adjusted, explained
    FROM stocktake_line AS line LEFT JOIN LATERAL (
      SELECT * FROM stocktake_count AS one WHERE one.stocktake_id = line.stocktake_id
        AND one.line_no = line.line_no AND one.round = line.round
        AND one.merchant_id = line.merchant_id
      ORDER BY id DESC LIMIT 1
    ) AS newest ON true
    WHERE line.stocktake_id = :id ORDER BY line.line_no"""
)
_RECOUNT = sa.text(
    "UPDATE stocktake_line SET round = :round WHERE stocktake_id = :id AND line_no = ANY (:nos)"
)
_DECIDED = Rows(line="int", outcome="text", adjusted="numeric", explained="numeric")
_DECIDE = sa.text(
    f"""UPDATE stocktake_line AS line SET outcome = n.outcome, adjusted = n.adjusted,
      explained = n.explained
    FROM {_DECIDED.named("n")} WHERE line.stocktake_id = :id AND line.line_no = n.line"""  # noqa: S608
)
