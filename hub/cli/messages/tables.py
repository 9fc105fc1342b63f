"""The decode and encode tables of an adapter's mapping, as they are without a connection. A mapping
that has `requests` reads back what its partner is told as well.

Where a mapping asks what was agreed with the partner (`Terms`), examples stand in.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from importlib import import_module
from types import ModuleType
from typing import Any

import click

from adapters.kit import registry
from hub.model.errors import BadData
from mappings.kit import Context, Decoders, Encoders, code_lists, zone


@dataclass(frozen=True, slots=True)
class Tables:
    """What an adapter decodes and encodes, and the context that its mapping gets."""

    decoders: Decoders
    encoders: Encoders
    at: Context
    topic_of: Callable[[str], str]


def tables(name: str, agreed: Mapping[str, str] | None = None) -> Tables:
    """The tables of an adapter. UsageError with the known ones where there is none of that name."""
    try:
        entry = registry.entry(name)
    except BadData:
        known = ", ".join(registry.entries())
        raise click.UsageError(f"there is no adapter {name!r}; known are {known}") from None
    module = _mapping(name)
    default = entry.settings().model_fields.get("time_zone")
    return Tables(
        decoders=_decoders(module, entry.manifest.topics),
        encoders=_encoders(module, entry.manifest.takes, agreed or {}),
        at=Context(
            connection=name,
            codes=code_lists(name),
            zone=zone(str(default.default) if default is not None else "UTC"),
        ),
        topic_of=getattr(module, "topic_of", str),
    )


def _mapping(name: str) -> ModuleType:
    """An adapter's mapping has its name; those that speak canonical documents share one."""
    own = f"mappings.{name}"
    try:
        return import_module(own)
    except ModuleNotFoundError as error:
        if error.name != own or not name.startswith("generic_"):
            raise click.UsageError(f"the adapter {name} brings no mapping module {own}") from None
        return import_module("mappings.generic")


def _decoders(module: ModuleType, topics: tuple[str, ...]) -> Decoders:
    if hasattr(module, "DECODE"):
        table: Decoders = module.DECODE
        return table
    if not topics:
        return {}  # it posts nothing
    made = module.decoders(topics) if _is_generic(module) else module.decoders()
    known = {topic: made[topic] for topic in made if topic in topics} or made
    return {**known, **module.requests()} if hasattr(module, "requests") else known


def _encoders(module: ModuleType, takes: tuple[str, ...], agreed: Mapping[str, str]) -> Encoders:
    if hasattr(module, "ENCODE"):
        table: Encoders = module.ENCODE
        return table
    if not takes:
        return {}  # it reports only
    made: Encoders = module.encoders(takes if _is_generic(module) else _terms(module, agreed))
    return made


def _is_generic(module: ModuleType) -> bool:
    return module.__name__ == "mappings.generic"


def _terms(module: ModuleType, agreed: Mapping[str, str]) -> Any:
    known = [field.name for field in fields(module.Terms)]
    unknown = sorted(set(agreed) - set(known))
    if unknown:
        raise click.UsageError(f"{unknown[0]} is no term; known are {', '.join(known)}")
    examples = {
        field.name: field.name.upper()
        for field in fields(module.Terms)
        if field.default is MISSING and field.default_factory is MISSING
    }
    return module.Terms(**{**examples, **agreed})
