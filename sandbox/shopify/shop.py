"""The shop itself: who may call it, where a call goes, and the webhooks it sends.

    with Shop(token="t", secret="s") as shop:
        shop.place(body)                                    # it knows the order from here on
        shop.send(f"{hub}/in/shop-eu", "orders/create", body)

Signatures as the API documents them: base64(HMAC-SHA256(secret, raw body)).
"""

import base64
import hashlib
import hmac
import json
import random
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox import outgoing
from sandbox.http import Answer, Request, json_answer
from sandbox.misbehaviour import Act, Call, Rule
from sandbox.partner import Partner
from sandbox.shopify import graphql, rest, returns
from sandbox.shopify.document import SyntaxFault, parse
from sandbox.shopify.store import Item, Store
from sandbox.shopify.world import World

ADMIN = re.compile(r"/admin/api/(20\d\d-(?:01|04|07|10)|unstable)/(.+)$")
WRONG_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105 - an error text
LOCATIONS = {72_000_000_001: "Shop location"}


def throttled(_rule: Rule, _call: Call) -> Answer:
    """GraphQL's own 429: HTTP 200 and an error code."""
    return json_answer(graphql.throttled())


class Shop(Partner):
    """`domain` is the shop's name in webhooks, `token` what callers must show, `secret` signs."""

    name = "shop"

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = "sandbox-token",  # noqa: S107 - opens nothing but this sandbox
        secret: str = "sandbox-secret",  # noqa: S107 - signs nothing but sandbox webhooks
        domain: str = "demo-shop.myshopify.com",
        currency: str = "EUR",
        locations: Mapping[int, str] = LOCATIONS,
        record_path: Path | None = None,
    ) -> None:
        super().__init__(host, port, record_path)
        self.token, self.secret, self.domain = token, secret, domain
        self._locations, self._currency = locations, currency
        self.forget()

    def acts(self) -> Mapping[str, Act]:
        return {"throttled": throttled}

    def forget(self) -> None:
        self._world = World(Store(self._locations), self._record.add, self.domain, self._currency)

    # --- what it knows

    def place(self, body: Mapping[str, Any], *, locations: Mapping[int, int] | None = None) -> None:
        """Takes in an order (REST shape, with or without envelope), or a newer body of it."""
        self._world.store.place(body.get("order", body), locations)

    def order(self, number: int) -> dict[str, Any]:
        """The order as REST shows it now; KeyError where it is not known."""
        with self._world.store.lock:
            return rest.order_view(self._world.store.orders[number])

    def item(self, sku: str) -> Item:
        """The inventory item of a SKU (made known where it is not yet), with its levels."""
        known = self._world.store.skus.get(sku)
        return known or self._world.store.add_item(sku, sku)

    def ask_return(
        self, order: int, lines: Mapping[int, int], why: str = "unwanted", note: str = ""
    ) -> dict[str, Any]:
        """A customer asks to send back pieces by order line. Returns the webhook's body."""
        return returns.webhook(returns.ask(self._world, order, lines, why, note))

    def sent_piece(self) -> tuple[int, int, str | None] | None:
        """An order, a line of it and its SKU of which a piece was sent and none is on its way
        back.
        """
        with self._world.store.lock:
            sent = (
                (order.id, line.line_item_id, line.sku)
                for order in self._world.store.orders.values()
                if not order.returns
                for made in order.fulfilments
                if made.status == "success"
                for line, pieces in made.lines
                if pieces
            )
            return next(sent, None)

    def returned(self, number: int) -> dict[str, Any]:
        """A return as GraphQL shows it now."""
        return returns.node(self._world.store.returns[number])

    # --- what it is asked

    def kind(self, request: Request) -> str:
        match = ADMIN.match(request.path)
        if match is None:
            return "unknown"
        if match[2] != "graphql.json":
            return rest.route(request, match[2])
        try:
            operations = parse(request.json["query"])
        except (SyntaxFault, ValueError, TypeError, KeyError):
            return "unknown"
        fields = [field.name for it in operations.values() for field in it.fields]
        return "+".join(dict.fromkeys(fields))

    def respond(self, request: Request) -> Answer:
        match = ADMIN.match(request.path)
        if match is None:
            return json_answer({"errors": "Not Found"}, 404)
        shown = request.headers.get("x-shopify-access-token", "")
        if not hmac.compare_digest(shown.encode(), self.token.encode()):
            return json_answer({"errors": WRONG_TOKEN}, 401)
        if match[2] == "graphql.json":
            version = "9999-99" if match[1] == "unstable" else match[1]
            return self._graphql(request, version)
        if request.method == "POST" and request.body and not is_json(request):
            return json_answer({"errors": "Unsupported Media Type"}, 415)
        return rest.answer(self._world, request, match[2])

    def _graphql(self, request: Request, version: str) -> Answer:
        if request.method != "POST":
            return json_answer({"errors": "Method Not Allowed"}, 405)
        if not is_json(request):
            return json_answer({"errors": "Unsupported Media Type"}, 415)
        try:
            body = request.json
            text, variables = body["query"], body.get("variables") or {}
            name = body.get("operationName") or ""
        except (ValueError, TypeError, KeyError, AttributeError):
            return json_answer({"errors": "Bad Request"}, 400)
        return json_answer(graphql.run(self._world, version, text, variables, name))

    # --- what it tells

    def webhook(
        self,
        topic: str,
        body: Mapping[str, Any] | bytes,
        *,
        webhook_id: str | None = None,
        event_id: str | None = None,
        triggered_at: datetime | None = None,
        secret: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[dict[str, str], bytes]:
        """One signed delivery: its headers and its bytes. `headers` are set last, over the rest."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        key = (self.secret if secret is None else secret).encode()
        digest = hmac.new(key, raw, hashlib.sha256).digest()
        at = (triggered_at or datetime.now(UTC)).astimezone(UTC)
        return {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": self.domain,
            "X-Shopify-API-Version": "2026-07",
            "X-Shopify-Hmac-SHA256": base64.b64encode(digest).decode(),
            "X-Shopify-Webhook-Id": webhook_id or str(uuid.uuid4()),
            "X-Shopify-Event-Id": event_id or str(uuid.uuid4()),
            "X-Shopify-Triggered-At": at.isoformat(timespec="microseconds")[:-6] + "000Z",
            **(headers or {}),
        }, raw

    def send(
        self,
        hub_url: str,
        topic: str,
        body: Mapping[str, Any] | bytes,
        *,
        tries: int = 1,
        **how: Any,
    ) -> int:
        """Posts one delivery, up to `tries` times until a 2xx; the last status (0: no answer).

        `how` goes to webhook(). Every attempt carries the same headers and bytes.
        """
        headers, raw = self.webhook(topic, body, **how)
        status = 0
        for attempt in range(tries):
            time.sleep(min(2.0, 0.05 * 2**attempt) if attempt else 0)
            status = outgoing.post(hub_url, raw, headers, timeout=5.0).status
            if 200 <= status < 300:
                break
        key = str(body.get("id", "")) if isinstance(body, Mapping) else ""
        webhook_id = headers["X-Shopify-Webhook-Id"]
        self._sent.add(topic, key, {"webhook_id": webhook_id, "status": status})
        return status

    def deliver(
        self,
        hub_url: str,
        deliveries: Iterable[tuple[str, Mapping[str, Any]]],
        *,
        times: int = 3,
        shuffled: bool = True,
        seed: int = 0,
        threads: int = 4,
        tries: int = 8,
    ) -> list[int]:
        """Posts every (topic, body) `times` times, each repeat under its first webhook id.

        Answers the statuses in the order of posting. The same seed, the same order.
        """
        made = [
            (topic, body, {"webhook_id": str(uuid.uuid4()), "event_id": str(uuid.uuid4())})
            for topic, body in deliveries
        ] * times
        if shuffled:
            random.Random(seed).shuffle(made)  # noqa: S311 - repeatable on purpose

        def post(one: tuple[str, Mapping[str, Any], dict[str, str]]) -> int:
            topic, body, ids = one
            return self.send(hub_url, topic, body, tries=tries, **ids)

        return outgoing.each(post, made, threads)

    def control(self, request: Request) -> Answer:
        """POST /_sandbox/place {"orders": [..]} and /_sandbox/send {"hub_url", "topic", "body"}."""
        try:
            asked = request.json if request.body else {}
            match request.path.removeprefix("/_sandbox/"):
                case "place":
                    for body in asked["orders"]:
                        self.place(body)
                    return json_answer({"placed": len(asked["orders"])})
                case "send":
                    status = self.send(asked.pop("hub_url"), asked.pop("topic"), **asked)
                    return json_answer({"status": status})
                case _:
                    return super().control(request)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return json_answer({"error": repr(error)}, 422)


def is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
