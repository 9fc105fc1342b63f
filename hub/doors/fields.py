"""Which fields of a document are a person's or a secret: by the adapter's word for a partner's own
documents, by the canonical model for ours.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from adapters.kit.registry import entries
from hub.model.order import SalesOrder
from hub.model.personal import fields_of

# fmt: off
HARMLESS = frozenset({
    "id", "priority", "type", "topic", "status", "state", "kind", "code", "sku", "gtin",
    "itemcode", "item_code", "itemid", "quantity", "qty", "actualqty", "planqty", "on_hand",
    "reserved", "delta", "quality", "currency", "country", "country_code", "countrycode", "price",
    "unit_price", "total", "tax", "discount", "amount", "grand_total", "items", "paid",
    "refunded", "rounding", "outstanding", "rate", "fees", "line_no", "lineno", "orderlineno",
    "revision", "occurred_at", "created_at", "updated_at", "placed_at", "shipped_at", "at",
    "test", "complete", "warehouse", "warehousecode", "ownercode", "merchant", "connection",
    "carrier", "carrier_name", "service", "logisticscode", "requires_shipping",
    "prices_include_tax", "payment_state", "fulfilment_state", "financial_status",
    "fulfillment_status", "fulfilment_order_id", "channel_order_id", "channel_line_id",
    "order_number", "deliveryordercode", "ordertype", "flag", "weight_g", "weight_kg",
    "available", "version", "restock", "ordered", "shipped", "short", "cancelled_quantity",
    "gift_card", "taxable", "currency_code", "language", "region_code",
})
# fmt: on
"""Names that tell nothing of who somebody is, wherever they stand."""
_SECRET = re.compile(
    r"token|secret|password|passwd|signature|session|api_?key|authorization|cookie|hmac|^sign$"
)
# fmt: off
_PERSONS = frozenset({
    "consignee", "receiver", "recipient", "addressee", "buyer", "firstname", "lastname", "fullname",
    "familyname", "givenname", "surname", "email", "emailaddress", "contactemail", "phone",
    "phonenumber", "telephone", "tel", "mobile", "mobilephone", "cellphone", "fax", "street",
    "address1", "address2", "addressline1", "addressline2", "streetaddress", "detailaddress",
    "birthday", "birthdate", "dateofbirth", "passport", "idnumber", "idcard", "taxid",
})
# fmt: on
"""Names that are a person's in anybody's documents, whatever an adapter forgot to say."""
Path = Sequence[str]


class Fields:
    """What is hidden in documents of one kind. A pattern names a field and all beneath it
    (`email`, `customer.*`, `shipping_address.name`), at any depth and in any case; lists and the
    root of an XML document count for nothing. Without patterns everything is hidden but what is
    harmless.
    """

    def __init__(self, patterns: Iterable[str] | None) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] | None = None
        if patterns is not None:
            self._by_first = {}
            for pattern in patterns:
                names = tuple(pattern.lower().removesuffix(".*").split("."))
                self._by_first.setdefault(names[0], []).append(names)

    def hides(self, path: Path) -> bool:
        """Whether the value at this path of names, in lower case, is not to be seen."""
        leaf = path[-1] if path else ""
        if _SECRET.search(leaf):
            return True
        if self._by_first is None:
            return leaf not in HARMLESS
        if leaf not in HARMLESS and any(_bare(name) in _PERSONS for name in path):
            return True
        for at, name in enumerate(path):
            for names in self._by_first.get(name, ()):
                end = at + len(names)
                if tuple(path[at:end]) == names and (end == len(path) or leaf not in HARMLESS):
                    return True
        return False


@lru_cache(4096)
def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "")


NOTHING_KNOWN = Fields(None)
"""Of partners whose adapter does not say."""


def canonical(kind: str) -> Fields:
    """What is hidden in a canonical document, by its type."""
    found = fields_of(kind)
    return NOTHING_KNOWN if found is None else Fields(found)


def of_adapter(name: str) -> Fields:
    """What is hidden in the documents that partners of an adapter speak: what its manifest says,
    and what the canonical model calls personal, whoever says it.
    """
    known = entries().get(name)
    patterns = known.manifest.personal if known is not None else None
    if patterns is None:
        return NOTHING_KNOWN
    return Fields((*patterns, *(fields_of(SalesOrder.TYPE) or ())))
