"""Qimen's documents as one tree, whether they came as XML or JSON.

Lists are wrapped and their entries go by any name; one entry may stand in the list element itself;
empty elements, blanks and the word null mean absent; fields that are not asked for do no harm.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hub.model.document import clean
from hub.model.errors import BadData
from mappings.reading import read_json_object, read_xml

_LISTS = frozenset(
    [
        "orderLines",
        "packages",
        "items",
        "batchs",
        "relatedOrders",
        "invoices",
        "snList",
        "packageMaterialList",
        "processes",
        "orders",
        "deliveryOrders",
        "totalOrders",
        "criteriaList",
        "subSourceOrders",
    ]
)
_ABSENT = frozenset({"", "null", "NULL", "Null"})


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

    def entries(self, name: str) -> list["Node"]:
        """The entries of a list, each a branch."""
        found: list[Node] = []
        for wrapper in self.children:
            if wrapper.tag == name:
                found.extend(_entries(wrapper))
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """The entries of a list of texts."""
        return tuple(
            leaf for child in self.children if child.tag == name for leaf in _leaves(child)
        )

    def extras(self, used: Iterable[str]) -> dict[str, Any]:
        """What stands here and has no place of its own, by the partner's names."""
        taken = set(used) | _LISTS
        return {child.tag: plain(child) for child in self.children if _extra(child, taken)}


def read_request(raw: bytes) -> Node:
    """The request element of a body. BadData where there is none."""
    return _read(raw, "request")


def read_response(raw: bytes) -> Node:
    """The answer to a call, whatever its root is called."""
    return _read(raw, None)


def plain(node: Node) -> Any:
    """A node as JSON would show it."""
    if not node.children:
        return node.value
    if node.tag in _LISTS:
        return [plain(child) for child in node.children if not child.absent]
    return {child.tag: plain(child) for child in node.children if not child.absent}


def fingerprint(*nodes: Node | str | None) -> str:
    """A digest that is the same for the same content, in whatever order its fields stand."""
    text = json.dumps([_canonical(node) for node in nodes], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _read(raw: bytes, root: str | None) -> Node:
    body = raw.strip(b" \t\r\n")
    if body.removeprefix(b"\xef\xbb\xbf")[:1] == b"{":
        tree = read_json_object(body)
        name = root or "response"
        inner = tree.get(name)
        return _from_json(name, inner if isinstance(inner, dict) else tree)
    element = read_xml(body)
    if root is not None and element.tag != root:
        raise BadData(f"<{root}> is expected", path=str(element.tag)[:50], code="bad_xml")
    return _from_xml(element)


def _from_xml(element: Any) -> Node:
    children = tuple(_from_xml(child) for child in element if isinstance(child.tag, str))
    return Node(str(element.tag), None if children else _value(element.text), children)


def _from_json(tag: str, tree: Any) -> Node:
    if isinstance(tree, dict):
        inner = next(iter(tree.items())) if tag in _LISTS and len(tree) == 1 else None
        if inner is not None and isinstance(inner[1], list):  # {"orderLines": {"orderLine": [..]}}
            return Node(tag, None, tuple(_from_json(inner[0], entry) for entry in inner[1]))
        return Node(tag, None, tuple(_from_json(name, value) for name, value in tree.items()))
    if isinstance(tree, list):
        return Node(tag, None, tuple(_from_json("entry", entry) for entry in tree))
    return Node(tag, str(tree).lower() if isinstance(tree, bool) else _value(tree))


def _value(text: str | None) -> str | None:
    value = clean(text or "")
    return None if value in _ABSENT else value


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
