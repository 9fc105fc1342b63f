"""A partner's own published contract, and whether what we ask keeps to it.

Its file lies beside the adapter, or in a folder of published contracts. Where it is in neither,
nothing is held. The libraries that read it are for tests, and are imported where one is there.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Literal

from adapters.kit.conformance.doctypes import doctypes
from adapters.kit.conformance.top import top
from adapters.kit.conformance.wordpress import wordpress
from adapters.kit.testing.holding import holds
from adapters.kit.testing.scripted_partner import Asked

_PLACE = re.compile(r"\\\{[^}]*\\\}")
NO_OPERATION, NO_PARAMETER = "there is no such operation", "there is no query parameter "
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@dataclass(frozen=True, slots=True)
class Contract:
    """Which file, and how it is read: a GraphQL introspection or schema, an OpenAPI or Swagger
    description, an XSD of what is posted, the item schemas of a WordPress plug-in, the metadata of
    TOP methods, DocTypes of Frappe, or a WSDL with the schemas of its messages. `under`: what paths
    begin with that the contract leaves out. `further`: more files of the same partner; a request
    keeps to one of them. `beside`: paths, with `*` for any text, and `?name` in queries that no
    contract of theirs describes, such as where tokens are given.
    """

    kind: Literal["doctypes", "graphql", "openapi", "top", "wordpress", "wsdl", "xsd"]
    file: str
    under: str = ""
    further: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def found(self, *folders: Path | None) -> Path | None:
        """The file, in the first of these folders that has it."""
        return next(iter(self._all(self.file, *folders)), None)

    def _all(self, file: str, *folders: Path | None) -> list[Path]:
        places = (folder / file for folder in folders if folder is not None)
        return [place for place in places if place.is_file()]

    def check_all(self, asked: Iterable[Asked], *folders: Path | None) -> None:
        """AssertionError names what does not keep to it."""
        files = [it for name in (self.file, *self.further) for it in self._all(name, *folders)[:1]]
        for call in asked if files else ():
            if any(fnmatchcase(call.path, it) for it in self.beside if it[0] != "?"):
                continue
            said = [list(self._wrong(file, call)) for file in files]
            wrong = min(said, key=lambda words: (words == [NO_OPERATION], len(words)))
            holds(not wrong, f"{call.method} {call.path} keeps to {self.file}: {'; '.join(wrong)}")

    def _wrong(self, file: Path, one: Asked) -> Iterator[str]:
        known = {NO_PARAMETER + name.removeprefix("?") for name in self.beside}
        words = _READERS[self.kind](file)(one, self.under)
        yield from (word for word in words if word not in known)


Check = Callable[[Asked, str], Iterator[str]]
"""What is wrong with a request."""


@cache
def graphql_schema(file: Path) -> Any:
    """The schema of an introspection, or of the language itself."""
    from graphql import build_client_schema, build_schema  # noqa: PLC0415

    if file.suffix == ".graphql":
        return build_schema(file.read_text("utf-8"), assume_valid=True)
    told = _read(file)
    return build_client_schema(told.get("data", told), assume_valid=True)


@cache
def graphql(file: Path) -> Check:
    """Operations and their variables against an introspection."""
    from graphql import parse, validate  # noqa: PLC0415
    from graphql.execution.values import get_variable_values  # noqa: PLC0415

    schema = graphql_schema(file)

    @cache
    def read(query: str) -> Any:  # an adapter asks a few operations, each with many variables
        document = parse(query)
        return document, validate(schema, document)

    def check(asked: Asked, _: str) -> Iterator[str]:
        body = json.loads(asked.body)
        document, errors = read(body["query"])
        yield from (error.message for error in errors)
        for operation in () if errors else document.definitions:
            named = getattr(operation, "variable_definitions", None) or ()
            values = get_variable_values(schema, named, body.get("variables") or {})
            yield from (error.message for error in values) if isinstance(values, list) else ()

    return check


@cache
def openapi(file: Path) -> Check:
    """Method, path, query and JSON body against a description."""
    from openapi_schema_validator import OAS30Validator, OAS31Validator  # noqa: PLC0415

    description = _read(file)
    validator = (
        OAS31Validator if str(description.get("openapi", "")).startswith("3.1") else OAS30Validator
    )
    operations = list(_operations(description))

    def check(asked: Asked, under: str) -> Iterator[str]:
        path = asked.path.removeprefix(under)
        fitting = [
            known for known in operations if known.method == asked.method and known.fits(path)
        ]
        if not fitting:
            yield NO_OPERATION
            return
        operation = min(fitting, key=lambda known: known.template.count("{"))
        odd = sorted(set(asked.query) - operation.query)
        yield from (NO_PARAMETER + name for name in odd)
        if operation.body is not None:
            errors = validator({**description, "$ref": operation.body}).iter_errors(
                json.loads(asked.body)
            )
            yield from (f"{error.json_path}: {error.message[:200]}" for error in errors)

    return check


@cache
def xsd(file: Path) -> Check:
    """An XML body against a schema."""
    from lxml import etree  # noqa: PLC0415

    schema = etree.XMLSchema(etree.parse(file))

    def check(asked: Asked, _: str) -> Iterator[str]:
        if not schema.validate(etree.fromstring(asked.body)):
            yield from (str(error.message) for error in schema.error_log)

    return check


@cache
def wsdl(file: Path) -> Check:
    """What a SOAP envelope holds against the schemas that stand in a WSDL."""
    from lxml import etree  # noqa: PLC0415

    inside = etree.parse(file).iterfind(".//{http://www.w3.org/2001/XMLSchema}schema")
    whole = [
        etree.fromstring(etree.tostring(element)) for element in inside
    ]  # with prefixes from above it
    schemas = {element.get("targetNamespace"): etree.XMLSchema(element) for element in whole}

    def check(asked: Asked, _: str) -> Iterator[str]:
        for element in etree.fromstring(asked.body).iterfind("{*}Body/*"):
            schema = schemas.get(etree.QName(element).namespace)
            if schema is None:
                yield f"there is no schema of {element.tag}"
            elif not schema.validate(element):
                yield from (str(error.message) for error in schema.error_log)

    return check


@dataclass(frozen=True, slots=True)
class _Operation:
    """`body`: where the schema of its JSON body stands."""

    method: str
    template: str
    query: frozenset[str]
    body: str | None

    def fits(self, path: str) -> bool:
        """Whether a path is one of this operation's."""
        pattern = _PLACE.sub("[^/]+", re.escape(self.template))
        return re.fullmatch(pattern, path) is not None


