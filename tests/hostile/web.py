"""The gateway's WSGI app in this process: signed deliveries, and every route of the Open API.

A request is kept as text, `METHOD path?query`, headers, an empty line and the body, so that a
failing one can be kept and made shorter.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from werkzeug.test import EnvironBuilder, TestResponse

from adapters.kit.signature import base64_hmac, top_sign
from adapters.qimen.door import stamp
from hub.model.errors import Problem
from tests.hostile import mutate, seeds
from tests.hostile.judge import Fault, of_problems
from tests.hostile.readers import Door, spoilt
from tests.hostile.seeds import Seed
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from tests.kit.world.gateway import Gateway, two_merchants
from tests.kit.world.signing import QIMEN_SECRET, signed

_CODES = {
    "generic_channel": "shop-a",
    "generic_warehouse": "wh-a",
    "shopify": "shop-s",
    "qimen": "wh-q",
}
_SHOPIFY_SECRET = "a-secret-of-the-shop"
_SHOPIFY: Mapping[str, Any] = {
    "adapter": "shopify",
    "gives": ("sales_order", "refund", "product"),
    "shards": 4,
    "settings": {"shop": "x"},
    "secrets": {"webhook_secret": _SHOPIFY_SECRET, "access_token": "t"},
}
_DELIBERATE = frozenset({"database_away", "disk_full", "try_later", "connection_unusable"})
"""What a 503 may say."""
_DESCRIPTION = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text("utf-8"))
_KEYS = 24


class Web:
    """The app, keys to it, and what there is to ask for."""

    def __init__(self, url: str, home: Path) -> None:
        self.world = World(url, home)
        two_merchants(self.world)
        self.world.merchant().shop("shop-s", **_SHOPIFY)
        self.gateway = Gateway(self.world)
        self.keys = [self.gateway.key("all") for _ in range(_KEYS)]
        self.keys += [self.gateway.key("all", merchant="acme") for _ in range(_KEYS)]
        self.gateway.world.stock("wh-a", "acme", A=1000, B=1000)
        self.ids = self._ids()
        self._turn = 0

    def close(self) -> None:
        self.gateway.close()
        self.world.close()

    def key(self) -> str:
        """One after the other, so that none is too fast."""
        self._turn += 1
        return self.keys[self._turn % len(self.keys)]

    def _ids(self) -> list[str]:
        found = [
            str(uuid4()),
            "1",
            "shop-a",
            "wh-a",
            "nobody",
            "x" * 300,
            "%00",
            "..",
            "null",
            "-1",
        ]
        for number in range(3):
            body = json.dumps(sales_order(number, channel="shop-a")).encode()
            answer = self.gateway.call("POST", "orders", self.keys[0], body)
            found += [str((answer.json or {}).get("id"))]
            stored = self.gateway.post_in("shop-a", body).json
            found += [str((stored or {}).get("id"))]
        return found

    def ask(self, raw: bytes) -> TestResponse | None:
        """Send a request that was kept as text. None where it is none."""
        head, _, body = raw.partition(b"\n\n")
        first, *lines = head.decode("latin-1").split("\n")
        method, _, target = first.partition(" ")
        if not re.fullmatch(r"[A-Z]{3,8}", method) or not target.startswith("/"):
            return None
        path, _, query = target.partition("?")
        headers = [
            (n.strip(), v.strip()) for n, found, v in (x.partition(":") for x in lines) if found
        ]
        names = {name.lower() for name, _ in headers}
        if path.startswith("/in/"):
            query, more = self._signed(path[4:], query, body, dict(headers))
            headers += more
        elif "authorization" not in names and path.startswith("/api"):
            headers.append(("Authorization", f"Bearer {self.key()}"))
        built = EnvironBuilder(method=method, path="/", data=body, headers=headers)
        environ = built.get_environ()
        environ["PATH_INFO"], environ["QUERY_STRING"] = path, query
        return self.gateway.client.open(environ)

    def _signed(
        self, code: str, query: str, body: bytes, headers: dict[str, str]
    ) -> tuple[str, list[tuple[str, str]]]:
        if code == "wh-q":
            params = {
                "method": headers.get("X-Method", "taobao.qimen.deliveryorder.confirm"),
                "timestamp": stamp(datetime.now(UTC)), "format": "xml", "app_key": "key-1",
                "v": "2.0", "sign_method": "md5", "customerId": "c-1",
            }  # fmt: skip
            params["sign"] = top_sign(QIMEN_SECRET, params, body, "md5")
            return "&".join(filter(None, (urlencode(params), query))), []
        if code == "shop-s":
            mac = base64_hmac(_SHOPIFY_SECRET, body)
            topic = headers.get("X-Method", "orders/create")
            return query, [("X-Shopify-Hmac-Sha256", mac), ("X-Shopify-Topic", topic)]
        own = {n: v for n, v in signed(body).items() if n not in headers and n != "Content-Type"}
        return query, list(own.items())

    def judge(self, raw: bytes) -> Fault | None:
        """No 5xx but the deliberate one; a refusal is a problem document that says why."""
        try:
            answer = self.ask(raw)
        except Exception as error:  # noqa: BLE001  # it left the app
            return Fault(f"the app raises {type(error).__name__}", str(error)[:200])
        if answer is None or (raw.startswith(b"HEAD ") and answer.status_code < 500):
            return None  # an answer to HEAD has no body
        where = re.sub(
            r"[0-9a-f-]{8,}|\d+|x{9,}", "*", raw[:60].decode("latin-1").partition("?")[0]
        )
        return _of_answer(answer, where.partition("\n")[0])


def _of_answer(answer: TestResponse, where: str) -> Fault | None:
    if answer.status_code < 400:
        return None
    if not answer.content_type.startswith("application/problem+json"):
        return Fault(f"{answer.status_code} is no problem document: {where}", answer.text[:200])
    told = [Problem(**one) for one in answer.json["errors"]]
    if answer.status_code >= 500 and (answer.status_code != 503 or told[0].code not in _DELIBERATE):
        return Fault(f"{answer.status_code} {told[0].code}: {where}", answer.text[:200])
    if not told or not answer.json["correlation_id"]:
        return Fault(f"{answer.status_code} does not say why: {where}", answer.text[:200])
    return of_problems([one for one in told if answer.status_code == 422])


_HEADERS = (
    (
        "Content-Type",
        ("application/json", "text/xml", "text/html", "", "a", "application/x+json;a"),
    ),
    ("Content-Encoding", ("gzip", "identity", "br", "GZIP", "")),
    ("Accept", ("*/*", "text/html", "application/json;q=0", ",", "a" * 300)),
    ("Idempotency-Key", ("", " ", "k" * 256, "ключ", "a b", "k1", "k2")),
    ("Authorization", ("", "Bearer", "Bearer x", "Basic eA==", "Bearer a, Bearer b")),
    ("X-Correlation-Id", ("", "x", "a" * 300, "00000000-0000-0000-0000-000000000000")),
    ("webhook-id", ("", "x" * 300, "é")),
    ("webhook-timestamp", ("", "0", "-1", "9" * 40, "1e9", "١٢")),
    ("webhook-signature", ("", "v1,", "v2,AAAA", "v1,ÿ", "v1," + "A" * 4000)),
    ("webhook-connection", ("shop-a", "", "nobody")),
)


def _headers(chance: Random, usual: dict[str, str]) -> list[str]:
    found = dict(usual)
    while chance.random() < 0.15:
        name, values = chance.choice(_HEADERS)
        found[name] = chance.choice(values)
    return [f"{name}: {value}" for name, value in found.items()]


def _text(first: str, headers: list[str], body: bytes) -> bytes:
    return "\n".join([first, *headers]).encode("latin-1", "replace") + b"\n\n" + body


def webhooks(web: Web) -> Door:
    """Signed deliveries of each partner."""
    found = [one for one in seeds.everything() if one.adapter in _CODES and len(one.raw) < 20_000]

    def door(chance: Random) -> tuple[str, bytes, Callable[[bytes], Fault | None]]:
        seed = chance.choice(found)
        code = _CODES[seed.adapter] if chance.random() < 0.98 else str(chance.choice(web.ids))
        kind = "text/xml" if seed.is_xml else "application/json"
        topic = chance.choice([seed.topic, seed.topic, seed.topic, "", "x" * 300, "a/b"])
        query = "" if chance.random() < 0.9 else f"?{quote(str(chance.choice(mutate.TEXTS)))}=1"
        lines = _headers(chance, {"Content-Type": kind, "X-Method": topic})
        raw = _text(f"POST /in/{quote(code)}{query}", lines, spoilt(chance, seed))
        return "request", raw, web.judge

    return door


def open_api(web: Web) -> Door:
    """Every route that the description names, with parameters and bodies of all kinds."""
    routes = [
        (method.upper(), path, operation)
        for path, operations in _DESCRIPTION["paths"].items()
        for method, operation in operations.items()
        if path != "/in/{connection}"
    ]

    def door(chance: Random) -> tuple[str, bytes, Callable[[bytes], Fault | None]]:
        method, path, operation = chance.choice(routes)
        if chance.random() < 0.02:
            method = chance.choice(["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "GET", "POST"])
        path = re.sub(r"{\w+}", lambda _: quote(chance.choice(web.ids), safe=""), path)
        body = _body(chance, operation) if method in ("POST", "PUT", "PATCH") else b""
        usual = {"Content-Type": "application/json"} if body else {}
        if method == "POST" and chance.random() < 0.5:
            usual["Idempotency-Key"] = uuid4().hex
        first = f"{method} {path}{_query(chance, web, operation)}"
        return "request", _text(first, _headers(chance, usual), body), web.judge

    return door


def _query(chance: Random, web: Web, operation: dict[str, Any]) -> str:
    names = [one["name"] for one in operation.get("parameters", ()) if one.get("in") == "query"]
    names += ["nothing"] if chance.random() < 0.05 else []
    found = []
    for name in names:
        while chance.random() < 0.3:
            values = [
                *mutate.TEXTS[:60],
                *web.ids,
                "10",
                "0",
                "200",
                "2026-11-24T10:00:00Z",
                "shop-a",
            ]
            value = str(chance.choice(values)).encode("utf-8", "replace")
            found.append(f"{name}={quote(value)}")
    return "?" + "&".join(found) if found else ""


def _body(chance: Random, operation: dict[str, Any]) -> bytes:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    tree = example(chance, schema)
    if chance.random() < 0.3:
        tree = json.loads(chance.choice(seeds.generic()).raw)
    seed = Seed("", "", json.dumps(tree).encode(), frozenset())
    return seed.raw if chance.random() < 0.2 else mutate.json_message(chance, seed.raw)


def example(chance: Random, schema: dict[str, Any], depth: int = 0) -> Any:  # noqa: C901  # a table
    """Something of the shape that a schema describes."""
    while "$ref" in schema:
        schema = _DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "const" in schema:
        return schema["const"]
    for choice in ("enum", "examples"):
        if choice in schema:
            return chance.choice(schema[choice])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return example(chance, chance.choice(schema[choice]), depth)
    match schema.get("type"):
        case "object":
            wanted = set(schema.get("required", ()))
            return {
                name: example(chance, part, depth + 1)
                for name, part in schema.get("properties", {}).items()
                if name in wanted or (depth < 4 and chance.random() < 0.4)
            }
        case "array":
            return [
                example(chance, schema.get("items", {}), depth + 1) for _ in range(1 + depth % 2)
            ]
        case "integer" | "number":
            return chance.choice([1, 2, 5])
        case "boolean":
            return chance.random() < 0.5
        case "null":
            return None
        case _:
            at = "2026-11-24T10:00:00Z"
            return (
                at
                if schema.get("format") == "date-time"
                else chance.choice(["A", "1", "shop-a", "wh-a", "EUR"])
            )


@contextmanager
def opened(url: str, home: Path) -> Iterator[dict[str, Door]]:
    """Both doors of an app on a database."""
    web = Web(url, home)
    try:
        yield {"webhooks": webhooks(web), "open_api": open_api(web)}
    finally:
        web.close()
