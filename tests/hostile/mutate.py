"""Spoil a message, a little or a lot, in ways that depend on the random source alone.

The structure of a format is kept in most of them, so that what is spoilt is reached by the code
behind the reader and not refused at its door.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from lxml import etree

from mappings.reading import read_xml, silently

Tree = Any

TEXTS: Sequence[Any] = (
    "", " ", "\t", "null", "undefined", "None", "NaN", "true", "x" * 201, "x" * 300, "x" * 20_001,
    "\u202egnp.exe", "\u200b", "e\u0301", "\U0001f600", "\uffff", "\ufdd0", "\x7f",
    "=1+1", "@SUM(A1)", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "${7*7}", "%s%n",
    "../../etc/passwd", "a\r\nB: c", "١٢", "1_000", " 12 ", "12,50", "0x10", "1e5", "+5", "-0",
    "5.0", "5.5", "1.0E+15", "0000-00-00", "2026-02-30T10:00:00Z", "2026-11-24T10:00:00",
    "99999-01-01T00:00:00Z", "26-01-02", "2026-03-29T02:30:00+01:00", "1764000000000",
    "2026-11-24 10:00:00", "2026/11/24", "2026年11月24日", "2026-11", "\uff11\uff12", "6.13e-05",
    "3E0", "SF1,SF2", "DEU", "Nederland", "\x0b", "20261124",
    "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    "9007199254740993", "-9007199254740993", "EUR", "XXX", "eur", "JPY", "ß", "gid://shopify/a/b",
    "SF", "ZP", "CC", "cancelled", "shipped", "0", "1", "-1", "99999999999999.99", "0.0000001",
)  # fmt: skip
"""Texts that fields do not expect."""

VALUES: Sequence[Any] = (
    None, True, False, 0, 1, -1, 5, 10**9, 10**9 + 1, 10**14, 2**53 + 1, 10**29, 1.5, 0.1, -0.01,
    [], {}, [[]], [None], {"a": None}, {"": ""}, [{}], ["a", "a"], [1, "1"],
    {"shop_money": None}, {"amount": "x", "currency_code": "EUR"}, {"type": "sales_order"},
)  # fmt: skip

RAW: Sequence[str] = (
    "NaN", "Infinity", "-Infinity", "1e400", "1E+1000000", "9" * 4301, "9" * 31, "-0", "-0.0",
    "007", "0.1e1", "1.0E+15", "0." + "1" * 31, '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"',
    '"\\u0008"', "1_000", "0x10", "+5", ".5", "5.", "'a'", "nul", "undefined", '"\x01"', '"a\tb"',
    '{"a":1,"a":2}', '{"' + "k" * 257 + '":1}', "[" * 70 + "]" * 70, '{"a":' * 70 + "1" + "}" * 70,
    '"' + "y" * 262_145 + '"', "/* c */ 1", "1 2", '"\\x"', '"\\u12"',
)  # fmt: skip
"""Tokens that no serialiser writes."""

_KEYS = ("", "a", "__proto__", "__class__", "type", "source", "attributes", "id", "k" * 257, "名")
_MARK = "@@{}@@"


def places(tree: Tree, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a tree, containers included."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for step, value in inner:
        yield (*path, step)
        if isinstance(value, dict | list):
            yield from places(value, (*path, step))


def _holder(tree: Tree, path: tuple[Any, ...]) -> Tree:
    for step in path[:-1]:
        tree = tree[step]
    return tree


def _odd(chance: Random) -> Any:
    return deepcopy(chance.choice(TEXTS if chance.random() < 0.6 else VALUES))


def _replace(chance: Random, holder: Any, step: Any) -> None:
    holder[step] = _odd(chance)


def _remove(chance: Random, holder: Any, step: Any) -> None:
    del holder[step]


def _other_type(chance: Random, holder: Any, step: Any) -> None:
    value = holder[step]
    if isinstance(value, str):
        coded = value.encode("utf-8", "surrogatepass").hex()
        holder[step] = chance.choice([len(value), [value], {"value": value}, coded])
    elif isinstance(value, dict):
        holder[step] = chance.choice([list(value), [value], list(value.values()), {}])
    elif isinstance(value, list):
        holder[step] = chance.choice([dict(enumerate(value)), value[0] if value else None, []])
    else:
        holder[step] = chance.choice([str(value), [value], {"value": value}])


def _repeat(chance: Random, holder: Any, step: Any) -> None:
    value = holder[step]
    if isinstance(value, list) and value:
        holder[step] = value * chance.choice([2, 3, 50])
    elif isinstance(value, str):
        holder[step] = value * chance.choice([2, 40])


def _add(chance: Random, holder: Any, step: Any) -> None:
    if isinstance(holder, dict):
        holder[chance.choice(_KEYS)] = _odd(chance)
    else:
        holder.insert(step, _odd(chance))


def _rename(chance: Random, holder: Any, step: Any) -> None:
    if isinstance(holder, dict):
        holder[chance.choice([str(step).upper(), f"{step}s", f" {step}"])] = holder.pop(step)


def _nested(chance: Random, holder: Any, step: Any) -> None:
    for _ in range(chance.choice([1, 3, 30, 62])):
        holder[step] = {"a": holder[step]} if chance.random() < 0.5 else [holder[step]]


_TREES: Sequence[Callable[[Random, Any, Any], None]] = (
    _replace, _replace, _replace, _replace, _remove, _remove, _other_type, _other_type, _repeat,
    _add, _rename, _nested,
)  # fmt: skip


def spoil_tree(chance: Random, tree: Tree) -> list[tuple[Any, ...]]:
    """Change a tree in place, once to four times. Returns where."""
    changed = []
    for _ in range(chance.choice([1, 1, 1, 2, 2, 4])):
        found = list(places(tree)) if isinstance(tree, dict | list) else []
        if not found:
            break
        path = chance.choice(found)
        chance.choice(_TREES)(chance, _holder(tree, path), path[-1])
        changed.append(path)
    return changed


def json_message(chance: Random, seed: bytes) -> bytes:
    """A JSON document that is not what it was."""
    if chance.random() < 0.12:
        return any_bytes(chance, seed)
    tree = json.loads(seed)
    spoil_tree(chance, tree)
    marked = _mark(chance, tree) if chance.random() < 0.15 else None
    text = json.dumps(tree, ensure_ascii=chance.random() < 0.5)
    if marked is not None:
        text = text.replace(f'"{_MARK.format(0)}"', marked)
    return text.encode("utf-8", "surrogatepass")


def _mark(chance: Random, tree: Tree) -> str | None:
    found = list(places(tree)) if isinstance(tree, dict | list) else []
    if not found:
        return None
    path = chance.choice(found)
    _holder(tree, path)[path[-1]] = _MARK.format(0)
    return chance.choice(RAW)


def any_bytes(chance: Random, seed: bytes) -> bytes:
    """Bytes that once were a message."""
    raw = bytearray(seed)
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(len(raw) + 1)
        match chance.randrange(9):
            case 0:
                raw[at : at + 1] = chance.randbytes(1)
            case 1:
                del raw[at:]
            case 2:
                raw[at:at] = chance.randbytes(chance.choice([1, 4, 50]))
            case 3:
                raw[at:at] = raw[at : at + chance.choice([1, 20, 500])]
            case 4:
                del raw[at : at + chance.choice([1, 5, 60])]
            case 5:
                raw[at:at] = chance.choice([b'"', b"{", b"]", b"<", b">", b"&", b"\\", b"\x00"])
            case 6:
                raw = bytearray(_whole(chance, bytes(raw)))
            case 7:
                raw = bytearray(chance.randbytes(chance.choice([0, 1, 64, 2000])))
            case _:
                raw += chance.choice([b"{}", b"<a/>", b" ", b"\n\x00", b"//", b"\xff"])
    return bytes(raw)


def _whole(chance: Random, raw: bytes) -> bytes:
    text = raw.decode("utf-8", "replace")
    return chance.choice(
        (
            b"\xef\xbb\xbf" + raw,
            text.encode("utf-16"),
            text.encode("utf-32"),
            text.encode("utf-16-be"),
            text.encode("latin-1", "replace"),
            text.encode("gbk", "replace"),
            gzip.compress(raw),
            raw + raw,
            b"",
            b" \r\n\t",
            b"[" + raw + b"]",
            b'"' + raw + b'"',
            raw.replace(b'"', b"'"),
            raw.replace(b",", b",,", 1),
        )
    )


def xml_message(chance: Random, seed: bytes) -> bytes:
    """An XML document that is not what it was."""
    if chance.random() < 0.12:
        return any_bytes(chance, seed)
    root = read_xml(seed, silently)
    for _ in range(chance.choice([1, 1, 1, 2, 2, 4])):
        inner = [one for one in root.iter() if isinstance(one.tag, str) and one is not root]
        if not inner:
            break
        _spoil_element(chance, chance.choice(inner))
    raw: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return _forbidden(chance, raw) if chance.random() < 0.15 else raw


def _spoil_element(chance: Random, node: Any) -> None:  # noqa: C901  # a table of ways
    parent = node.getparent()
    match chance.randrange(10):
        case 0 | 1 | 2 | 3:
            for child in list(node):
                node.remove(child)
            node.text = _writable(str(_odd(chance)))
        case 4:
            parent.remove(node)
        case 5:
            for _ in range(chance.choice([1, 2, 40])):
                parent.append(etree.fromstring(etree.tostring(node)))
        case 6:
            name = etree.QName(node).localname
            node.tag = chance.choice([name.upper(), "a", f"{{urn:x}}{name}", "request"])
        case 7:
            for _ in range(chance.choice([1, 5, 60, 110])):
                inner = etree.SubElement(node, chance.choice(["a", "item", "orderLine"]))
                inner.text, node = "1", inner
        case 8:
            for at in range(chance.choice([1, 30, 1_001])):
                node.set(f"a{at}", "b")
        case _:
            node.append(etree.Comment("c") if chance.random() < 0.5 else etree.PI("p", "d"))


def _writable(text: str) -> str:
    return "".join(
        c for c in text if c in "\t\n\r" or (c >= " " and not 0xD800 <= ord(c) < 0xE000)
    ).translate({0xFFFE: None, 0xFFFF: None})


_DECLARED = b"<?xml version='1.0' encoding='utf-8'?>"


def _forbidden(chance: Random, raw: bytes) -> bytes:
    body = raw.removeprefix(_DECLARED).strip()
    laughs = b"".join(b'<!ENTITY e%d "&e%d;&e%d;">' % (n + 1, n, n) for n in range(20))
    return chance.choice(
        (
            b"<!DOCTYPE a>" + body,
            b'<!DOCTYPE a [<!ENTITY b "c">]>' + body.replace(b"</", b"&b;</", 1),
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>' + body,
            b'<!DOCTYPE a [<!ENTITY e0 "ha">' + laughs + b"]>" + body.replace(b"</", b"&e20;</", 1),
            b'<?xml-stylesheet href="x"?>' + body,
            body.replace(b">", b' xmlns:xi="http://www.w3.org/2001/XInclude">', 1),
            b"<?xml version='1.0' encoding='gbk'?>" + body,
            b"<?xml version='1.0' encoding='nonsense'?>" + body,
            b"<?xml version='1.1'?>" + body,
            body + body,
            b"<x:request>" + body + b"</x:request>",
            b"<![CDATA[" + body + b"]]>",
            body.replace(b"<", b"<x:", 1),
            (b"<?xml version='1.0' encoding='utf-16'?>".decode() + body.decode()).encode("utf-16"),
            body.replace(b"</", b"&undefined;</", 1),
            body.replace(b"</", b"&#0;</", 1),
            body.replace(b"</", b"&#xFFFFFFFF;</", 1),
        )
    )


def text_file(chance: Random, seed: bytes) -> bytes:
    """A file of lines that is not what it was."""
    if chance.random() < 0.3:
        return any_bytes(chance, seed)
    lines = seed.split(b"\n")
    for _ in range(chance.choice([1, 1, 2, 4])):
        at = chance.randrange(len(lines))
        match chance.randrange(8):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                lines[at] = b"  " + lines[at]
            case 3:
                lines[at] = lines[at].replace(
                    b":", chance.choice([b": &a", b": *a", b": !!x", b"="])
                )
            case 4:
                name, _, _ = lines[at].partition(b":")
                odd = json.dumps(_odd(chance)).encode() if chance.random() < 0.7 else b"[1"
                lines[at] = name + b": " + odd
            case 5:
                words = lines[at].split(b" ")
                odd = str(_odd(chance)).encode("utf-8", "replace")
                words[chance.randrange(len(words))] = odd
                lines[at] = b" ".join(words)
            case 6:
                lines[at] = lines[at].replace(b"{", chance.choice([b"[", b"{{", b"{a: 1, "]))
            case _:
                lines[at] = any_bytes(chance, lines[at])
        lines = lines or [b""]
    return b"\n".join(lines)
