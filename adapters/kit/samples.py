"""One canonical document of every type, alike for whoever tests with them: `samples.yaml`."""

from functools import cache
from pathlib import Path
from typing import Any

from hub.model import catalogue
from hub.model.document import Document
from mappings.reading.shipped import read_texts

_FILE = Path(__file__).with_suffix(".yaml")


@cache
def trees() -> dict[str, dict[str, Any]]:
    """Document type -> its sample as canonical JSON."""
    found: dict[str, dict[str, Any]] = read_texts(_FILE.read_bytes())
    return {kind: {"type": kind, **tree} for kind, tree in found.items()}


def sample(kind: str, **changes: Any) -> Document:
    """The sample of a type, with other fields."""
    return catalogue.read(kind, {**trees()[kind], **changes})
