"""XML text -> tree of lxml. No doctype, no entities, no network; bounded in depth and size.

Chinese systems say UTF-8, or nothing, and send GB18030, western ones Windows-1252: with `warn` that
is read as what it is.
"""

import re
from html.entities import html5
from xml.sax.saxutils import escape

from lxml import etree

from hub.model.errors import BadData
from mappings.reading.texts import Warn

_DEPTH, _ATTRIBUTES, _NODES, _LONGEST_TEXT = 100, 1_000, 100_000, 5 * 1024 * 1024
_FORBIDDEN = re.compile(
    rb"<!DOCTYPE|<!ENTITY|<\?xml-stylesheet|http://www\.w3\.org/2001/XInclude", re.IGNORECASE
)
_DECLARATION = re.compile(r"\ufeff?<\?xml[^>]{0,200}\?>")
_NAMED = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_NO_CHARACTER = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
    r"|&#0{0,8}(?:[0-8]|1[124-9]|2[0-9]|3[01]);|&#x0{0,8}(?:[0-8bcef]|1[0-9a-f]);",
    re.IGNORECASE,
)
_HALVES = re.compile(r"(?:&#(?:x0{0,8}d[89a-f][0-9a-f]{2}|0{0,8}5[5-7][0-9]{3});)+", re.IGNORECASE)
"""Halves of characters, each written out by itself, as older programs write emoji."""
_MARK = "\ufdd0"
"""A character that XML allows and that is no text."""
_LONE_AMPERSAND = re.compile(r"&(?!#?[A-Za-z0-9]{1,32};)", re.ASCII)
_OF_PAGES = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});", re.ASCII)
"""Names of characters that pages know and XML does not: `&nbsp;`."""
_MISNAMED = frozenset({b"", b"utf-8", b"utf8", b"us-ascii"})
_MAY_BE = {
    "gb18030": _MISNAMED | {b"gbk", b"gb2312", b"gb18030"},
    "cp1252": _MISNAMED | {b"iso-8859-1", b"windows-1252"},
}
"""The encoding of Chinese systems, and of western ones: encodings, as declared, of bodies that are
tried as such where they are not what they say.
"""
_SHOWN = {"gb18030": "GB18030", "cp1252": "Windows-1252"}


def read_xml(raw: bytes, warn: Warn | None = None, *, western: bool = False) -> "etree._Element":
    """The root element of an XML document. Without doctype, entities, stylesheets or XInclude;
    bounded in depth.

    `western`: what is not UTF-8 is tried as Windows-1252, not as GB18030, where `warn` is given.
    """
    if not raw.strip(b" \t\r\n\xef\xbb\xbf"):
        raise BadData("the body is empty", code="empty_body")
    _check_bytes(raw)
    try:
        root = _parsed(raw)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        root = _mended(raw, error, warn, "cp1252" if western else "gb18030")
    if root.getroottree().docinfo.doctype:
        raise BadData("a doctype is not accepted", code="xml_forbidden")
    _check_tree(root)
    return root


def _mended(raw: bytes, error: Exception, warn: Warn | None, other: str) -> "etree._Element":
    """The root of a document that is none: in another encoding than it says, with characters that
    no XML may hold, or with an ampersand that is only one. BadData where it is none of these.
    """
    if warn is not None:
        if (found := _in_other(raw, other)) is not None:
            message = f"it is not UTF-8, nor what it names, and was read as {_SHOWN[other]}"
            warn("bad_encoding", message)
            return found
        if (found := _escaped(raw)) is not None:
            warn("bad_xml", "it holds what no XML may hold, and was read as it is meant")
            return found
    line = getattr(error, "lineno", None) or 1
    raise BadData(f"not well-formed XML at line {line}", code="bad_xml") from None


def _escaped(raw: bytes) -> "etree._Element | None":
    """The root of UTF-8, whatever it names, with its lone ampersands written out, and the
    characters that pages have names for. A character that is no text is marked as such, so that
    whoever reads the text takes it out of it.
    """
    if not _is_utf8(raw):
        return None
    text = _DECLARATION.sub("", raw.decode().lstrip(), count=1)
    text = _OF_PAGES.sub(_character, _LONE_AMPERSAND.sub("&amp;", text))
    text = _NO_CHARACTER.sub(_MARK, text)
    text = _HALVES.sub(_joined, text)
    body = text.encode()
    _check_bytes(body)
    try:
        return _parsed(body)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _character(told: re.Match[str]) -> str:
    """The character that a page calls so; another name stays, and is refused."""
    found = html5.get(f"{told[1]};")
    return told[0] if found is None else escape(found)


def _joined(told: re.Match[str]) -> str:
    """Two halves are the character that they are halves of; one alone is no text."""
    numbers = (it[2:] for it in told[0].split(";") if it)
    codes = [int(it[1:], 16) if it[0] in "xX" else int(it) for it in numbers]
    text = b"".join(it.to_bytes(2, "big") for it in codes).decode("utf-16-be", "replace")
    return text.replace("\ufffd", _MARK)


def _check_bytes(raw: bytes) -> None:
    if _FORBIDDEN.search(_as_ascii(raw)):
        raise BadData(
            "doctype, entities, stylesheets and XInclude are not accepted", code="xml_forbidden"
        )
    if raw.count(b"</") + raw.count(b"/>") > _NODES:
        raise BadData(f"more than {_NODES} elements", code="too_large")


def _parsed(raw: bytes) -> "etree._Element":
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
    )
    return etree.fromstring(raw, parser)


def _in_other(raw: bytes, encoding: str) -> "etree._Element | None":
    """The root, where the bytes are of an encoding and no UTF-8; None where they are not."""
    named = _NAMED.match(raw)
    if (named[1].lower() if named else b"") not in _MAY_BE[encoding] or _is_utf8(raw):
        return None
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    body = _DECLARATION.sub("", text.lstrip(), count=1).encode()
    _check_bytes(body)
    try:
        return _parsed(body)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_ascii(raw: bytes) -> bytes:
    """The bytes without the zero bytes of UTF-16 and UTF-32, so that nothing hides from the
    search.
    """
    return raw.replace(b"\x00", b"") if b"\x00" in raw[:64] else raw


def _check_tree(root: "etree._Element") -> None:
    todo = [(root, 1)]
    nodes = 0
    while todo:
        node, depth = todo.pop()
        nodes += 1
        if depth > _DEPTH:
            raise BadData(f"nested deeper than {_DEPTH}", code="too_deep")
        if nodes > _NODES or len(node.attrib) > _ATTRIBUTES or len(node.text or "") > _LONGEST_TEXT:
            raise BadData("too many elements or attributes, or too long a text", code="too_large")
        todo.extend((child, depth + 1) for child in node if isinstance(child.tag, str))
