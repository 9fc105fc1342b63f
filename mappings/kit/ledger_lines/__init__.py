"""What any books take: sales, shipments, refunds, goods that moved and entries, under references of
ours, amounts net with taxes by rate.
"""

from mappings.kit.ledger_lines.bookings import Booking, Side, booking
from mappings.kit.ledger_lines.movements import (
    Moved,
    Movement,
    goods_back,
    goods_changed,
    goods_in,
)
from mappings.kit.ledger_lines.parties import (
    NOWHERE,
    Party,
    PartyAddress,
    address,
    party,
    party_prefix,
    recipient,
)
from mappings.kit.ledger_lines.refunds import (
    Back,
    Credit,
    Sold,
    articles,
    credit,
    credit_total,
    is_anything,
    restocked,
    unexplained,
    unexplained_name,
)
from mappings.kit.ledger_lines.sales import Item, Part, Role, items, order_reference
from mappings.kit.ledger_lines.shipments import Delivered, delivered
from mappings.kit.ledger_lines.taxed import Rates, Taxed, taxed

__all__ = [
    "NOWHERE",
    "Back",
    "Booking",
    "Credit",
    "Delivered",
    "Item",
    "Moved",
    "Movement",
    "Part",
    "Party",
    "PartyAddress",
    "Rates",
    "Role",
    "Side",
    "Sold",
    "Taxed",
    "address",
    "articles",
    "booking",
    "credit",
    "credit_total",
    "delivered",
    "goods_back",
    "goods_changed",
    "goods_in",
    "is_anything",
    "items",
    "order_reference",
    "party",
    "party_prefix",
    "recipient",
    "restocked",
    "taxed",
    "unexplained",
    "unexplained_name",
]
