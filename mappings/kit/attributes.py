"""What a partner tells that has no canonical place: kept as attributes, plain JSON of bounded size,
without what is private or says nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from hub.model.document import TEXT_LIMIT

MOST, MOST_DEPTH = 100, 6
_PRIVATE = r"tokens?|ips?|secrets?|passwords?|sessions?|agent"
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_IsPrivate = Callable[[str], bool]


def private(words: str = "", within: str = "") -> _IsPrivate:
    """Whether the name of a field says that it is never kept: secrets, and what tells of the
    buyer's machine. A partner's own are added as patterns: of whole `words` of a name, and of what
    may stand anywhere `within` it.
    """
    whole = "|".join(filter(None, (_PRIVATE, words)))
    pattern = re.compile(
        "|".join(filter(None, (rf"(?:^|[_-])(?:{whole})(?:[_-]|$)", within))),
        re.ASCII | re.IGNORECASE,
    )

    @lru_cache(maxsize=4096)
    def is_private(name: str) -> bool:
        return pattern.search(_HUMP.sub("_", name)) is not None

    return is_private


def kept(pairs: Iterable[tuple[str | None, Any]], is_private: _IsPrivate) -> dict[str, Any]:
    """Names and what is told under them, as far as it is kept."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name and (value or value == 0) and not is_private(name):
            if len(found) == MOST:
                break
            found[name] = plain(value, is_private)
    return found


def told(named: Mapping[str, Any]) -> dict[str, Any]:
    """What of this says anything: it is neither nothing nor empty; no and 0 are something."""
    return {name: value for name, value in named.items() if value or value == 0}


def properties(value: Any, called: str = "name") -> list[tuple[str, Any]]:
    """Custom properties, whether sent as a list of name and value or as an object. `called`: what
    a name is called in the list.
    """
    if isinstance(value, dict):
        pairs: Iterable[tuple[Any, Any]] = value.items()
    else:
        listed = value if isinstance(value, list) else []
        pairs = [(one.get(called), one.get("value")) for one in listed if isinstance(one, dict)]
    return [(str(name), inner) for name, inner in pairs if isinstance(name, str) and name]


def plain(value: Any, is_private: _IsPrivate, depth: int = 0) -> Any:
    """A tree of plain JSON types without private fields; numbers as the text they were written
    as.
    """
    if depth > MOST_DEPTH:
        return None
    if isinstance(value, str):
        return str(value if len(value) <= TEXT_LIMIT else value[:TEXT_LIMIT])
    if isinstance(value, dict):
        return {
            str(name): plain(inner, is_private, depth + 1)
            for name, inner in value.items()
            if not is_private(name)
        }
    if isinstance(value, list):
        return [plain(inner, is_private, depth + 1) for inner in value]
    return value
