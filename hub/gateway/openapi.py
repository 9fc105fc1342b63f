"""The description of the Open API (OpenAPI 3.1), built from the route table and the schemas."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from hub.gateway import answers
from hub.gateway.problems import TITLES
from hub.gateway.routes import Route
from hub.gateway.webhooks import TYPES
from hub.model.catalogue import DOCUMENTS
from hub.model.document import Document
from hub.store.keys import SCOPES

PREFIX = "/api/v1/"
VERSION = "1"
_REF = "#/components/schemas/{model}"
_PATH_ID = re.compile(r"\{(\w+)\}")
_Json = dict[str, Any]
_Refs = Mapping[tuple[Any, JsonSchemaMode], _Json]

_INTRODUCTION = """Orders, fulfilment, stock, products and messages of the hub.

Money and quantities are decimal strings, times RFC 3339 in UTC. A refusal is a problem document
(RFC 9457) that names each field that is wrong. `Idempotency-Key` on a POST: the same key and body
get the same answer for 48 hours. Lists page by `cursor`."""


def build(routes: Iterable[Route]) -> _Json:
    """The whole description."""
    routes = list(routes)
    refs, schemas = _schemas(routes)
    paths: dict[str, _Json] = {}
    for route in routes:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Order Hub", "version": VERSION, "description": _INTRODUCTION},
        "paths": {**paths, **_DOORS},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"An API key. Scopes: {', '.join(SCOPES)}.",
                },
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "webhook-signature",
                    "description": "Standard Webhooks headers made with the webhook secret of a "
                    "generic connection, whose code stands in `webhook-connection`. "
                    "It reaches what concerns that connection.",
                },
            },
        },
    }


def _schemas(routes: Iterable[Route]) -> tuple[_Refs, _Json]:
    wanted: dict[tuple[Any, JsonSchemaMode], None] = {
        (answers.ProblemDocument, "serialization"): None
    }
    for model in DOCUMENTS.values():
        wanted[model, "serialization"] = None
    for route in routes:
        wanted[route.answers, "serialization"] = None
        if route.body is not None:
            wanted[route.body, "validation"] = None
    refs, found = models_json_schema(list(wanted), ref_template=_REF)
    schemas: _Json = dict(found["$defs"])
    for kind, model in DOCUMENTS.items():
        schemas[kind] = refs[model, "serialization"]
    posted = dict(refs)
    for route in routes:
        if route.body is not None and issubclass(route.body, Document):
            name = f"Posted{route.body.__name__}"
            schemas[name] = _loosened(schemas[route.body.__name__])
            posted[route.body, "validation"] = {"$ref": _REF.format(model=name)}
    return posted, schemas


def _loosened(schema: _Json) -> _Json:
    """A document as it is posted: what the hub knows or the path names may be left out."""
    known = {"type", "source", "fulfilment_order_id", "warehouse"}
    source = {"type": "object", "description": "`connection`; `id` where it has one of its own"}
    return {
        **schema,
        "required": [name for name in schema.get("required", ()) if name not in known],
        "properties": {**schema["properties"], "source": source},
    }


def _operation(route: Route, refs: _Refs) -> _Json:
    found: _Json = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.path.partition("/")[0]],
        "security": [{"key": [route.scope]}, {"signature": []}],
        "parameters": [*_path_parameters(route), *_parameters(route)],
        "responses": {
            str(route.status): _response("It is done.", refs[route.answers, "serialization"]),
            **{str(status): _PROBLEM[status] for status in _refusals(route)},
        },
    }
    if route.status == 201:
        known = "It was known already, or changed."
        found["responses"]["200"] = _response(known, refs[route.answers, "serialization"])
    if route.body is not None:
        schema = refs[route.body, "validation"]
        content = {"application/json": {"schema": schema}}
        found["requestBody"] = {"required": not route.body_optional, "content": content}
    return found


def _operation_id(route: Route) -> str:
    words = _PATH_ID.sub("one", route.path).replace("-", "_").split("/")
    return "_".join([route.method.lower(), *words])


def _path_parameters(route: Route) -> list[_Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATH_ID.findall(route.path)
    ]


def _parameters(route: Route) -> list[_Json]:
    found: list[_Json] = [
        {
            "name": param.name,
            "in": "query",
            "description": param.meaning,
            "schema": dict(param.schema),
        }
        for param in route.query
    ]
    found.append(_CORRELATION)
    if route.method == "POST":
        found.append(_IDEMPOTENCY)
    return found


def _refusals(route: Route) -> list[int]:
    found = [401, 403, 406, 422, 429, 503]
    found += [400, 409, 413, 415] if route.method == "POST" else []
    found += [400] if route.is_list else []
    found += [404] if "{" in route.path or route.is_list else []
    return sorted({*found, *route.refuses})


def _response(description: str, schema: _Json) -> _Json:
    content = {"application/json": {"schema": schema}}
    return {"description": description, "headers": _HEADERS, "content": content}


_UUID: _Json = {"type": "string", "format": "uuid"}
_HEADERS: _Json = {"X-Correlation-Id": {"schema": _UUID}}
_CORRELATION: _Json = {
    "name": "X-Correlation-Id",
    "in": "header",
    "description": "a UUID of the caller's own, taken over everywhere; what is none is replaced",
    "schema": {"type": "string"},
}
_IDEMPOTENCY: _Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "the same key and body: the same answer",
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}
_PROBLEM: dict[int, _Json] = {
    status: {
        "description": title,
        "content": {
            "application/problem+json": {"schema": {"$ref": _REF.format(model="ProblemDocument")}}
        },
    }
    for status, title in TITLES.items()
}


def _door(summary: str, content_type: str, *statuses: int) -> _Json:
    ok = {"description": "It is so.", "content": {content_type: {}}}
    refused = {str(status): {"description": TITLES[status]} for status in statuses}
    return {"summary": summary, "security": [], "responses": {"200": ok, **refused}}


_DOORS: dict[str, _Json] = {
    "/in/{connection}": {
        "post": {
            **_door(
                "A partner's native message; answered in the partner's own form",
                "*/*",
                *(400, 401, 404, 405, 413, 415, 429, 503),
            ),
            "operationId": "post_in",
            "tags": ["deliveries"],
            "parameters": [
                {"name": "connection", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "requestBody": {"required": True, "content": {name: {} for name in sorted(TYPES)}},
        }
    },
    "/healthz": {"get": _door("Whether the process lives", "application/json")},
    "/readyz": {"get": _door("Whether deliveries can be stored", "application/json", 503)},
    "/metrics": {"get": _door("Counts and gauges for Prometheus", "text/plain")},
    "/api/v1/openapi.json": {"get": _door("This description", "application/json")},
    "/api/v1/docs": {"get": _door("This description for people", "text/html")},
}
"""What is served beside the routes of the table."""
