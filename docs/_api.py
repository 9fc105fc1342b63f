"""docs/api.md and docs/openapi.json, from the route table of the Open API."""

import json
from itertools import groupby

from docs._markdown import code, table
from hub.gateway.api import ROUTES
from hub.gateway.description import openapi
from hub.gateway.http.problems import TITLES
from hub.gateway.routes import Route
from hub.store.people.api_keys import SCOPES

_INTRODUCTION = """# Open API

Every route, what it needs and what it does. The whole description, with schemas, is
[openapi.json](openapi.json); the running hub serves it at `/api/v1/openapi.json` and, for people,
at `/api/v1/docs`.

## Calling it

- **Who calls.** `Authorization: Bearer KEY` with a key of [`orderhub key
  add`](commands.md#orderhub-key-add), or, for a connection of the two generic adapters, a
  [signature](#signing-a-call). A key in the address is refused.
- **Once.** `Idempotency-Key` on a POST: the same key and body get the same answer for 48 hours,
  also the same refusal. The same key with another body is 422 `key_reused`; while the first still
  runs, 409 `still_running`.
- **Lists** answer `{"items": [...], "next_cursor": ...}`; `limit` is at most 200. A filter that
  does not exist is 422, not ignored.
- **Refusals** are problem documents (RFC 9457) with `errors[{path, code, message}]`. What each
  code means: [messages](messages.md#codes).
- **Correlation.** Every answer bears `X-Correlation-Id`; a UUID sent by the caller is taken over
  and stands in logs, messages and calls to partners.
- **Limits.** 2 MiB a body (413); 200 requests a second for each key and 24 at once, of which each
  process works 6 and the rest waits in line; of those that take long (tests, what-if, replaying a
  selection) 2 at once and 5 a second. Beyond that 429 with `Retry-After`.
- **Clients.** Generators take the description as it is: `openapi-python-client generate --path
  openapi.json`, `openapi-typescript openapi.json`. The tests make both and call orders,
  fulfilment, stock and messages with them.

A key of a merchant sees that merchant's rows. What it may not see answers 404, the same as what
is not there.

## Signing a call

A connection of the two generic adapters may sign instead of holding a key: the three headers of
[Standard Webhooks](https://www.standardwebhooks.com) made with its own webhook secret, and its code
in `webhook-connection`. Signed is not the body alone but method, path with query, and body:

```
METHOD SP PATH[?QUERY] LF BODY
```

Path and query are as they are sent, from `/api/v1/` on; without a body nothing follows the line's
end. A library of Standard Webhooks signs this text like any payload: give it the text in the place
of the payload. Without one:

```python
import base64
import hashlib
import hmac
import time
import uuid


def signed(connection: str, secret: str, method: str, target: str, body: bytes = b"") -> dict:
    number, at = uuid.uuid4().hex, str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{number}.{at}.{method} {target}\\n".encode() + body
    made = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": number,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{made}",
        "webhook-connection": connection,
    }


headers = signed("acme-depot", SECRET, "GET", "/api/v1/fulfilment-orders?status=notified")
```

A signature over the body alone, as deliveries to `/in/` have it, is refused here, and the other way
round. Its time may be 5 minutes off. Each signature counts once: the same POST again is answered as
it was, a GET again, or a POST with another `Idempotency-Key`, is 401 `used_signature`. Sign anew to
ask anew; on a POST the same `webhook-id` still has no second effect.
"""

# fmt: off
_DOORS = (
    ("POST", "/in/{connection}",      "a partner's message, answered in its own form once stored"),
    ("GET",  "/healthz",              "whether the process lives"),
    ("GET",  "/readyz",               "whether deliveries can be stored: database and disk"),
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
