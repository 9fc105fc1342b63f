"""The schemas of the Open API's description: what routes take and answer, each under one name and
written so that generators of clients take it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from hub.gateway.description import answers
from hub.gateway.routes import Route
from hub.model.document import Document

Json = dict[str, Any]
Refs = Mapping[tuple[Any, JsonSchemaMode], Json]

REF = "#/components/schemas/{model}"
_TRIPPING = frozenset({"title", "default", "properties"})
_SOURCE = "PostedSource"
_KNOWN = frozenset({"type", "source", "fulfilment_order_id", "warehouse"})
"""What the hub knows or the path names: it may be left out of what is posted."""


def schemas(routes: Iterable[Route]) -> tuple[Refs, Json]:
    """How each model is referred to, and the components."""
    routes = list(routes)
    wanted: dict[tuple[Any, JsonSchemaMode], None] = {
        (answers.ProblemDocument, "serialization"): None
    }
    for route in routes:
        wanted[route.answers, "serialization"] = None
        if route.body is not None:
            wanted[route.body, "validation"] = None
    refs, described = models_json_schema(list(wanted), ref_template=REF)
    components: Json = {name: _plain(schema) for name, schema in described["$defs"].items()}
    named = dict(refs)
    for model in _posted(routes):
        name = f"Posted{model.__name__}"
        components[name] = _loosened(components[model.__name__])
        named[model, "validation"] = {"$ref": REF.format(model=name)}
    components[_SOURCE] = {**components["Source"], "required": []}
    return named, {name: components[name] for name in sorted(_used(components, routes, named))}


def _posted(routes: Iterable[Route]) -> list[type[Document]]:
    bodies = (route.body for route in routes if route.body is not None)
    return list(dict.fromkeys(body for body in bodies if issubclass(body, Document)))


def _plain(node: Any) -> Any:
    """A schema without what trips generators of clients: the title that pydantic gives every field
    (they name classes after it, and fields of one name would fight over it) and the defaults (some
    take such a field for one that must be sent; the default is said in words).
    """
    if isinstance(node, list):
        return [_plain(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _plain(value) for key, value in node.items() if key not in _TRIPPING}
    if "properties" in node:  # their names are ours: one may well be called `title`
        plain["properties"] = {name: _plain(of) for name, of in node["properties"].items()}
    if node.get("default") and not node.keys() & {"$ref", "const"}:
        words = f"where absent: `{json.dumps(node['default'])}`"
        plain["description"] = "; ".join(filter(None, (node.get("description"), words)))
    return plain


def _loosened(schema: Json) -> Json:
    """A document as it is posted."""
    return {
        **schema,
        "required": [name for name in schema.get("required", ()) if name not in _KNOWN],
        "properties": {**schema["properties"], "source": {"$ref": REF.format(model=_SOURCE)}},
    }


def _used(components: Json, routes: Iterable[Route], refs: Refs) -> set[str]:
    """The names that routes lead to."""
    todo = list(_names(refs[answers.ProblemDocument, "serialization"]))
    for route in routes:
        todo += _names(refs[route.answers, "serialization"])
        if route.body is not None:
            todo += _names(refs[route.body, "validation"])
    used: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in used:
            used.add(name)
            todo += _names(components[name])
    return used


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from _names(value)
    elif isinstance(node, list):
        for value in node:
            yield from _names(value)
