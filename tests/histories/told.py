"""Batches of histories of stock: every number that a channel is told is explained to the unit."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from hub.flows.orders import reconsider
from hub.flows.stock import explaining, long_count, stock_out
from hub.flows.unit import Unit
from tests.histories.batch import Batch

EVERY = 7
"""Rounds after which channels are told, and orders looked at again that wait."""
_HEARD = """UPDATE work SET attempts = 1 WHERE direction = 'out' AND attempts = 0
  AND topic = 'fulfilment_order' AND starts_with(connection, 'wh-')"""
"""The first warehouse of each hears at once of what it shall ship; the other one cannot be reached,
so what it is to be told may be taken back.
"""


class StockBatch(Batch):
    """Histories of stock with one shop each, which is told and asked about what it was told."""

    def after_round(self, *, last: bool) -> None:
        self.world.sql(_HEARD)
        if last or self.rounds % EVERY == 0:
            self._look_again()
            self._explain(self._publish())

    def _look_again(self) -> None:
        """The sweep, some time later."""
        self.world.sql("UPDATE fact_due SET due = due - interval '1 hour'")
        looked = 1
        while looked:
            with self.world.unit() as unit:
                looked = reconsider.look_again(unit)

    def _publish(self) -> Sequence[Any]:
        """Tell the shops. Returns the numbers that they were told now."""
        told = {(row.connection, row.sku): row.message_id for row in self._told()}
        with self.world.unit() as unit:
            while stock_out.publish(unit):
                pass
        return [row for row in self._told()
                if told.get((row.connection, row.sku)) != row.message_id]  # fmt: skip

    def _told(self) -> Any:
        return self.world.sql(
            "SELECT connection, merchant_id, sku, available, message_id FROM level_told"
        )

    def _explain(self, told: Sequence[Any]) -> None:
        owners = {one.code: one for one in self.histories}
        with self.world.unit() as unit:
            for row in told:
                wrong = _unexplained(unit, row)
                if wrong:
                    raise self.broken(wrong, owners[row.merchant_id])
        self.notes["numbers explained"] += len(told)


class LongCountBatch(StockBatch):
    """Each count is reconciled by sets in the database."""

    def play(self) -> None:
        with patch.object(long_count, "LONG", 1):
            super().play()


def _unexplained(unit: Unit, row: Any) -> str:
    """How an explanation of a number differs from it; empty where it does not."""
    made = explaining.explain(unit, row.merchant_id, row.sku, row.connection)
    sums = (made.published, made.available, sum((it.quantity for it in made.steps), Decimal(0)))
    if set(sums) != {row.available}:
        return f"{row.sku}: {row.available} were told, explained are {sums}"
    for step in made.steps:
        if step.name == "reserved":
            named = sum((each.quantity for each in step.promises), step.more)
            if named != -step.quantity or step.more:
                return f"{row.sku}: {-step.quantity} are reserved, named are {named}"
    return ""
