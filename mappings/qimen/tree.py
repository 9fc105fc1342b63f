"""Qimen's documents as one tree, whether they came as XML or JSON.

Lists are wrapped and their entries go by any name; one entry may stand in the list element itself;
empty elements, blanks and the word null mean absent; fields that are not asked for do no harm.
Names in snake_case or with a capital are those of the protocol, whoever generated them.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from pydantic.alias_generators import to_camel

from hub.model.document import TEXT_LIMIT, Cleaned, clean
from hub.model.errors import BadData
from mappings.reading import (
    Warn,
    mended_text,
    read_json_object,
    read_xml,
    silently,
    warn_of_text,
)

LISTS = {
    "orderLines": "orderLine",
    "packages": "package",
    "items": "item",
    "batchs": "batch",
    "relatedOrders": "relatedOrder",
    "invoices": "invoice",
    "snList": "sn",
    "packageMaterialList": "packageMaterial",
    "processes": "process",
    "orders": "order",
    "deliveryOrders": "deliveryOrder",
    "totalOrders": "totalOrder",
    "criteriaList": "criteria",
    "subSourceOrders": "subSourceOrder",
}
"""List element -> what one entry is called where the list element is left out."""
_FREE = "extendProps"
"""A map of the parties' own names."""
_ALSO = {"batches": "batchs", "batchList": "batchs"}
"""Spellings of list elements that are met beside the protocol's own."""
_ABSENT = frozenset({"", "null", "none", "undefined"})
_LONGEST_ABSENT = max(map(len, _ABSENT))


@dataclass(frozen=True, slots=True)
class Node:
    """An element: a leaf with text, or a branch with children."""

    tag: str
    value: str | None = None
    children: tuple["Node", ...] = ()

    @property
    def absent(self) -> bool:
        return self.value is None and all(child.absent for child in self.children)

    def child(self, name: str) -> "Node":
        """The first child of that name; an absent one where there is none."""
        return next((child for child in self.children if child.tag == name), Node(name))

    def text(self, name: str) -> str | None:
        """The text of a child, None where it is absent."""
        return self.child(name).value

    def first(self, *names: str) -> str | None:
        """The first of several children that says something."""
        return next((found for name in names if (found := self.text(name)) is not None), None)

    def lists(self, name: str) -> list["Node"]:
        """The list elements of that name; where there are none, the entries that stand here without
        one.
        """
        spelt = [one for one in self.children if one.tag == name or _ALSO.get(one.tag) == name]
        alone = LISTS.get(name)
        return spelt or [one for one in self.children if one.tag == alone and one.children]

    def entries(self, name: str) -> list["Node"]:
        """The entries of a list, each a branch."""
        found: list[Node] = []
        for one in self.lists(name):
            found.extend([one] if one.tag == LISTS.get(name) else _entries(one))
        return [one for one in found if not one.absent]

    def texts(self, name: str) -> tuple[str, ...]:
        """The entries of a list of texts."""
        return tuple(
            leaf for child in self.children if child.tag == name for leaf in _leaves(child)
        )

    def extras(self, used: Iterable[str]) -> dict[str, Any]:
        """What stands here and has no place of its own, by the partner's names."""
        taken = set(used) | LISTS.keys() | _ALSO.keys()
        return {child.tag: plain(child) for child in self.children if _extra(child, taken)}


def read_request(raw: bytes, warn: Warn = silently) -> Node:
    """The request element of a body, its texts cleaned. BadData where there is none."""
    return _read(raw, "request", warn)


def read_response(raw: bytes, warn: Warn = silently) -> Node:
    """The answer to a call, whatever its root is called."""
    return _read(raw, None, warn)


def plain(node: Node) -> Any:
    """A node as JSON would show it."""
    if not node.children:
        return node.value
    said = [child for child in node.children if not child.absent]
    if node.tag not in LISTS:
        return {child.tag: plain(child) for child in said}
    names = {child.tag for child in said}
    if len(names) == len(said) > 1 and not all(child.children for child in said):
        return [{child.tag: plain(child) for child in said}]  # an entry without its own element
    return [plain(child) for child in said]


