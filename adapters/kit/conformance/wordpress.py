"""Whether a request keeps to the schemas that WordPress serves for its REST resources."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from adapters.kit.testing.scripted_partner import Asked

_METHODS = {
    "READABLE": {"GET"},
    "CREATABLE": {"POST"},
    "EDITABLE": {"POST", "PUT", "PATCH"},
    "DELETABLE": {"DELETE"},
}
_TYPES: Mapping[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
"""Others (`mixed`, what PHP computes) take anything."""


def wordpress(
    read: Callable[[Path], Any],
) -> Callable[[Path], Callable[[Asked, str], Iterator[str]]]:
    """The check of a file that holds routes and item schemas, by whatever reads the file."""

    @cache
    def of(file: Path) -> Callable[[Asked, str], Iterator[str]]:
        resources = [one for one in read(file)["resources"].values() if one.get("routes")]
        return lambda asked, under: _check(resources, asked, under)

    return of


def _check(resources: list[Any], asked: Asked, under: str) -> Iterator[str]:
    path = asked.path.removeprefix(under)
    fitting = [resource for resource in resources if _fits(resource, asked.method, path)]
    if not fitting:
        yield "there is no such route"
        return
    body = json.loads(asked.body) if asked.body else {}
    properties = fitting[0].get("schema", {}).get("properties", {})
    for name, value in body.items():
        yield from _property(name, value, properties.get(name))


def _property(name: str, value: Any, said: Any) -> Iterator[str]:
    if said is None:
        yield f"{name} is no property"
    elif said.get("readonly") and not _is_written(said):
        yield f"{name} is only read"
    else:
        named = said.get("type")
        kinds = [
            _TYPES.get(str(kind), object)
            for kind in (named if isinstance(named, list) else [named])
        ]
        fits = [isinstance(value, kind) for kind in kinds]
        if not any(fits) or (isinstance(value, bool) and not {bool, object} & set(kinds)):
            yield f"{name} is no {named}"
        if said.get("enum") and value not in said["enum"]:
            yield f"{name} is none of {said['enum']}"


def _is_written(said: Any) -> bool:
    """Whether a list is written whatever its mark says: its entries have a field that only writers
    see, as the `refund_total` of a refund's lines.
    """
    fields = ((said.get("items") or {}).get("properties") or {}).values()
    return any(one.get("context") == ["edit"] for one in fields)


def _fits(resource: Any, method: str, path: str) -> bool:
    return any(
        method in set().union(*(_METHODS.get(kind, set()) for kind in route["methods"]))
        and re.fullmatch(f"/{resource['namespace']}{route['route']}", path)
        for route in resource["routes"]
    )
