"""What a shop posts: an event of Vendure by its own name, and ids. The rest is asked for.

Our plug-in writes `{type, timestamp, data: {orderId, code, ...}}`. Others write the same flat,
under other names, or with the order itself in it, of which only the id is believed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.kit.graphql import GraphQL
from adapters.vendure.admin import answer
from adapters.vendure.listing import item_of, rows
from hub.model.errors import BadData, Ignored
from mappings.reading import read_json_object
from mappings.vendure import ORDER, PRODUCT, REFUND

FULL = ("order", "refund", "product")
"""Topics whose body is the answer itself."""
_TYPES = ("type", "event", "eventType", "eventName", "name")
_AROUND = ("data", "payload", "body", "event")
_VARIANTS = ("variantIds", "variants", "entity")


def read_event(raw: bytes) -> tuple[str, Mapping[str, Any]]:
    """Its type, and what it is about."""
    tree = read_json_object(raw)
    kind = next((it for name in _TYPES if isinstance(it := tree.get(name), str)), "")
    return kind, next((it for name in _AROUND if isinstance(it := tree.get(name), dict)), tree)


def key_of(kind: str, about: Mapping[str, Any]) -> str | None:
    """What must be worked in order."""
    if kind in PRODUCT:
        return next((f"product:{number}" for number in _variants(about)), None)
    wanted = _wanted(kind, about)
    return next((str(it["eq"]) for it in wanted.values()), None) if wanted else None


def whole(admin: GraphQL, topic: str, raw: bytes) -> bytes:
    """The answer that an event makes us ask for. Ignored where the shop knows it no more."""
    wanted = _wanted(topic, read_event(raw)[1])
    if wanted is None:
        raise BadData("an event names what it is about", path="data", code="missing_field")
    field = "productVariants" if topic in PRODUCT else "orders"
    answers = rows(admin, field, {"filter": wanted})
    if not answers:
        raise Ignored("deleted_at_channel", "the shop does not know it any more")
    return answer({**answers[0], field: {"items": [item_of(field, it) for it in answers]}})


def _wanted(kind: str, about: Mapping[str, Any]) -> dict[str, Any] | None:
    """The filter that brings it."""
    if kind in PRODUCT:
        variants = list(_variants(about))
        return {"id": {"in": variants}} if variants else None
    if kind not in ORDER + REFUND:
        return None
    order = about.get("order")
    inner = order if isinstance(order, dict) else {"code": order}
    own = about.get("id") if kind in ORDER else None
    for number in (about.get("orderId"), inner.get("id"), own):
        if _is_id(number):
            return {"id": {"eq": str(number)}}
    codes = (about.get("code"), about.get("orderCode"), inner.get("code"))
    return next(({"code": {"eq": it}} for it in codes if it and isinstance(it, str)), None)


def _variants(about: Mapping[str, Any]) -> Iterator[str]:
    """The ids of variants, told alone or each within its variant."""
    told = next((it for name in _VARIANTS if isinstance(it := about.get(name), list)), [])
    ids = (it.get("id") if isinstance(it, dict) else it for it in told)
    yield from (str(number) for number in ids if _is_id(number))


def _is_id(number: Any) -> bool:
    return isinstance(number, str) and number.replace("-", "").isalnum()
