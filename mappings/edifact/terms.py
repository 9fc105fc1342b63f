"""What was agreed with a warehouse that speaks EDIFACT, beside what its messages say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mappings.edifact.segments import SKU_QUALIFIERS

DESPATCHED = ("12", "46", "113", "1")
"""Kinds of quantity (6063): despatched, delivered, to be delivered, a quantity of no kind."""
ON_HAND = ("145", "17", "158", "33", "1")
"""Actual stock, on hand, closing balance, available for sale, a quantity of no kind."""
TRACKING = ("CN", "AAM", "AAS")
"""References (1153): the carrier's, a waybill's, a transport document's."""


def _as_told(number: str) -> str:
    return number


def _nothing(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """`ours_of` gives our document behind the number that the warehouse knows (it has at most 35
    characters there), as told where it is none of ours; `is_ours` whether it is one.
    `acknowledged` gives the fulfilment order that was told in an interchange, `clock` the time
    where a message tells none.

    `despatched`, `on_hand`: kinds of quantity (6063) that mean what left and what is there, the
    first that is told counting; `omitted_is_short`: what an advice of despatch does not name will
    not be shipped; `tracking`: references (1153) that are tracking numbers; `lenient`: what counts
    wrongly is read with a warning.

    `sender`, `receiver`: id, qualifier and the like of the interchange; `depositor`, `warehouse`:
    party and agency of NAD; `order_by`, `notice_by`: the messages that tell of an order and of
    what is to come; `return_version`: that of RETANN.
    """

    ours_of: Callable[[str], str] = _as_told
    is_ours: Callable[[str], bool] = lambda _: False
    acknowledged: Callable[[str], str | None] = _nothing
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sku_qualifiers: Sequence[str] = SKU_QUALIFIERS
    despatched: Sequence[str] = DESPATCHED
    on_hand: Sequence[str] = ON_HAND
    tracking: Sequence[str] = TRACKING
    omitted_is_short: bool = False
    lenient: bool = False
    sender: tuple[str, ...] = ("ORDERHUB", "ZZZ")
    receiver: tuple[str, ...] = ("WAREHOUSE", "ZZZ")
    depositor: tuple[str, ...] | None = None
    warehouse: tuple[str, ...] | None = None
    syntax: str = "UNOC:3"
    version: str = "D:96A:UN"
    order_by: str = "ORDERS"
    notice_by: str = "DESADV"
    return_version: str = "D:96A:EN:EAN001"
    agreement: str | None = None
    is_test: bool = False
    asks: bool = True
    unit: str = "PCE"
