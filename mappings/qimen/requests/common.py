"""What requests have in common, read back: line numbers, currencies, the free map."""

from collections.abc import Sequence
from typing import Any

from hub.model.document import is_currency
from hub.model.errors import BadData
from mappings.kit import numbers
from mappings.qimen.fields import line_no
from mappings.qimen.tree import Node, plain


def line_numbers(lines: Sequence[Node]) -> list[int]:
    """The numbers of the lines. Where not each has one of its own, they are counted through.

    BadData where there is no line.
    """
    if not lines:
        raise BadData("at least one line is expected", path="orderLines", code="no_lines")
    known = [place for line in lines if (place := line_no(line)) is not None]
    return known if len(set(known)) == len(lines) else list(range(1, len(lines) + 1))


def number(node: Node, name: str) -> int | None:
    """A whole number from 1 on which nothing depends; None where it is none."""
    try:
        told = numbers.whole(node.text(name))
    except BadData:
        return None
    return told if 0 < told < 10**9 else None


def currency(props: Node) -> str | None:
    """The currency in the free map, where it is one."""
    told = (props.text("currency") or "").upper()
    return told if is_currency(told) else None


def free_map(request: Node, head: Node) -> Node:
    """`extendProps` of a request, some of which may stand in its head; the request's own first."""
    inner = request.child("extendProps").children, head.child("extendProps").children
    return Node("extendProps", None, (*inner[0], *inner[1]))


def own_props(props: Node, known: Sequence[str]) -> dict[str, Any]:
    """The free map as an attribute, without what has a place of its own; nothing where it is
    empty.
    """
    kept: dict[str, Any] = {}
    for child in props.children:
        if not child.absent and child.tag not in known:
            kept.setdefault(child.tag, plain(child))
    return {"extendProps": kept} if kept else {}
