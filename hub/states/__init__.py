"""Life cycles as tables: which document can go where, by which event. No I/O, no clock."""

from typing import Any

from hub.states.fulfilment_order import FULFILMENT_ORDER
from hub.states.inbound_notice import INBOUND_NOTICE
from hub.states.machine import Table
from hub.states.message import INBOX, OUTBOX
from hub.states.order import ORDER
from hub.states.returns import RETURN

TABLES: tuple[Table[Any, Any], ...] = (
    ORDER,
    FULFILMENT_ORDER,
    INBOUND_NOTICE,
    RETURN,
    INBOX,
    OUTBOX,
)
"""Every life cycle; the docs draw them, the tests walk them."""
