"""What we (or another ERP) told a warehouse, read back: the requests of the other direction.

No warehouse calls these methods, so nothing here comes in by the gateway. They show what a request
says, and hold what is written to what was meant: each is read back as the document it came from.
"""

from collections.abc import Callable, Mapping

from hub.model.document import Document
from mappings.qimen.fields import Reader
from mappings.qimen.requests.items import article, articles, kit
from mappings.qimen.requests.notices import notice, returned
from mappings.qimen.requests.orders import cancellation, order, stockout
from mappings.qimen.tree import Node

__all__ = ["REQUESTS"]

REQUESTS: Mapping[str, Callable[[Reader, Node], list[Document]]] = {
    "deliveryorder.create": order,
    "stockout.create": stockout,
    "order.cancel": cancellation,
    "entryorder.create": notice,
    "returnorder.create": returned,
    "singleitem.synchronize": article,
    "items.synchronize": articles,
    "combineitem.synchronize": kit,
}
