"""Takes a payload out of what it is wrapped in: `{"order": …}`, `{"orders": […]}`, or a recorded request.

Webhook bodies are the bare resource; REST answers wrap it by name, lists by the plural (channels.md, 1.3). A recording
of a whole request holds `headers` and `body`.
"""

from typing import Any

from hub.model.errors import BadData
from mappings.reading import read_json


def resources(raw: bytes, name: str) -> list[dict[str, Any]]:
    """The resources of that name in a body."""
    tree = read_json(raw)
    if isinstance(tree, dict) and {"headers", "body"} <= tree.keys():
        tree = tree["body"]
    if isinstance(tree, dict) and isinstance(tree.get(f"{name}s"), list):
        return [_object(one, f"{name}s.{at}") for at, one in enumerate(tree[f"{name}s"])]
    if isinstance(tree, dict) and isinstance(tree.get(name), dict):
        tree = tree[name]
    return [_object(tree, "")]


def _object(tree: Any, path: str) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise BadData("an object is expected", path=path, code="bad_json")
    return tree
