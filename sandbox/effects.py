"""A partner's record as lines of a history: what took effect, under the number the hub knows, in
words that its books can be compared with. The form: docs/operations.md, "Audit".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

Entry = Mapping[str, Any]
Effects = Callable[[Sequence[Entry]], Iterator[dict[str, Any]]]


def history(partner: str, connection: str, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Everything that a partner recorded, as one of the hub's connections."""
    found = _EFFECTS[partner](entries)
    lines = [{"what": "effected", "connection": connection, **one} for one in found]
    return [*lines, {"what": "complete", "connection": connection}]


def _warehouse(entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        if entry["kind"] == "delivery_order":
            lines = entry["document"]["orderLines"]
            content = [f"{line['itemCode']} {line['planQty']}" for line in lines]
            yield _effect(entry, "fulfilment_order", 1, content=content)
        elif entry["kind"] == "cancel":
            yield _effect(entry, "fulfilment_cancellation", 2)


def _shop(entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        if entry["kind"] == "fulfilment":
            numbers = [str(number) for number in entry["document"]["numbers"]]
            effect = " ".join([entry["key"], *sorted(numbers or [_id(entry)])])
            yield _effect(entry, "shipment", 1, effect=effect, content=numbers)


def _erp(entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    settled: dict[str, Any] = {
        entry["key"]: entry["document"]
        for entry in entries
        if entry["kind"] in {"sale_processing", "sale_cancelled"}
    }
    for entry in entries:
        if entry["kind"] == "sale":
            sale: Any = settled.get(entry["key"], entry["document"])
            total = Decimal(sale["total"]).normalize()
            yield _effect(entry, "sales_order", 1, content=[f"{sale['currency']} {total:f}"])
        elif entry["kind"] == "shipment":
            effect = f"{entry['key']} {entry['document']['number']}"
            yield _effect(entry, "shipment", 2, effect=effect, content=["-"])


def _effect(entry: Entry, document: str, revision: int, **more: Any) -> dict[str, Any]:
    same = {"at": entry["at"], "document": document, "key": entry["key"], "revision": revision}
    return {**same, "effect": entry["key"], **more}


def _id(entry: Entry) -> str:
    return str(entry["document"]["fulfilment_id"])


_EFFECTS: Mapping[str, Effects] = {"warehouse": _warehouse, "shop": _shop, "erp": _erp}
