"""Whether a call keeps to the metadata that the Taobao Open Platform (TOP) publishes of its
methods: every element is named there, what is mandatory is there, and each has its type.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from adapters.kit.testing.scripted_partner import Asked

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", re.ASCII)
Fields = Sequence[Mapping[str, Any]]


def top(read: Callable[[Path], Any]) -> Callable[[Path], Callable[[Asked, str], Iterator[str]]]:
    """The check of a file of methods, by whatever reads the file."""

    @cache
    def of(file: Path) -> Callable[[Asked, str], Iterator[str]]:
        methods: Mapping[str, Any] = read(file)
        return lambda asked, _: _check(methods, asked)

    return of


def _check(methods: Mapping[str, Any], asked: Asked) -> Iterator[str]:
    from lxml import etree  # noqa: PLC0415

    described = methods.get(asked.query.get("method", ""))
    if described is None:
        yield f"there is no method {asked.query.get('method')}"
        return
    (request,) = described["requestParams"]
    yield from _group(etree.fromstring(asked.body), request.get("subParams", ()), "")


def _group(element: Any, fields: Fields, path: str) -> Iterator[str]:
    """What is wrong with the children of an element."""
    known = {field["name"]: field for field in fields}
    seen = [str(child.tag) for child in element]
    yield from (f"{path}{name} is no parameter" for name in seen if name not in known)
    yield from (f"{path}{name} stands twice" for name in set(seen) if seen.count(name) > 1)
    yield from (
        f"{path}{name} is missing"
        for name, field in known.items()
        if field.get("required") and not _is_said(element.find(name))
    )
    for child in element:
        if child.tag in known:
            yield from _field(child, known[str(child.tag)], f"{path}{child.tag}")


def _field(element: Any, field: Mapping[str, Any], path: str) -> Iterator[str]:
    kind, below = str(field["type"]), field.get("subParams")
    if kind == "Map":
        return
    if kind.endswith("[]"):
        for number, entry in enumerate(element):
            yield from _group(entry, below or (), f"{path}.{number}.")
    elif below:
        yield from _group(element, below, f"{path}.")
    elif len(element):
        yield f"{path} holds elements, a {kind} is expected"
    elif kind == "Number" and not _NUMBER.fullmatch(element.text or ""):
        yield f"{path} is no number"
    elif kind == "Date" and not _TIME.fullmatch(element.text or ""):
        yield f"{path} is no time"


def _is_said(element: Any) -> bool:
    return element is not None and bool(len(element) or (element.text or "").strip())
