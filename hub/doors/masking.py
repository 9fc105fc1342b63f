"""Payloads and exchanges for those who may not see them in clear: what is a person's or a secret is
hidden field by field, all else stands as it was written.

What was hidden is hidden wherever it stands in the same text too, and so is every mail address.
What a partner says freely is shown without what looks personal. Text that nobody can read is shown
around its fault; behind that nothing is sure, and only what is harmless by its name is shown.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from hub.doors import faults
from hub.doors.faults import Fault
from hub.doors.fields import HARMLESS, Fields
from hub.doors.lexing import Piece, json_pieces, laid_out, plain, xml_pieces
from hub.model.errors import BadData
from hub.model.looks import masked as without_looks
from hub.model.personal import hide
from mappings.reading import read_xml

DOTS = "•••"
MOST_SHOWN = 256 * 1024
_BEFORE, _AFTER = 900, 300
"""Characters shown around a fault."""
_SHORTEST = 4
_LONGEST_KNOWN, _MOST_KNOWN = 200, 200
_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_CODE = re.compile(r"[\x21-\x7e]{0,200}")
_MIXED = re.compile(r"(?=[^\s@]*\d)(?=[^\s@]*[A-Za-z])[\w.:/#-]+", re.ASCII)
_LETTER = re.compile(r"[^\W\d_]")
_ATTRIBUTE = re.compile(r"([\w:.-]+)(\s*=\s*)(\"[^\"<]*\"?|'[^'<]*'?|[^\s\"'>/]+)")
_ONE_LINE = re.compile(r"\n\s*\S")

Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as it may be seen. Where it cannot be read: its fault, the text before it, and `rest`
    from there on.
    """

    text: str
    fault: Fault | None = None
    rest: str = ""

    @property
    def whole(self) -> str:
        """In one text, with a mark at the fault."""
        return f"{self.text}⟦✗⟧{self.rest}" if self.fault else self.text


def clear(text: str) -> Shown:
    """A text as it is; JSON in one line with line breaks and indents."""
    start = text.lstrip()[:1]
    if start == "<":
        broken = faults.of_xml(text.encode("utf-8", "replace"))
        return _split(text, *broken) if broken else Shown(text)
    if not start or start not in '{["':
        return Shown(text)
    fault, at = faults.of_json(text)
    if fault is not None:
        return _split(text, fault, at)
    if at < 0 or _ONE_LINE.search(text.strip()):
        return Shown(text)
    return Shown("".join(laid_out(piece.text for piece in json_pieces(text))))


def _split(text: str, fault: Fault, at: int) -> Shown:
    return Shown(text[:at], fault, text[at:])


