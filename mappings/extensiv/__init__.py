"""Extensiv 3PL Warehouse Manager, both ways. Source: the collections of requests and the field
trees of a tap; there is no published description of Extensiv's own.

A topic is the name of a resource, which comes by itself or in a list.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from mappings.extensiv import orders
from mappings.extensiv.goods import receipts, summaries
from mappings.extensiv.hal import plain, rows_of
from mappings.extensiv.outward import Terms, encoders, same_lines
from mappings.kit import Decoders

__all__ = ["Terms", "decoders", "encoders", "plain", "rows_of", "same_lines"]


def decoders(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Decoders:
    """The decode table. `clock` is asked where stock tells no time."""
    return {"order": orders.decode, "receiver": receipts, "stocksummary": summaries(clock)}
