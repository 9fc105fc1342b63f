"""Tables that ship with the code, as YAML: trusted, and read by the C parser where there is one,
for each process reads them anew.
"""

from typing import Any

import yaml

_TYPED = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXTS = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_table(raw: str | bytes) -> Any:
    """A tree of its own, with numbers, dates and flags as YAML knows them."""
    return yaml.load(raw, _TYPED)  # noqa: S506  # a safe loader


def read_texts(raw: str | bytes) -> Any:
    """A tree of its own in which all that is no list and no object is text."""
    return yaml.load(raw, _TEXTS)  # noqa: S506  # text and trees only
