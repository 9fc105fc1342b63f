"""What an adapter says of itself in `manifest.toml`, read without importing it."""

import tomllib
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from adapters.ports import Port
from hub.model.errors import BadData

Level = Literal["draft", "bronze", "silver", "gold"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """An adapter's port, what it gives and takes, and how far the partner can be relied on.

    `honours_keys`: the same key twice has one effect, so an unknown outcome may be sent again.
    `settle_s`: how long after a lost answer the partner may still be working on it.
    `batch`: the most documents in one call. `topics`: what `decode` knows. `bulk`: those of them
    that come in bulk (stock, catalogue) and let others before.
    """

    name: str
    title: str
    port: Port
    api_version: str
    level: Level
    gives: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    bulk: tuple[str, ...] = ()
    honours_keys: bool = False
    settle_s: int = 120
    batch: int = 1


_KNOWN = {field.name for field in fields(Manifest)}
_NEEDED = ("name", "title", "port", "api_version", "level")
_CHOICES = {"port": get_args(Port), "level": get_args(Level)}


def read_manifest(text: str) -> Manifest:
    """A manifest from its TOML. BadData names what is missing or unknown."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadData(f"the manifest is no TOML: {error}", path="manifest") from None
    for name in _NEEDED:
        if not isinstance(table.get(name), str):
            raise BadData("text is expected", path=f"manifest.{name}", code="missing_field")
    for name, choices in _CHOICES.items():
        if table[name] not in choices:
            raise BadData(f"one of {', '.join(choices)} is expected", path=f"manifest.{name}")
    unknown = sorted(set(table) - _KNOWN)
    if unknown:
        raise BadData(f"known are {', '.join(sorted(_KNOWN))}", path=f"manifest.{unknown[0]}")
    given: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    return Manifest(**given)