def fingerprint(*nodes: Node | str | None) -> str:
    """A digest that is the same for the same content, in whatever order its fields stand."""
    text = json.dumps([_canonical(node) for node in nodes], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _read(raw: bytes, root: str | None, warn: Warn) -> Node:
    body = _within_a_form(raw.strip(b" \t\r\n"))
    if body.removeprefix(b"\xef\xbb\xbf")[:1] == b"{":
        tree = read_json_object(body, warn, chinese=True)
        name = root or "response"
        inner = next((it for key, it in tree.items() if _local(key) == name), None)
        return _from_json(name, inner if isinstance(inner, dict) else tree, warn)
    element = read_xml(body, warn)
    tag = _local(str(element.tag))
    if root is not None and tag.lower() not in {root, *_ROOTS}:
        raise BadData(f"<{root}> is expected", path=tag[:50], code="bad_xml")
    return _from_xml(tag, element, warn)


def _within_a_form(body: bytes) -> bytes:
    """The body, also where it stands in a field of a form, as EDB posts it."""
    if body[:1] in {b"<", b"{"} or _FORM_FIELD not in body[:_FORM_HEAD]:
        return body
    fields = parse_qsl(body, max_num_fields=50)
    return next((value for name, value in fields if name == _FORM_FIELD[:-1]), body).strip()


_FORM_FIELD, _FORM_HEAD = b"businessdata=", 2048
_ROOTS = ("root", "xml")  # what programs call a request that name it themselves


@lru_cache(maxsize=4096)
def _local(tag: str, around: str = "") -> str:
    """A name without its namespace, as the protocol writes it."""
    name = tag.rpartition("}")[2] if tag[:1] == "{" else tag
    if around == _FREE or around in LISTS or name.isupper():
        return name
    return to_camel(name) if "_" in name[1:-1] else name[:1].lower() + name[1:]


def _from_xml(tag: str, element: Any, warn: Warn) -> Node:
    children = tuple(
        _from_xml(_local(inner, tag), child, warn)
        for child in element
        if isinstance(inner := child.tag, str)
    )
    written = None if children else element.text
    if not written:
        return Node(tag, None, children)
    text = written if written.isprintable() else mended_text(written)
    if text is not written:
        warn_of_text(warn, _place(element))
    value = _value(text)
    if value is not None and len(value) > TEXT_LIMIT:
        value = _cut(value, warn, _place(element))
    return Node(tag, value)


def _place(element: Any) -> str:
    """Where an element stands, as `packages.package[2].expressCode`."""
    return str(element.getroottree().getelementpath(element)).replace("/", ".")


def _from_json(tag: str, tree: Any, warn: Warn) -> Node:
    if isinstance(tree, dict):
        inner = next(iter(tree.items())) if tag in LISTS and len(tree) == 1 else None
        if inner is not None and isinstance(inner[1], list):  # {"orderLines": {"orderLine": [..]}}
            name = _local(inner[0])
            return Node(tag, None, tuple(_from_json(name, entry, warn) for entry in inner[1]))
        named = ((_local(name, tag), entry) for name, entry in tree.items())
        return Node(tag, None, tuple(_from_json(name, entry, warn) for name, entry in named))
    if isinstance(tree, list):
        return Node(tag, None, tuple(_from_json("entry", entry, warn) for entry in tree))
    value = _value(str(tree).lower() if isinstance(tree, bool) else tree or "")
    if value is not None and len(value) > TEXT_LIMIT:
        value = _cut(value, warn, tag)
    return Node(tag, value)


def _value(text: str) -> str | None:
    """A text as it is used: trimmed; None where it says that nothing is there. What was mended
    stays marked.
    """
    value = clean(text)
    if len(value) <= _LONGEST_ABSENT and value.casefold() in _ABSENT:
        return None
    return Cleaned(value) if isinstance(text, Cleaned) else value


def _cut(text: str, warn: Warn, path: str) -> str:
    warn("too_long", f"more than {TEXT_LIMIT} characters: the rest was cut off", path=path)
    return text[:TEXT_LIMIT]


def _entries(wrapper: Node) -> list[Node]:
    children = [child for child in wrapper.children if not child.absent]
    if any(not child.children for child in children):
        return [wrapper]  # a single entry without its own element
    return children


def _leaves(node: Node) -> list[str]:
    if not node.children:
        return [node.value] if node.value is not None else []
    return [leaf for child in node.children for leaf in _leaves(child)]


def _extra(child: Node, taken: set[str]) -> bool:
    return not child.absent and child.tag not in taken


def _canonical(node: Node | str | None) -> Any:
    if not isinstance(node, Node):
        return node
    children = [_canonical(child) for child in node.children if not child.absent]
    return [node.tag, node.value, sorted(children, key=json.dumps)]
