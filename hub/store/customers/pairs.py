"""Who may be one with whom, and what a person said of it."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.pipelining import write
from hub.store.base.rows import Rows

OPEN, DISTINCT, JOINED = "open", "distinct", "joined"


def propose(db: Connection, pairs: Iterable[tuple[str, UUID, UUID, str]]) -> None:
    """Let a person say whether two (of a merchant) are one; once for ever."""
    told = sorted({(merchant, *sorted((one, other)), why) for merchant, one, other, why in pairs})
    if told:
        write(db, _PROPOSE, _PAIRS.of(told))


def decide(
    db: Connection, ids: Sequence[UUID], others: Sequence[UUID], status: str, who: str
) -> int:
    """What a person said of all pairs between the two sides. Returns how many there were."""
    said = {"ids": list(ids), "others": list(others), "status": status, "who": who}
    return db.execute(_DECIDE, said).rowcount


def of(db: Connection, ids: Sequence[UUID]) -> Sequence[Any]:
    """Pairs of these that wait for a person: rows of one, other (both roots) and reason."""
    return db.execute(_OF, {"ids": list(ids)}).all()


_PAIRS = Rows(merchant="text", first="uuid", second="uuid", reason="text")
_PROPOSE = sa.text(
    f"""INSERT INTO customer_pair (merchant_id, first, second, reason)
    SELECT DISTINCT ON (merchant, first, second) merchant, first, second, reason
    FROM {_PAIRS.named("p")} ON CONFLICT DO NOTHING"""  # noqa: S608  # ours
)
_DECIDE = sa.text(
    """UPDATE customer_pair SET status = :status, decided_by = :who, decided_at = now()
    WHERE (first = ANY (:ids) AND second = ANY (:others))
      OR (first = ANY (:others) AND second = ANY (:ids))"""
)
_OF = sa.text(
    """SELECT a.root_id AS one, b.root_id AS other, min(p.reason) AS reason
    FROM customer_pair AS p
    JOIN customer AS a ON a.id = p.first JOIN customer AS b ON b.id = p.second
    WHERE p.status = 'open' AND (p.first = ANY (:ids) OR p.second = ANY (:ids))
      AND a.root_id <> b.root_id
    GROUP BY 1, 2 ORDER BY 1, 2"""
)
