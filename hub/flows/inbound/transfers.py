"""Transfers: whether the warehouse that goods leave has what is to leave it."""

from decimal import Decimal

from hub.flows.unit import Unit
from hub.rules.messages.receiving import Verdict
from hub.store.inbound.notices import NoticeRow
from hub.store.stock import stock_levels

_Place = tuple[str, str, str, str]
"""Warehouse, merchant, SKU, quality."""


class Origins:
    """The levels that the transfers of a batch take from, locked when they are first asked for; a
    later transfer of the batch sees what an earlier one takes.
    """

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._free: dict[_Place, Decimal] = {}

    def lacking(self, row: NoticeRow) -> Verdict | None:
        """What to answer where a transfer asks for more than is there and not promised; None where
        there is enough, which counts as taken then.
        """
        if row.origin is None:
            return None
        self._lock(row, row.origin)
        left = dict(self._free)
        for at, line in enumerate(row.lines):
            place = (row.origin, row.merchant, line.sku, line.quality)
            left[place] -= max(line.expected - line.sent, -line.transit)
            if line.expected > line.sent and left[place] < 0:
                sentence = f"{row.origin} has too few pieces of {line.sku[:60]} that are free"
                return Verdict("parked", "out_of_stock", sentence, f"lines.{at}.quantity")
        self._free = left
        return None

    def _lock(self, row: NoticeRow, origin: str) -> None:
        wanted = {(origin, row.merchant, line.sku, line.quality) for line in row.lines}
        new = wanted - set(self._free)
        if not new:
            return
        held = stock_levels.lock(self._unit.db, origin, {(it[1], it[2]) for it in new})
        self._free |= dict.fromkeys(new, Decimal(0))
        for level in held:
            place = (origin, level.merchant_id, level.sku, level.quality)
            if place in new:
                self._free[place] = level.on_hand - level.reserved
