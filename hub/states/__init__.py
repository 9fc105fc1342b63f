"""Life cycles as tables: which document can go where, by which event. No I/O, no clock."""

from typing import Any

from hub.states.chargeback import CHARGEBACK
from hub.states.fulfilment_order import FULFILMENT_ORDER
from hub.states.inbound_notice import INBOUND_NOTICE
from hub.states.machine import Table
from hub.states.message import INBOX, OUTBOX
from hub.states.order import ORDER
from hub.states.returns import RETURN
from hub.states.settlement import STATEMENT
from hub.states.stocktake import STOCKTAKE

TABLES: tuple[Table[Any, Any], ...] = (
    ORDER,
    FULFILMENT_ORDER,
    INBOUND_NOTICE,
    RETURN,
    STATEMENT,
    STOCKTAKE,
    CHARGEBACK,
    INBOX,
    OUTBOX,
)
"""Every life cycle; the docs draw them, the tests walk them."""
WITHOUT_FLOW: frozenset[str] = frozenset()
"""No flow goes by these yet: their documents are kept and ignored, nobody takes their effects."""
