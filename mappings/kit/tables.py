"""A mapping's two tables: DECODE (topic -> function of raw bytes and context) and ENCODE (document
class -> function of document and context), and how they are used.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.plain import bad_data
from mappings.kit.context import Context
from mappings.kit.mending import mended
from mappings.reading import read_json

M = TypeVar("M", bound=BaseModel)

Decoder = Callable[[bytes, Context], list[Document]]
Decoders = Mapping[str, Decoder]
Encoder = Callable[[Any, Context], Any]
Encoders = Mapping[type[Document], Encoder]


def wire(model: type[M], raw: bytes, at: Context) -> M:
    """A partner's JSON as its wire model, read as well as it can be. BadData names the field."""
    return shape(model, read_json(raw, at.warn), at)


def shape(model: type[M], tree: Any, at: Context) -> M:
    """A tree of our own as a wire model; where it does not fit, what decides nothing is mended in
    it. BadData names the field that decides and cannot be read.
    """
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        return mended(model, tree, error, at)


def decode(table: Decoders, topic: str, raw: bytes, at: Context) -> list[Document]:
    """Canonical documents of one delivery. Ignored where the mapping does not take the topic."""
    decoder = table.get(topic)
    if decoder is None:
        raise Ignored("not_subscribed", f"topic {topic!r} is not taken")
    try:
        return decoder(raw, at)
    except ValidationError as error:  # a canonical document refused what the wire model let through
        raise bad_data(error) from None


def encode(table: Encoders, document: Document, at: Context) -> Any:
    """A canonical document in the partner's form."""
    encoder = table.get(type(document))
    if encoder is None:
        raise BadData(
            f"{document.type} is not something this partner takes", path="type", code="unknown_code"
        )
    return encoder(document, at)
