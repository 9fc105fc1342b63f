"""The description of the Open API (OpenAPI 3.1), built from the route table and the schemas."""

import re
from collections.abc import Iterable

from hub.gateway.description.other_routes import DOORS
from hub.gateway.description.schemas import REF, Json, Refs, schemas
from hub.gateway.http.problems import TITLES
from hub.gateway.routes import Route
from hub.store.people.api_keys import SCOPES

PREFIX = "/api/v1/"
VERSION = "1"
TAGS = {
    "orders": "What customers bought: told, read, held, let go, cancelled.",
    "routing": "Where an order would go.",
    "fulfilment-orders": "What a warehouse is told to ship, and what it says of it.",
    "inbound-notices": "What a warehouse is told to expect, and what came of it.",
    "goods-receipts": "What came in, announced or not.",
    "reconciliation": "What providers report and what is expected, as far as nothing matches it.",
    "invoices": "Invoices and credit notes, numbered without gaps, as UBL.",
    "chargebacks": "Payments that a bank took back.",
    "settlements": "What merchants are owed: statements of periods, opened down to orders.",
    "journal": "The ledger of money, entry by entry.",
    "contracts": "What merchants are charged: terms, version by version.",
    "adjustments": "Corrections by hand: entered by one person, decided by another.",
    "payouts": "What is approved, as a bank takes it.",
    "receipt-differences": "How what came differs from what was announced; decided by a person.",
    "returns": "What customers send back, what came of it, and the money of it.",
    "return-receipts": "What came back, announced or not.",
    "return-parcels": "Parcels that belong to no return so far.",
    "return-terms": "What a merchant takes back, until when, and what is decided by itself.",
    "customer-retention": "How long customers are kept after their last order.",
    "customers": "Who bought, over all channels of a merchant; joined, taken apart, forgotten.",
    "stock": "Levels, the ledger behind them, counts and corrections.",
    "stocktakes": "Counts of shelves: taken by one person, approved by another.",
    "products": "What makes a SKU known.",
    "clocks": "How long orders stand before their next step, and where.",
    "books": "What the books were told of it, and up to when they are closed.",
    "messages": "What came in and what was told; mended and worked again.",
    "jobs": "Work on many rows that was asked for.",
    "connections": "Configured accounts of partners: how they are, tested, paused, resumed.",
    "deliveries": "Where partners' own messages arrive.",
    "service": "Health, and this description.",
}
"""What the groups of routes are about."""
_PATH_ID = re.compile(r"\{(\w+)\}")

_INTRODUCTION = """Orders, fulfilment, stock, products and messages of the hub.

Money and quantities are decimal strings, times RFC 3339 in UTC. A refusal is a problem document
(RFC 9457) that names each field that is wrong. `Idempotency-Key` on a POST: the same key and body
get the same answer for 48 hours. Lists page by `cursor`."""


def build(routes: Iterable[Route]) -> Json:
    """The whole description."""
    routes = list(routes)
    refs, components = schemas(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Order Hub",
            "version": VERSION,
            "description": _INTRODUCTION,
            "contact": {"name": "Whoever runs this hub"},
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The hub that serves this description"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": {**paths, **DOORS},
        "components": {
            "schemas": components,
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
                    "description": "Standard Webhooks headers over `METHOD PATH?QUERY`, a line's "
                    "end and the body, made with the webhook secret of a generic connection, whose "
                    "code stands in `webhook-connection`. Each counts once. It reaches what "
                    "concerns that connection.",
                },
            },
        },
    }


def _operation(route: Route, refs: Refs) -> Json:
    operation: Json = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "description": f"{route.details}\n\nScope: `{route.scope}`.",
        "tags": [route.path.partition("/")[0]],
        "security": [{"key": []}, {"signature": []}],
        "x-scope": route.scope,
        "parameters": [*_path_parameters(route), *_parameters(route)],
        "responses": {
            str(route.status): _response(
                "It is done.", refs[route.answers, "serialization"], *route.media
            ),
            **{str(status): _PROBLEM[status] for status in _refusals(route)},
        },
    }
    if route.status == 201:
        known = "It was known already, or changed."
        operation["responses"]["200"] = _response(known, refs[route.answers, "serialization"])
    if route.body is not None:
        schema = refs[route.body, "validation"]
        content = {"application/json": {"schema": schema}}
        operation["requestBody"] = {"required": not route.body_optional, "content": content}
    return operation


def _operation_id(route: Route) -> str:
    words = _PATH_ID.sub("one", route.path).replace("-", "_").split("/")
    return "_".join([route.method.lower(), *words])


def _path_parameters(route: Route) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": f"the {name} of one",
            "schema": {"type": "string"},
        }
        for name in _PATH_ID.findall(route.path)
    ]


def _parameters(route: Route) -> list[Json]:
    parameters: list[Json] = [
        {
            "name": param.name,
            "in": "query",
            "description": param.meaning,
            "schema": dict(param.schema),
        }
        for param in route.query
    ]
    parameters.append(_CORRELATION)
    if route.method == "POST":
        parameters.append(_IDEMPOTENCY)
    return parameters


def _refusals(route: Route) -> list[int]:
    found = [401, 403, 406, 422, 429, 503]
    found += [400, 409, 413, 415] if route.method == "POST" else []
    found += [400] if route.is_list else []
    found += [404] if "{" in route.path or route.is_list else []
    return sorted({*found, *route.refuses})


def _response(description: str, schema: Json, *media: str) -> Json:
    kinds = media or (_JSON,)
    content = {
        kind: {"schema": _FILE if _JSON in kinds and kind != _JSON else schema} for kind in kinds
    }
    return {"description": description, "headers": _HEADERS, "content": content}


_JSON = "application/json"
_FILE: Json = {"type": "string"}
_UUID: Json = {"type": "string", "format": "uuid"}
_HEADERS: Json = {"X-Correlation-Id": {"schema": _UUID}}
_CORRELATION: Json = {
    "name": "X-Correlation-Id",
    "in": "header",
    "description": "a UUID of the caller's own, taken over everywhere; what is none is replaced",
    "schema": {"type": "string"},
}
_IDEMPOTENCY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "the same key and body: the same answer",
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}
_PROBLEM: dict[int, Json] = {
    status: {
        "description": title,
        "content": {
            "application/problem+json": {"schema": {"$ref": REF.format(model="ProblemDocument")}}
        },
    }
    for status, title in TITLES.items()
}
