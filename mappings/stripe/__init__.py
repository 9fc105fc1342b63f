"""Stripe's accounts of payouts, as objects of its API and as reports in CSV. Source: API reference,
"Balance transactions", "Payouts"; the reports "Payout reconciliation" and "Payments activity".
"""

from collections.abc import Sequence
from functools import partial

from hub.model.document import Document
from mappings.kit import Context, Decoders
from mappings.kit.reports.bodies import bodies
from mappings.stripe.events import PAID, Event, event
from mappings.stripe.itemized import itemized
from mappings.stripe.objects import accounted

ORDER_METADATA = ("order_id", "order_number", "external_identifier")
"""Where channels leave the number of their order with a payment."""


def decoders(order_metadata: Sequence[str] = ORDER_METADATA) -> Decoders:
    """The decode table. `order_metadata`: the metadata of a payment that names the order."""
    told = partial(_told, order_metadata)
    return dict.fromkeys(("report", "payout", *PAID), told)


def _told(order_metadata: Sequence[str], raw: bytes, at: Context) -> list[Document]:
    """A report in CSV, or objects: a payout with its transactions, or some of either."""
    return [
        document
        for body in bodies(raw)
        for document in (
            accounted(body.raw, order_metadata, at)
            if body.raw.lstrip()[:1] in {b"{", b"["}
            else itemized(body.raw, order_metadata, at)
        )
    ]


DECODE: Decoders = decoders()

__all__ = ["DECODE", "ORDER_METADATA", "PAID", "Event", "decoders", "event"]
