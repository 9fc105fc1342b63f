"""docs/api.md and docs/openapi.json, from the route table of the Open API."""

import json
from itertools import groupby

from docs._markdown import code, table
from hub.gateway import openapi
from hub.gateway.api import ROUTES
from hub.gateway.problems import TITLES
from hub.gateway.routes import Route
from hub.store.keys import SCOPES

_INTRODUCTION = """# Open API

Every route, what it needs and what it does. The whole description, with schemas, is
[openapi.json](openapi.json); the running hub serves it at `/api/v1/openapi.json` and, for people,
at `/api/v1/docs`.

## Calling it

- **Who calls.** `Authorization: Bearer KEY` with a key of [`orderhub key
  add`](commands.md#orderhub-key-add), or, for a connection of the two generic adapters, the
  Standard Webhooks headers over the body made with its own secret, and its code in
  `webhook-connection`. A key in the address is refused.
- **Once.** `Idempotency-Key` on a POST: the same key and body get the same answer for 48 hours,
  also the same refusal. The same key with another body is 422 `key_reused`; while the first still
  runs, 409 `still_running`.
- **Lists** answer `{"items": [...], "next_cursor": ...}`; `limit` is at most 200. A filter that
  does not exist is 422, not ignored.
- **Refusals** are problem documents (RFC 9457) with `errors[{path, code, message}]`. What each
  code means: [messages](messages.md#codes).
- **Correlation.** Every answer bears `X-Correlation-Id`; a UUID sent by the caller is taken over
  and stands in logs, messages and calls to partners.
- **Limits.** 2 MiB a body (413), 24 requests at once and 200 a second for each key (429 with
  `Retry-After`).

A key of a merchant sees that merchant's rows. What it may not see answers 404, the same as what
is not there.
"""

# fmt: off
_DOORS = (
    ("POST", "/in/{connection}",      "a partner's message, answered in its own form once stored"),
    ("GET",  "/healthz",              "whether the process lives"),
    ("GET",  "/readyz",               "whether deliveries can be stored: database and disk"),
    ("GET",  "/metrics",              "counts and gauges for Prometheus: [metrics](metrics.md)"),
    ("GET",  "/api/v1/openapi.json",  "this description for programs"),
    ("GET",  "/api/v1/docs",          "this description for people"),
)
# fmt: on


def description() -> str:
    """The OpenAPI document as a file."""
    return json.dumps(openapi.build(ROUTES), ensure_ascii=False, indent=1) + "\n"


def page() -> str:
    """The page."""
    groups = [
        f"### {name}\n\n{table(('route', 'scope', 'what', 'filters'), map(_row, routes))}"
        for name, routes in groupby(ROUTES, key=lambda route: route.path.partition("/")[0])
    ]
    doors = table(
        ("route", "what"), ((code(f"{method} {path}"), what) for method, path, what in _DOORS)
    )
    scopes = table(("scope", "allows"), ((code(name), what) for name, what in SCOPES.items()))
    statuses = table(
        ("status", "title"), ((str(status), title) for status, title in TITLES.items())
    )
    return "\n\n".join(
        [
            _INTRODUCTION.rstrip(),
            "## Routes",
            *groups,
            "### beside the Open API",
            doors,
            f"## Scopes\n\n{scopes}\n\n`all` stands for every one of them.",
            f"## Statuses of refusals\n\n{statuses}",
        ]
    )


def _row(route: Route) -> tuple[str, str, str, str]:
    filters = ", ".join(code(param.name) for param in route.query)
    where = code(f"{route.method} {openapi.PREFIX}{route.path}")
    return where, code(route.scope), route.summary, filters or "-"
