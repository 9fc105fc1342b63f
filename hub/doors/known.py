"""Who a message is about, to be hidden in whatever was said about it."""

from sqlalchemy.engine import Connection

from hub.doors.fields import Fields
from hub.doors.masking import hidden_in
from hub.model.personal import personal
from hub.store.base.sealing import Vault
from hub.store.views import orders
from hub.store.views.messages import MessageRow


def persons(db: Connection, vault: Vault, row: MessageRow, raw: bytes, own: Fields) -> list[str]:
    """What is hidden in its payload, and in the order that it is about."""
    order = orders.item(db, vault, row.order_id) if row.order_id else None
    documents = [order.document] if order is not None and order.document is not None else []
    return sorted({*hidden_in(raw, own), *personal(documents)})
