"""Extensiv's answers in one writing: HAL documents, whose embedded lists are called by odd
addresses, and plain JSON, whose names begin with a capital, come to the same tree.
"""

from collections.abc import Sequence
from typing import Any

from pydantic.alias_generators import to_snake

from hub.model.errors import BadData, Ignored
from mappings.kit import Context
from mappings.reading import read_json

_LISTS = {
    "order": "orders",
    "item": "order_items",
    "order_item": "order_items",
    "package": "packages",
    "content": "package_contents",
    "package_content": "package_contents",
    "receiver": "receivers",
    "receiveitem": "receive_items",
    "receive_item": "receive_items",
    "summary": "summaries",
    "stocksummary": "summaries",
    "stock_summary": "summaries",
    "stock_summaries": "summaries",
}
"""The last part of a relation's address -> what the list is called in plain JSON."""
_NO_TIME = "0001-01-01T00:00:00"
"""What a time that is none looks like where programs of .NET write it."""
_AROUND = ("resource_list", "response", "data")


def plain(tree: Any) -> Any:
    """Names in small letters with underscores; what is embedded or read-only beside the rest."""
    if isinstance(tree, list):
        return [plain(one) for one in tree]
    if not isinstance(tree, dict):
        return None if isinstance(tree, str) and tree.startswith(_NO_TIME) else tree
    found: dict[str, Any] = {}
    for name, value in tree.items():
        key, inner = to_snake(name), plain(value)
        if name == "_links":
            continue
        if name == "_embedded" and isinstance(value, dict):
            for rel, rows in value.items():
                last = to_snake(rel.rstrip("/").rsplit("/", 1)[-1])
                found.setdefault(_LISTS.get(last, last), plain(rows))
        elif key == "read_only" and isinstance(inner, dict):
            found = {**inner, **found}
        else:
            found[key] = inner
    return found


def rows(raw: bytes, at: Context, name: str) -> list[dict[str, Any]]:
    """The resources of a body: a list of that name, or one resource by itself."""
    tree = plain(read_json(raw, at.warn))
    found = rows_of(tree, (name, *_AROUND))
    if not all(isinstance(one, dict) for one in found):
        raise BadData("an object is expected", path=name, code="bad_json")
    if not found:
        raise Ignored("nothing_in_it", "it holds no document")
    return found


def rows_of(tree: Any, names: Sequence[str]) -> list[Any]:
    """The first list of these names; a tree without one is the only row."""
    if isinstance(tree, list):
        return tree
    if not isinstance(tree, dict):
        raise BadData("an object is expected", code="bad_json")
    for name in names:
        inner = tree.get(name)
        if isinstance(inner, list):
            return inner
        if isinstance(inner, dict):
            return rows_of(inner, names)
    return [] if "total_results" in tree else [tree]
