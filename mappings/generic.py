"""Canonical documents as JSON, both ways: what partners speak who have no protocol of their own.

The body is one canonical document with its `type`; `source` may be left out or partly given: whose
connection it came over is ours to say. Unknown fields are refused in documents made for us. What a
partner delivers is a fact: its free text is cleaned, a null that stands for an empty list is one,
with a warning, words are read whatever their case and days in whatever form, and whose stock it is
need not be said. The Open API reads strictly.
"""

import hashlib
import json
from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from hub.model.catalogue import DOCUMENTS, freeze, read
from hub.model.document import Document
from hub.model.errors import BadData
from mappings.kit import Context, Decoder, Decoders, Encoder, Encoders, times
from mappings.reading import read_json_object, silently

_SOURCE = ("id", "revision", "occurred_at")
_DAYS = frozenset({"expires_on", "produced_on"})


def document_type(raw: bytes) -> str | None:
    """The `type` of a document, None where it has none or is unreadable: its decoder says why."""
    return _text(_object(raw), "type")


def document_key(raw: bytes, fields: Iterable[str]) -> str | None:
    """The first of the fields that the document has, as the unit of order."""
    tree = _object(raw)
    return next((found for name in fields if (found := _text(tree, name))), None)


def check_type(topic: str, raw: bytes, types: Iterable[str]) -> None:
    """BadData where the body cannot be read or its type is none of ours. A type of ours that is
    not taken is for `decode` to ignore.
    """
    known = tuple(types)
    if topic not in DOCUMENTS:
        tree = read_json_object(raw, silently)
        code = "unknown_code" if "type" in tree else "missing_field"
        raise BadData(f"one of {', '.join(known)} is expected", path="type", code=code)


def reference(raw: bytes) -> str | None:
    """The `reference` in a partner's answer, if it gives one."""
    return _text(_object(raw), "reference")


def decoders(types: Iterable[str], *, strict: bool = False) -> Decoders:
    """A decode table for these document types; the topic is the type. `strict`: text that is none
    is refused wherever it stands.
    """
    return {kind: _decoder(kind, strict=strict) for kind in types}


def encoders(types: Iterable[str]) -> Encoders:
    """An encode table for these document types."""
    encode: Encoder = tree_of
    return {DOCUMENTS[kind]: encode for kind in types}


def tree_of(document: Document, _: Context | None = None) -> dict[str, Any]:
    """A canonical document as the JSON tree of the contract."""
    tree: dict[str, Any] = json.loads(freeze(document))
    return tree


def _decoder(kind: str, *, strict: bool) -> Decoder:
    def decode(raw: bytes, at: Context) -> list[Document]:
        tree = read_json_object(raw, None if strict else at.warn)
        told = tree.get("type", kind)
        if told != kind:
            raise BadData(f"{kind} is expected", path="type", code="wrong_type")
        whole = {**tree, "type": kind, "source": _source(tree, kind, at)}
        if not strict:
            whole = _of_the_warehouse(_dated(whole, at), kind, at)
        try:
            return [read(kind, whole)]
        except BadData:
            mended = whole if strict else _forgiven(whole, DOCUMENTS[kind], at)
            if mended == whole:
                raise
            return [read(kind, mended)]

    return decode


def _of_the_warehouse(tree: dict[str, Any], kind: str, at: Context) -> dict[str, Any]:
    """A document that must name a warehouse, and does not, is about the one that sent it."""
    field = DOCUMENTS[kind].model_fields.get("warehouse")
    if field is None or not field.is_required() or tree.get("warehouse") not in (None, ""):
        return tree
    return {**tree, "warehouse": at.connection}


