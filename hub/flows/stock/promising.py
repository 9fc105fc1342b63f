"""When what an order waits for will be there, by what is announced: worked out anew whenever it is
asked, so that it follows each change of a notice.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.engine import Connection

from hub.rules.stock import preorder
from hub.rules.stock.preorder import Arrival, Waiting
from hub.store.stock import ahead, stock_levels
from hub.store.stock.ahead import Article


@dataclass(frozen=True, slots=True)
class Promised:
    """Pieces of an article that an order waits for. `at` None: not enough is announced."""

    sku: str
    pieces: Decimal
    at: datetime | None


def of_order(db: Connection, order_id: UUID) -> list[Promised]:
    """What an order waits for, by article; older orders are served before it."""
    articles = ahead.waited_for(db, order_id)
    if not articles:
        return []
    free: dict[Article, Decimal] = {}
    for row in stock_levels.levels(db, articles):
        there = max(row.on_hand - row.reserved - row.safety - row.expiring, Decimal(0))
        free[row.merchant_id, row.sku] = free.get((row.merchant_id, row.sku), Decimal(0)) + there
    arrivals: dict[Article, list[Arrival]] = {}
    for it in ahead.coming(db, articles):
        arrivals.setdefault(it.article, []).append(Arrival(it.warehouse, it.pieces, it.at))
    queues: dict[Article, list[Waiting]] = {}
    mine: dict[Article, Decimal] = {}
    for wait in ahead.waiting(db, articles):
        queues.setdefault(wait.article, []).append(Waiting(str(wait.order_id), wait.pieces))
        if wait.order_id == order_id:
            mine[wait.article] = wait.pieces
    return [
        Promised(
            article[1],
            pieces,
            preorder.promised_at(
                arrivals.get(article, ()),
                queues[article],
                str(order_id),
                free.get(article, Decimal(0)),
            ),
        )
        for article, pieces in sorted(mine.items())
    ]
