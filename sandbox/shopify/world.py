"""What both of the shop's APIs work on: its store, its record, and who it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.shopify.store import Store


@dataclass(slots=True)
class World:
    store: Store
    note: Callable[[str, str, dict[str, Any]], object]  # kind, key, document: into the record
    domain: str
    currency: str
