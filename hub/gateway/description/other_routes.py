"""How routes beside the table stand in the description: deliveries, health, and the description."""

from hub.gateway.description.schemas import Json
from hub.gateway.http.problems import TITLES
from hub.gateway.intake.deliveries import TYPES


def _door(name: str, summary: str, description: str, answers: Json, *refused: int) -> Json:
    """How a route beside the table stands in the description."""
    return {
        "operationId": name,
        "summary": summary,
        "description": description,
        "tags": ["deliveries" if name == "post_in" else "service"],
        "security": [],
        "responses": {
            "200": {"description": "It is so.", "content": answers},
            **{str(status): {"description": TITLES[status]} for status in refused},
        },
    }


_ANY: Json = {"schema": {}}
_TEXT: Json = {"schema": {"type": "string"}}
_BYTES: Json = {"schema": {"type": "string", "format": "binary"}}
_SERVICE: dict[str, Json] = {
    "/healthz": _door(
        "get_healthz",
        "Whether the process lives",
        "For whoever restarts it.",
        {"application/json": _ANY},
        400,
    ),
    "/readyz": _door(
        "get_readyz",
        "Whether deliveries can be stored",
        "For whoever sends it traffic: 503 while the database or the disk takes nothing.",
        {"application/json": _ANY},
        *(400, 503),
    ),
    "/api/v1/openapi.json": _door(
        "get_description",
        "This description",
        "OpenAPI 3.1, for generators of clients.",
        {"application/json": _ANY},
        400,
    ),
    "/api/v1/docs": _door(
        "get_docs",
        "This description for people",
        "One page that loads nothing from elsewhere.",
        {"text/html": _TEXT},
        400,
    ),
}
_IN = _door(
    "post_in",
    "A partner's native message",
    "Kept before it is answered; the answer is in the partner's own form. What proves who sends it "
    "is the partner's own: a signature in its headers or its query. Read are "
    f"{', '.join(sorted(TYPES))}, and what ends in `+json` or `+xml`.",
    {"application/json": _ANY, "text/xml": _TEXT, "text/plain": _TEXT},
    *(400, 401, 405, 413, 415, 429, 503),
)
DOORS: dict[str, Json] = {
    "/in/{connection}": {
        "post": {
            **_IN,
            "parameters": [
                {
                    "name": "connection",
                    "in": "path",
                    "required": True,
                    "description": "the code of the connection",
                    "schema": {"type": "string"},
                }
            ],
            "requestBody": {
                "required": True,
                "content": {"application/json": _ANY, "application/octet-stream": _BYTES},
            },
        }
    },
    **{path: {"get": operation} for path, operation in _SERVICE.items()},
}
"""What is served beside the routes of the table."""