def _dated(value: Any, at: Context, path: str = "") -> Any:
    """A value in which each day of goods is one; what is none is left out, with a warning."""
    if isinstance(value, list):
        return [_dated(one, at, f"{path}.{n}".strip(".")) for n, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    return {
        name: _day(one, at, f"{path}.{name}".strip("."))
        if name in _DAYS and isinstance(one, str) and one
        else one
        if name == "attributes"
        else _dated(one, at, f"{path}.{name}".strip("."))
        for name, one in value.items()
    }


def _day(told: str, at: Context, path: str) -> str | None:
    if times.says_none(told, at.zone):
        return None
    try:
        return times.day(told, at.zone, month_is_last=path.endswith("expires_on"), path=path)
    except BadData as error:
        at.warn(error.code, f"{error}; it was left out", path=path)
        return None


def _forgiven(value: Any, shape: Any, at: Context, path: str = "") -> Any:
    """A value in which no null stands where its shape has a list or an object of names, and words
    of a list are written as it has them.
    """
    kind, parts = get_origin(shape), get_args(shape)
    if kind is Annotated:
        return _forgiven(value, parts[0], at, path)
    if kind in {tuple, dict} and value is None:
        at.warn("wrong_type", "null was read as empty", path=path)
        return [] if kind is tuple else {}
    if kind in {Union, UnionType}:
        told = [part for part in parts if part is not NoneType]
        is_plain = len(told) == 1 and value is not None
        return _forgiven(value, told[0], at, path) if is_plain else value
    if kind is Literal and isinstance(value, str):
        return next((one for one in parts if one.casefold() == value.casefold()), value)
    if kind is tuple and isinstance(value, list):
        return [_forgiven(one, parts[0], at, f"{path}.{n}") for n, one in enumerate(value)]
    if isinstance(shape, type) and issubclass(shape, BaseModel) and isinstance(value, dict):
        shapes = {field.alias or name: field for name, field in shape.model_fields.items()}
        return {
            name: _forgiven(one, shapes[name].annotation, at, f"{path}.{name}".strip("."))
            if name in shapes
            else one
            for name, one in value.items()
        }
    return value


def _source(tree: dict[str, Any], kind: str, at: Context) -> dict[str, Any]:
    """Whence it came: our connection, and the partner's own id, revision and time where given."""
    given = tree.get("source")
    if given is not None and not isinstance(given, dict):
        raise BadData("an object is expected", path="source", code="wrong_type")
    found = {name: given[name] for name in _SOURCE if given and given.get(name) is not None}
    return {"id": _own_id(tree, kind), **found, "connection": at.connection}


def _own_id(tree: dict[str, Any], kind: str) -> str:
    """The document's own number, where `source.id` is not given."""
    if kind in _IDS:
        return _text(tree, _IDS[kind]) or _digest(tree)
    return f"{(_text(tree, 'fulfilment_order_id') or '')[:150]}:{_digest(tree)}"


def _digest(tree: dict[str, Any]) -> str:
    text = json.dumps(tree, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_IDS: dict[str, str] = {
    "sales_order": "channel_order_id",
    "order_cancellation": "channel_order_id",
    "refund": "refund_id",
    "product": "sku",
    "fulfilment_order": "fulfilment_order_id",
    "fulfilment_cancellation": "fulfilment_order_id",
    "inbound_notice": "inbound_notice_id",
    "inbound_cancellation": "inbound_notice_id",
    "goods_receipt": "receipt_id",
    "return": "return_id",
    "return_receipt": "receipt_id",
    "stock_report": "report_id",
    "stock_change": "change_id",
    "stock_level": "sku",
    "settlement_report": "report_id",
    "payout_status": "status_id",
    "journal_entry": "entry_id",
    "customer": "customer_id",
    "acknowledgement": "of",
}
"""Which field names a document of each type. A fulfilment order has several shipments and statuses:
they are named by it and by their own content, so that the same telling has the same id."""


def _object(raw: bytes) -> dict[str, Any]:
    try:
        return read_json_object(raw, silently)
    except BadData:
        return {}


def _text(tree: dict[str, Any], name: str) -> str | None:
    value = tree.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= 200 else None