def payload(raw: bytes, fields: Fields, *, free: bool = False, known: Sequence[str] = ()) -> Shown:
    """A body as it may be seen. `free`: a partner's answer, whose words are shown; `known`: what is
    hidden wherever it stands.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    start = text.lstrip()[:1]
    if start == "<" or (not text and raw.lstrip()[:1] == b"<"):
        return _xml(raw, text, fields, known, free=free)
    if free and start and start not in '{["':
        return Shown(without_looks(hide(text, known)))
    return _json(text, fields, known, free=free) if text else Shown(DOTS if raw else "")


def hidden_in(raw: bytes, fields: Fields) -> list[str]:
    """What is hidden in a body, to be hidden elsewhere too."""
    text = raw.decode("utf-8", "replace")
    pieces = xml_pieces(text) if text.lstrip().startswith("<") else json_pieces(text)
    return texts_hidden(pieces, fields)


def texts_hidden(pieces: Iterable[Piece], fields: Fields) -> list[str]:
    """The values that are hidden in a text: they are hidden elsewhere in it too."""
    values: set[str] = set()
    for piece in pieces:
        value = plain(piece.text).strip()
        if piece.kind != "text" or not fields.hides(piece.path):
            continue
        if _MIXED.fullmatch(value):  # a number of something, which may be part of another
            continue
        if _SHORTEST <= len(value) <= _LONGEST_KNOWN and len(values) < _MOST_KNOWN:
            values.add(value)
            if piece.path and piece.path[-1].endswith("name"):
                values.update(word for word in value.split() if len(word) >= _SHORTEST)
    return sorted(values)


def _json(text: str, fields: Fields, known: Sequence[str], *, free: bool) -> Shown:
    fault, at = faults.of_json(text)
    if at < 0:
        return Shown(DOTS)
    pieces = list(json_pieces(text))
    say = _sayer([*known, *texts_hidden(pieces, fields)], free=free)
    shown = [
        (piece.start, _json_shown(piece, fields, say, sure=_is_sure(piece, at))) for piece in pieces
    ]
    if fault is None:
        if _ONE_LINE.search(text.strip()):
            return Shown(_as_written(text, pieces, shown))
        return Shown("".join(laid_out(each for _, each in shown)))
    return _around(shown, at, fault, _laid_out)


def _json_shown(piece: Piece, fields: Fields, say: Say, *, sure: bool) -> str:
    if piece.kind == "key":
        return piece.text if _CODE.fullmatch(plain(piece.text)) else f'"{DOTS}"'
    if piece.kind == "mark" or piece.text in {"true", "false", "null"}:
        return piece.text
    leaf = piece.path[-1] if piece.path else ""
    if fields.hides(piece.path) or not (sure or leaf in HARMLESS):
        return f'"{DOTS}"'
    return say(piece.text) if piece.kind == "text" else piece.text


def _is_sure(one: Piece, at: int) -> bool:
    """Whether it stands before the fault: what is behind may belong to any field."""
    return one.start < at


def _xml(raw: bytes, text: str, fields: Fields, known: Sequence[str], *, free: bool) -> Shown:
    fault, at = None, len(text) + 1
    try:
        root = read_xml(raw)
    except BadData:
        broken = faults.of_xml(raw)
        if broken is None or not text:
            return Shown(DOTS)
        fault, at = broken
        at = min(at, len(text))
    else:
        if not _ONE_LINE.search(text.strip()):
            etree.indent(root)
            text = etree.tostring(root, encoding="unicode")
            at = len(text) + 1
    pieces = list(xml_pieces(text))
    say = _sayer([*known, *texts_hidden(pieces, fields)], free=free)
    shown = [
        (piece.start, _xml_shown(piece, fields, say, sure=_is_sure(piece, at))) for piece in pieces
    ]
    if fault is None:
        return Shown("".join(each for _, each in shown))
    return _around(shown, at, fault, lambda some, _above: some)


def _xml_shown(piece: Piece, fields: Fields, say: Say, *, sure: bool) -> str:
    if piece.kind == "comment":
        return piece.text if piece.text.startswith("<?xml ") else ""
    if piece.kind == "tag":
        return _ATTRIBUTE.sub(
            lambda match: _attribute(match, piece, fields, say, sure=sure), piece.text
        )
    if not piece.text.strip():
        return piece.text
    leaf = piece.path[-1] if piece.path else ""
    hidden = fields.hides(piece.path) or not (sure or leaf in HARMLESS)
    return DOTS if hidden else say(piece.text)


def _attribute(found: "re.Match[str]", one: Piece, fields: Fields, say: Say, *, sure: bool) -> str:
    name = found[1].rpartition(":")[2].lower()
    if found[1].startswith("xmlns"):
        return found[0]
    hidden = fields.hides((*one.path, name)) or not (sure or name in HARMLESS)
    return f'{found[1]}="{DOTS}"' if hidden else f"{found[1]}{found[2]}{say(found[3])}"


def _around(
    shown: Sequence[tuple[int, str]],
    at: int,
    fault: Fault,
    lay: Callable[[Iterable[str], Iterable[str]], Iterable[str]],
) -> Shown:
    """The text around a fault. `lay` lays pieces out, by what stands above them."""
    above = [each for start, each in shown if start < at - _BEFORE]
    before = [each for start, each in shown if at - _BEFORE <= start < at]
    rest = [each for start, each in shown if at <= start < at + _AFTER]
    head = "…\n" if above else ""
    tail = "\n…" if shown and shown[-1][0] >= at + _AFTER else ""
    text = head + "".join(lay(before, above))
    return Shown(text, fault, "".join(lay(rest, [*above, *before])) + tail)


def _laid_out(pieces: Iterable[str], above: Iterable[str]) -> Iterable[str]:
    """JSON with indents, as deep as what stands above it leaves open."""
    marks = Counter(above)
    depth = marks["{"] + marks["["] - marks["}"] - marks["]"]
    return laid_out(pieces, max(0, depth))


def _as_written(text: str, pieces: Sequence[Piece], shown: Sequence[tuple[int, str]]) -> str:
    """The text with its own blanks and line breaks."""
    out, end = [], 0
    for one, (start, each) in zip(pieces, shown, strict=True):
        out += [text[end:start], each]
        end = start + len(one.text)
    return "".join([*out, text[end:]])


def _sayer(known: Sequence[str], *, free: bool) -> Say:
    """How a text that is shown is shown: without what was hidden elsewhere, and mail addresses. A
    code, a number or a time is shown; what people may have written only in a partner's answer,
    without what looks personal.
    """

    def say(text: str) -> str:
        said = _MAIL.sub(DOTS, text)
        if any(value.lower() in said.lower() for value in known):
            said = hide(said, known)
        bare = plain(said).strip()
        if _CODE.fullmatch(bare):
            return said
        if free or not _LETTER.search(bare):
            return without_looks(said)
        return f'"{DOTS}"' if said.startswith('"') else DOTS

    return say
