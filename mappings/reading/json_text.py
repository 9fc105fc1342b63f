"""JSON text -> tree. Numbers stay text (`Number`), duplicate keys are refused, depth and size are
bounded before anything is built.
"""

import json
import re
from codecs import BOM_UTF8
from typing import Any, NoReturn

from hub.model.document import Cleaned, Number
from hub.model.errors import BadData
from mappings.reading.texts import Warn, gb18030, mended_tree

MAX_DEPTH, MAX_NODES, MAX_KEY, MAX_STRING = 64, 200_000, 256, 256 * 1024
_MOST_KEYS = 10_000
_NOT_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_LONG_STRING = re.compile(rb'"(?:[^"\\]|\\.){%d}' % (MAX_STRING + 1), re.DOTALL)
_BAD_ESCAPE = re.compile(
    rb"\\u(?:00(?:0[0-8bBcCeEfF]|1[0-9a-fA-F]|7[fF])|[dD][89a-fA-F]|[fF][dD][dDeE]|[fF]{3}[eEfF])"
)
_MOST_DIGITS = 30
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?", re.ASCII)
_LONG_NUMBER = re.compile(rb"[0-9.eE+-]{%d}" % (MAX_STRING + 1))


def read_json(raw: bytes, warn: Warn | None = None, *, chinese: bool = False) -> Any:
    """A JSON text as dicts, lists, str, `Number`, bool and None. BadData says line and column.

    `chinese`: what is not UTF-8 is tried as GB18030, where `warn` is given.
    """
    if not raw.strip(b" \t\r\n\xef\xbb\xbf"):
        raise BadData("the body is empty", code="empty_body")
    _check_size(raw)
    text = _text(raw, warn if chinese else None)
    try:
        tree = _DECODERS[warn is None, _may_hold_odd_keys(raw)].decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise BadData(f"{error.msg} at {where}", code="bad_json") from None
    except RecursionError:
        raise BadData(f"nested deeper than {MAX_DEPTH}", code="too_deep") from None
    if not _may_hold_no_text(raw):
        return tree
    if warn is not None:
        return mended_tree(tree, warn)
    if _has_bad_text(tree):
        raise BadData("NUL, control characters and lone surrogates are not text", code="bad_text")
    return tree


def read_json_object(
    raw: bytes, warn: Warn | None = None, *, chinese: bool = False
) -> dict[str, Any]:
    """Like `read_json`, for a document that must be an object."""
    tree = read_json(raw, warn, chinese=chinese)
    if not isinstance(tree, dict):
        raise BadData("an object is expected", code="bad_json")
    return tree


def _text(raw: bytes, warn: Warn | None) -> str:
    body = raw.removeprefix(BOM_UTF8)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        found = None if warn is None else gb18030(body)
        if found is None or warn is None:
            raise BadData(f"not UTF-8 at byte {error.start}", code="bad_encoding") from None
        warn("bad_encoding", "it is not UTF-8 and was read as GB18030")
        return found


def _check_size(raw: bytes) -> None:
    brackets = raw.translate(None, _NOT_BRACKETS)
    if len(raw) > MAX_NODES and raw.count(b",") + len(brackets) > MAX_NODES:
        raise BadData(f"more than {MAX_NODES} values", code="too_large")
    if _depth(brackets) > MAX_DEPTH:
        outside_strings = _STRING.sub(b"", raw).translate(None, _NOT_BRACKETS)
        if _depth(outside_strings) > MAX_DEPTH:
            raise BadData(f"nested deeper than {MAX_DEPTH}", code="too_deep")
    if len(raw) > MAX_STRING and (_LONG_STRING.search(raw) or _LONG_NUMBER.search(raw)):
        raise BadData(f"a text or number longer than {MAX_STRING} bytes", code="too_large")


def _may_hold_odd_keys(raw: bytes) -> bool:
    """Whether an object may have a key that is too long, or too many: cheap, and seldom true. Going
    from quote to quote, as far as a key may reach, nothing that is longer is stepped over.
    """
    if len(raw) > _MOST_KEYS * len(b'"":0,'):
        return True
    if b"\\" in raw:
        raw = raw.replace(b'\\"', b"__")
    at, last = -1, len(raw) - MAX_KEY - 2
    while at < last:
        at = raw.rfind(b'"', at + 1, at + MAX_KEY + 2)
        if at < 0:
            return True
    return False


def _may_hold_no_text(raw: bytes) -> bool:
    """Whether a text in it may hold what is no character: cheap, and seldom true. A single byte is
    found much faster than two.
    """
    if b"\\" in raw and b"\\u" in raw and _BAD_ESCAPE.search(raw):
        return True
    if b"\x7f" in raw:
        return True
    return b"\xef" in raw and (b"\xef\xb7" in raw or b"\xef\xbf" in raw)  # of non-characters


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
    return found


def _measured(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = _pairs(pairs)
    if not _KEYS.issuperset(found):
        _check_keys(found)
    return found


def _check_keys(found: dict[str, Any]) -> None:
    if len(found) > _MOST_KEYS:
        raise BadData(f"more than {_MOST_KEYS} keys in one object", code="too_large")
    if max(map(len, found)) > MAX_KEY:
        raise BadData(f"a key longer than {MAX_KEY} characters", code="too_large")
    if len(_KEYS) + len(found) > _MOST_KEYS:
        _KEYS.clear()
    _KEYS.update(found)


_KEYS: set[str] = set()
"""Keys that were measured: partners use the same few again and again."""


def _whole(text: str) -> Number:
    if len(text) > _MOST_DIGITS or text == "-0":
        raise BadData(f"{text[:20]} is no plain number", code="bad_number")
    return Number(text)


def _told(text: str) -> str:
    """A whole number as it was written. None is less than nothing: who decides refuses -0."""
    return Cleaned(text) if text == "-0" else Number(text)


def _number(text: str) -> Number:
    if not _NUMBER.fullmatch(text):
        raise BadData(f"{text[:20]} is no plain number", code="bad_number")
    return Number(text)


def _constant(text: str) -> NoReturn:
    raise BadData(f"{text} is no number", code="bad_number")


def _no_number(text: str) -> str:
    """NaN and Infinity, which some programs write where they know no number: a text, which whoever
    decides by it refuses.
    """
    return Cleaned(text)


def _decoder(*, is_strict: bool, odd_keys: bool) -> json.JSONDecoder:
    """Leniently, numbers are not looked at: who reads a field says whether it is one. None is ever
    computed.
    """
    return json.JSONDecoder(
        object_pairs_hook=_measured if odd_keys else _pairs,
        parse_float=_number if is_strict else Number,
        parse_int=_whole if is_strict else _told,
        parse_constant=_constant if is_strict else _no_number,
    )


_DECODERS = {
    (is_strict, odd_keys): _decoder(is_strict=is_strict, odd_keys=odd_keys)
    for is_strict in (True, False)
    for odd_keys in (True, False)
}
"""By whether it is strict, and whether keys are to be measured."""
