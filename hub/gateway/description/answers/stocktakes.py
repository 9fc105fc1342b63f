"""What the Open API answers about stocktakes."""

from datetime import date
from typing import Any

from hub.gateway.description.answers import Answer, Page
from hub.model.document import Amount, Instant


class StocktakeStep(Answer):
    """Who did what when."""

    event: str
    actor: str
    at: Instant
    detail: dict[str, Any]


class StocktakeItem(Answer):
    """A stocktake: `counting`, `counted`, `approved` or `cancelled`. `skus`: what it is about, all
    where there are none; `ledger_position`: the newest ledger line in its snapshot.
    """

    id: str
    merchant: str
    warehouse: str
    status: str
    blind: bool
    skus: list[str]
    note: str | None
    round: int
    lines: int
    counted: int
    counted_by: list[str]
    decided_by: str | None
    opened_at: Instant
    updated_at: Instant
    ledger_position: str | None


class StocktakePage(Page[StocktakeItem]):
    """Stocktakes, newest first."""


class StocktakeLine(Answer):
    """What is counted by itself. `outcome`: what becomes of it, `adjusted`, `equal`, `not_counted`,
    `unsure` (found beside lines of its level that nobody counted) or `overtaken` (set by a later
    count). `difference` is what was counted above `expected` and `moved`, which is what came in
    between snapshot and count, as it is known by now; `moved_since` came after the count. Null
    where the caller does not see what is expected.
    """

    line_no: int
    sku: str
    quality: str
    batch: str | None
    expires_on: date | None
    round: int
    counted: Amount | None
    counted_by: str | None
    counted_at: Instant | None
    outcome: str | None
    expected: Amount | None
    moved: Amount | None
    difference: Amount | None
    moved_since: Amount | None


class StocktakeWhole(StocktakeItem):
    """A stocktake with its lines and its history."""

    positions: list[StocktakeLine]
    steps: list[StocktakeStep]