def _operations(description: Mapping[str, Any]) -> Iterator[_Operation]:
    base = str(description.get("basePath", "")).rstrip("/")
    for template, item in description["paths"].items():
        for method in (name for name in _METHODS if name in item):
            given = [*item.get("parameters", ()), *item[method].get("parameters", ())]
            parameters = [_followed(description, parameter) for parameter in given]
            query = frozenset(
                parameter["name"] for parameter in parameters if parameter.get("in") == "query"
            )
            at = f"#/paths/{template.replace('~', '~0').replace('/', '~1')}/{method}"
            body = _body(description, item[method], parameters, at)
            yield _Operation(method.upper(), base + template, query, body)


def _body(
    description: Mapping[str, Any], operation: Mapping[str, Any], parameters: list[Any], at: str
) -> str | None:
    content = _followed(description, operation.get("requestBody", {})).get("content", {})
    kind = next((name for name in content if "json" in name), None)
    if kind is not None:
        named = operation["requestBody"].get("$ref", f"{at}/requestBody")
        return f"{named}/content/{kind.replace('/', '~1')}/schema"
    number = next(
        (n for n, parameter in enumerate(parameters) if parameter.get("in") == "body"), None
    )
    return None if number is None else f"{at}/parameters/{number}/schema"


def _followed(told: Mapping[str, Any], node: Any) -> Any:
    """What a reference within the document leads to."""
    while "$ref" in node:
        target: Any = told
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def _read(file: Path) -> Any:
    raw = file.read_bytes()
    return json.loads(gzip.decompress(raw) if file.suffix == ".gz" else raw)


_READERS: Mapping[str, Callable[[Path], Check]] = {
    "doctypes": doctypes(_read),
    "graphql": graphql,
    "openapi": openapi,
    "top": top(_read),
    "wordpress": wordpress(_read),
    "wsdl": wsdl,
    "xsd": xsd,
}
