"""Strict readers: bytes -> tree, with the limits of the bad-input catalogue. One reader per
format, used everywhere.

JSON numbers stay text (`Number`), duplicate keys are refused, depth and size are bounded before
anything is built. XML has no doctype, no entities, no network.
"""

import json
import re
from codecs import BOM_UTF8
from typing import Any, NoReturn

from lxml import etree

from hub.model.document import Number
from hub.model.errors import BadData

MAX_DEPTH, MAX_NODES, MAX_KEY, MAX_STRING = 64, 200_000, 256, 256 * 1024
_XML_DEPTH, _XML_ATTRIBUTES, _XML_TEXT = 100, 1_000, 5 * 1024 * 1024
_XML_NODES, _MOST_KEYS = 100_000, 10_000
_NOT_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_LONG_STRING = re.compile(rb'"(?:[^"\\]|\\.){%d}' % (MAX_STRING + 1), re.DOTALL)
_BAD_ESCAPE = re.compile(rb"\\u(?:00(?:0[0-8bBcCeEfF]|1[0-9a-fA-F])|[dD][89a-fA-F])")
_MOST_DIGITS = 30
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?", re.ASCII)
_FORBIDDEN_XML = re.compile(
    rb"<!DOCTYPE|<!ENTITY|<\?xml-stylesheet|http://www\.w3\.org/2001/XInclude", re.IGNORECASE
)


def read_json(raw: bytes) -> Any:
    """A JSON text as dicts, lists, str, `Number`, bool and None. BadData says line and column."""
    if not raw.strip(b" \t\r\n\xef\xbb\xbf"):
        raise BadData("the body is empty", code="empty_body")
    _check_size(raw)
    try:
        text = raw.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise BadData(f"not UTF-8 at byte {error.start}", code="bad_encoding") from None
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise BadData(f"{error.msg} at {where}", code="bad_json") from None
    except RecursionError:
        raise BadData(f"nested deeper than {MAX_DEPTH}", code="too_deep") from None


def read_json_object(raw: bytes) -> dict[str, Any]:
    """Like `read_json`, for a document that must be an object."""
    tree = read_json(raw)
    if not isinstance(tree, dict):
        raise BadData("an object is expected", code="bad_json")
    return tree


def _check_size(raw: bytes) -> None:
    brackets = raw.translate(None, _NOT_BRACKETS)
    if raw.count(b",") + len(brackets) > MAX_NODES:
        raise BadData(f"more than {MAX_NODES} values", code="too_large")
    if _depth(brackets) > MAX_DEPTH:
        outside_strings = _STRING.sub(b"", raw).translate(None, _NOT_BRACKETS)
        if _depth(outside_strings) > MAX_DEPTH:
            raise BadData(f"nested deeper than {MAX_DEPTH}", code="too_deep")
    if len(raw) > MAX_STRING and _LONG_STRING.search(raw):
        raise BadData(f"a text longer than {MAX_STRING} bytes", code="too_large")
    if b"\\u" in raw:
        _check_escapes(raw)


def _depth(brackets: bytes) -> int:
    """How deep brackets nest, at most. Peeling off the innermost settles the usual case: each round
    takes one level at least, two at most.
    """
    left = brackets
    for rounds in range(MAX_DEPTH // 2):
        if not left:
            return 2 * rounds
        left = left.replace(b"[]", b"").replace(b"{}", b"")
    return _counted_depth(brackets)


def _counted_depth(brackets: bytes) -> int:
    deepest = depth = 0
    for bracket in brackets:
        if bracket in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


def _check_escapes(raw: bytes) -> None:
    if not _BAD_ESCAPE.search(raw):
        return
    try:
        text = json.loads(raw)
    except (ValueError, RecursionError):
        return
    if _has_bad_text(text):
        raise BadData("NUL, control characters and lone surrogates are not text", code="bad_text")


def _has_bad_text(tree: Any) -> bool:
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, str):
            if any((ord(c) < 32 and c not in "\t\n\r") or 0xD800 <= ord(c) <= 0xDFFF for c in node):
                return True
        elif isinstance(node, dict):
            todo.extend(node.keys())
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)
    return False


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        double = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise BadData(
            "the key stands twice in one object", path=double[:MAX_KEY], code="duplicate_key"
        )
    if len("".join(found)) > MAX_KEY:  # few have as much in all
        _check_keys(found)
    return found


def _check_keys(found: dict[str, Any]) -> None:
    if len(found) > _MOST_KEYS:
        raise BadData(f"more than {_MOST_KEYS} keys in one object", code="too_large")
    if max(map(len, found)) > MAX_KEY:
        raise BadData(f"a key longer than {MAX_KEY} characters", code="too_large")


def _whole(text: str) -> Number:
    if len(text) > _MOST_DIGITS or text == "-0":
        raise BadData(f"{text[:20]} is no plain number", code="bad_number")
    return Number(text)


def _number(text: str) -> Number:
    if not _NUMBER.fullmatch(text):
        raise BadData(f"{text[:20]} is no plain number", code="bad_number")
    return Number(text)


def _constant(text: str) -> NoReturn:
    raise BadData(f"{text} is no number", code="bad_number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_number, parse_int=_whole, parse_constant=_constant
)


def read_xml(raw: bytes) -> "etree._Element":
    """The root element of an XML document. Without doctype, entities, stylesheets or XInclude;
    bounded in depth.
    """
    if not raw.strip(b" \t\r\n\xef\xbb\xbf"):
        raise BadData("the body is empty", code="empty_body")
    if _FORBIDDEN_XML.search(_as_ascii(raw)):
        raise BadData(
            "doctype, entities, stylesheets and XInclude are not accepted", code="xml_forbidden"
        )
    if raw.count(b"</") + raw.count(b"/>") > _XML_NODES:
        raise BadData(f"more than {_XML_NODES} elements", code="too_large")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None) or 1
        raise BadData(f"not well-formed XML at line {line}", code="bad_xml") from None
    if root.getroottree().docinfo.doctype:
        raise BadData("a doctype is not accepted", code="xml_forbidden")
    _check_tree(root)
    return root


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
        if depth > _XML_DEPTH:
            raise BadData(f"nested deeper than {_XML_DEPTH}", code="too_deep")
        if (
            nodes > _XML_NODES
            or len(node.attrib) > _XML_ATTRIBUTES
            or len(node.text or "") > _XML_TEXT
        ):
            raise BadData("too many elements or attributes, or too long a text", code="too_large")
        todo.extend((child, depth + 1) for child in node if isinstance(child.tag, str))
