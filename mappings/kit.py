"""What every mapping uses: the context of a connection, wire models, and the decode and encode
tables.

A mapping is two tables: DECODE (topic -> function of raw bytes and context) and ENCODE (document
class -> function of document and context). Codes are looked up in lists
(`mappings/codes/*.yaml`, overridden per connection), never in ifs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ValidationError

from hub.model.document import Document, Source
from hub.model.errors import BadData, Ignored, Problem, UnknownCode, bad_data
from mappings.reading import read_json

_MOST_WARNINGS = 200
_LONGEST_CODE = 200

Codes = Mapping[str, Mapping[str, str]]
"""List name -> their code -> our code."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Context:
    """What a mapping may know of the connection it works for. `warnings` collects what is odd but
    no error.
    """

    connection: str
    merchant: str = "operator"
    codes: Codes = field(default_factory=dict)
    zone: tzinfo = UTC
    warnings: list[Problem] = field(default_factory=list)

    def source(
        self,
        id: str,
        revision: str | None = None,
        occurred_at: datetime | None = None,
    ) -> Source:
        """Where a document came from."""
        return Source(connection=self.connection, id=id, revision=revision, occurred_at=occurred_at)

    def ours(self, codes: str, theirs: str, *, path: str) -> str:
        """Our code for theirs. UnknownCode where the list has none: the message waits for it."""
        if len(theirs) > _LONGEST_CODE:
            message = f"a code has at most {_LONGEST_CODE} characters"
            raise BadData(message, path=path, code="too_long")
        known = self.codes.get(codes, {})
        found = known.get(theirs) or known.get(theirs.lower())
        if found is None:
            raise UnknownCode(codes, theirs, path=path)
        return found

    def ours_or_none(self, codes: str, theirs: str | None) -> str | None:
        """Our code for theirs, None where it makes no difference that the list has none."""
        known = self.codes.get(codes, {})
        return None if theirs is None else known.get(theirs) or known.get(theirs.lower())

    def theirs(self, codes: str, ours: str, *, path: str) -> str:
        """Their code for ours, the first in the list. UnknownCode where there is none."""
        for code, meaning in self.codes.get(codes, {}).items():
            if meaning == ours:
                return code
        raise UnknownCode(codes, ours, path=path)

    def warn(self, code: str, message: str, *, path: str = "") -> None:
        """Note something odd that stops nothing."""
        self.warnings.append(Problem(path, code, message))
        del self.warnings[:-_MOST_WARNINGS]


Decoder = Callable[[bytes, Context], list[Document]]
Decoders = Mapping[str, Decoder]
Encoder = Callable[[Any, Context], Any]
Encoders = Mapping[type[Document], Encoder]


def wire(model: type[M], raw: bytes) -> M:
    """A partner's JSON as its wire model. BadData names the field."""
    return shape(model, read_json(raw))


def shape(model: type[M], tree: Any) -> M:
    """A tree as a wire model. BadData names the field."""
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        raise bad_data(error) from None


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


@cache
def code_lists(adapter: str) -> dict[str, dict[str, str]]:
    """The built-in code lists as one adapter sees them: the shared ones, then its own on top.

    A file `mappings/codes/<list>.yaml` holds `default:` (their code or common alias -> ours)
    and, where a partner has words of its own, an entry of the adapter's name.
    """
    found: dict[str, dict[str, str]] = {}
    for entry in files("mappings").joinpath("codes").iterdir():
        if entry.name.endswith(".yaml"):
            lists = yaml.safe_load(entry.read_text("utf-8")) or {}
            own, common = lists.get(adapter) or {}, lists.get("default") or {}
            merged = {**own, **{code: ours for code, ours in common.items() if code not in own}}
            found[entry.name.removesuffix(".yaml")] = {str(k): str(v) for k, v in merged.items()}
    return found


def zone(name: str) -> tzinfo:
    """A time zone by name. BadData where it does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadData(f"{name!r} is no time zone; Asia/Shanghai is one", code="bad_time") from None
