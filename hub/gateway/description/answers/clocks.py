"""What the Open API answers about clocks."""

from uuid import UUID

from hub.gateway.description.answers import Answer, Page
from hub.model.document import Instant


class ClockItem(Answer):
    """How many orders stand by a clock at a connection. `limit_s`: after how many seconds one
    stands too long.
    """

    clock: str
    connection: str
    count: int
    late: int
    oldest: Instant
    age_s: int
    limit_s: int


class Clocks(Answer):
    """All clocks by which anything stands."""

    items: list[ClockItem]


class StandingItem(Answer):
    """An order that stands. `about`: the fulfilment order or message that does, or the order."""

    order_id: UUID
    order_number: str
    merchant: str
    connection: str
    about: UUID
    since: Instant
    age_s: int
    limit_s: int
    late: bool


class StandingPage(Page[StandingItem]):
    """Orders that stand by one clock, the longest first."""
