"""Takes a partner's resources out of what they come in: bare, listed, in what an answer, an app or
a recording puts around them, or in the lists of a batch.
"""

from collections.abc import Sequence
from typing import Any

from hub.model.errors import BadData, Ignored
from mappings.reading import Warn, read_json, silently

_DEEPEST = 4
_ID = frozenset({"id"})


def resources(
    raw: bytes,
    warn: Warn = silently,
    *,
    around: Sequence[str],
    marks: frozenset[str] = _ID,
) -> list[dict[str, Any]]:
    """The resources of a body. BadData where something else than an object stands there, Ignored
    where nothing does.

    `around`: the names of what may stand around them; lists of those names count all, of objects
    the first. `marks`: fields by which a resource is known, so that nothing is looked for in it.
    """

    def within(tree: Any, path: str, depth: int) -> list[dict[str, Any]]:
        if isinstance(tree, list):
            entries = enumerate(tree if depth else ())
            return [it for at, entry in entries for it in within(entry, f"{path}{at}.", depth - 1)]
        if not isinstance(tree, dict):
            raise BadData("an object is expected", path=path.rstrip("."), code="bad_json")
        if depth == 0 or marks & tree.keys():
            return [tree]
        if isinstance(edges := tree.get("edges"), list):  # a connection of GraphQL
            nodes = [edge.get("node") if isinstance(edge, dict) else edge for edge in edges]
            return within(nodes, path, depth)
        named = [name for name in around if isinstance(tree.get(name), list)]
        named = named or [name for name in around if isinstance(tree.get(name), dict)][:1]
        inner = (it for name in named for it in within(tree[name], f"{name}.", depth - 1))
        return list(inner) if named else [tree]

    found = within(read_json(raw, warn), "", _DEEPEST)
    if not found:
        raise Ignored("nothing_in_it", "it holds no document")
    return found
