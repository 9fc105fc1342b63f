"""JSON and XML as pieces of text, each with the path of names that it stands at: for texts that
nobody can read as a whole.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_JSON = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_KEY = re.compile(r"\s*:")
_XML = re.compile(
    r"<!--.*?(?:-->|$)|<\?.*?(?:\?>|$)|<!\[CDATA\[.*?(?:\]\]>|$)|</?[^\s<>/!?][^<>]*>?|[^<]+|<",
    re.DOTALL,
)
_NAME = re.compile(r"</?\s*([^\s<>/]+)")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece. `kind`: mark, key, text (a string or what stands between tags), word (any other
    value), tag, comment.
    """

    start: int
    text: str
    kind: str
    path: tuple[str, ...] = ()


def json_pieces(text: str) -> Iterator[Piece]:
    """The pieces of JSON, as far as it is any."""
    names: list[str | None] = []  # of each open object its key; of a list None
    for match in _JSON.finditer(text):
        piece, start = match[0], match.start()
        if piece in "{[":
            names.append("" if piece == "{" else None)
        elif piece in "}]":
            if names:
                names.pop()
        elif piece[0] == '"' and names and names[-1] is not None and _KEY.match(text, match.end()):
            names[-1] = plain(piece).lower()
            yield Piece(start, piece, "key", _path(names))
            continue
        if piece in "{[]},:":
            yield Piece(start, piece, "mark", _path(names))
        else:
            yield Piece(start, piece, "text" if piece[0] == '"' else "word", _path(names))


def xml_pieces(text: str) -> Iterator[Piece]:
    """The pieces of XML, as far as it is any. The root's own name is in no path."""
    names: list[str] = []
    for match in _XML.finditer(text):
        piece, start = match[0], match.start()
        if piece.startswith(("<!--", "<?")):
            yield Piece(start, piece, "comment", tuple(names[1:]))
        elif piece.startswith("<![CDATA[") or piece[0] != "<":
            yield Piece(start, piece, "text", tuple(names[1:]))
        elif piece.startswith("</"):
            if names:
                names.pop()
            yield Piece(start, piece, "tag", tuple(names[1:]))
        else:
            named = _NAME.match(piece)
            names.append(named[1].rpartition(":")[2].lower() if named else "")
            yield Piece(start, piece, "tag", tuple(names[1:]))
            if piece.endswith("/>"):
                names.pop()


def plain(string: str) -> str:
    """What a string of JSON says."""
    if "\\" in string:
        try:
            return str(json.loads(string, strict=False))
        except ValueError:
            pass
    return string.strip('"')


def laid_out(marks: Iterable[str], depth: int = 0) -> Iterator[str]:
    """The pieces of JSON with line breaks and indents between them, beginning so deep."""
    before = ""
    for mark in marks:
        if mark in {"}", "]"}:
            depth = max(0, depth - 1)
            yield "" if before in {"{", "["} else "\n" + "  " * depth
        elif before in {"{", "[", ","}:
            yield "\n" + "  " * depth
        yield mark
        if mark in {"{", "["}:
            depth += 1
        elif mark == ":":
            yield " "
        before = mark


def _path(names: list[str | None]) -> tuple[str, ...]:
    return tuple(name for name in names if name)
