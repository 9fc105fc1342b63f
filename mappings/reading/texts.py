"""Text that is none: control characters, halves of characters, bytes of another encoding."""

import re
from typing import Any, Protocol

from hub.model.document import NOT_TEXT, Cleaned

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LONGEST_PATH = 200


class Warn(Protocol):
    """Notes something odd that stops nothing."""

    def __call__(self, code: str, message: str, *, path: str = "") -> None: ...


def silently(code: str, message: str, *, path: str = "") -> None:
    """Reads as well as it can be where nobody asks what was odd."""


def mended_text(text: str) -> str:
    """Without control characters, with what is no character replaced: `Cleaned` where anything
    was wrong, so that whoever reads an id, an amount or a SKU can refuse it.
    """
    if text.isprintable() or not NOT_TEXT.search(text):  # what is printable is always text
        return text
    return Cleaned(NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", CONTROL.sub("", text)))


def mended_tree(tree: Any, warn: Warn) -> Any:
    """A tree of JSON with all its texts mended, each warned of by its place."""
    return _mended(tree, "", warn)


def _mended(node: Any, path: str, warn: Warn) -> Any:
    if isinstance(node, str):
        return _told(node, path, warn)
    if isinstance(node, list):
        return [_mended(one, f"{path}.{at}", warn) for at, one in enumerate(node)]
    if isinstance(node, dict):
        found: dict[str, Any] = {}
        for name, one in node.items():
            place = f"{path}.{name}"
            found.setdefault(_told(name, place, warn), _mended(one, place, warn))
        return found
    return node


def _told(text: str, path: str, warn: Warn) -> str:
    found = mended_text(text)
    if found is not text:
        warn_of_text(warn, _shown(path))
    return found


def _shown(path: str) -> str:
    return mended_text(path[:LONGEST_PATH].removeprefix("."))


def warn_of_text(warn: Warn, path: str) -> None:
    """What is said of a text that was mended."""
    message = "control characters were dropped, halves of characters replaced"
    warn("bad_text", message, path=path)


def gb18030(raw: bytes) -> str | None:
    """Bytes as the encoding of Chinese systems, which holds GBK and GB2312; None where they are
    not that.
    """
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
