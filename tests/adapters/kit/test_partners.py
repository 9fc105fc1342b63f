"""The adapters of connections: made once; what comes in needs no secret that only calls need."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.kit import partners
from adapters.kit.partners import Adapters
from adapters.ports import Call, documents_of
from hub.model.errors import BadData, NotAuthentic, TryLater

AT = datetime(2026, 5, 4, tzinfo=UTC)


@dataclass
class Shop:
    """A Shopify connection as the directory holds it."""

    code: str = "shop"
    merchant: str = "acme"
    adapter: str = "shopify"
    version: int = 1
    settings: Mapping[str, Any] = field(default_factory=lambda: {"shop": "acme"})
    secrets: Mapping[str, Any] = field(
        default_factory=lambda: {"webhook_secret": "env:HOOK", "access_token": "env:TOKEN"}
    )
    limits: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def environment(**known: str) -> Adapters:
    """Adapters of a process with these variables."""

    def reveal(references: Mapping[str, str], _owner: tuple[str, str]) -> dict[str, str]:
        found = {}
        for name, reference in references.items():
            variable = reference.removeprefix("env:")
            if variable not in known:
                message = f"the environment variable {variable} is not set"
                raise BadData(message, path=f"secrets.{name}", code="missing_secret")
            found[name] = known[variable]
        return found

    return Adapters(reveal)


def delivered(secret: bytes, topic: str, body: bytes) -> Call:
    signature = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
    headers = {
        "x-shopify-hmac-sha256": signature,
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": "acme.myshopify.com",
        "x-shopify-webhook-id": "w-1",
    }
    return Call("POST", "", headers, body)


def test_a_delivery_is_proved_and_read_where_only_the_webhook_secret_is() -> None:
    adapter = environment(HOOK="s").inward(Shop(), {}, 1)
    body = json.dumps({"id": 7, "title": "Cup", "variants": [{"id": 8, "sku": "CUP"}]}).encode()
    proved = adapter.verify(delivered(b"s", "products/update", body), AT)
    assert (proved.topic, proved.id) == ("products/update", "w-1")
    assert [one.type for one in adapter.decode("products/update", body)] == ["product"]
    with pytest.raises(NotAuthentic):
        adapter.verify(delivered(b"another", "products/update", body), AT)


def test_what_would_need_a_call_comes_again_and_names_the_variable() -> None:
    adapter = environment(HOOK="s").inward(Shop(), {}, 1)
    edited = b'{"order_edit": {"order_id": 7}}'
    with pytest.raises(TryLater, match="the environment variable TOKEN is not set"):
        documents_of(adapter, "orders/edited", edited)


def test_for_telling_it_is_not_usable() -> None:
    with pytest.raises(BadData) as refused:
        environment(HOOK="s").of(Shop(), {}, 1)
    assert (refused.value.path, refused.value.code) == ("secrets.access_token", "missing_secret")


def test_without_the_secret_that_proves_it_nothing_is_taken_in() -> None:
    with pytest.raises(BadData) as refused:
        environment(TOKEN="t").inward(Shop(), {}, 1)
    assert refused.value.path == "secrets.webhook_secret"


def test_where_all_is_there_one_adapter_serves_both_ways() -> None:
    adapters = environment(HOOK="s", TOKEN="t")
    assert adapters.inward(Shop(), {}, 1) is adapters.of(Shop(), {}, 1)


def test_what_is_missing_is_looked_for_again_but_not_for_every_delivery(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known: dict[str, str] = {"HOOK": "s"}
    asked: list[str] = []

    def reveal(references: Mapping[str, str], _owner: tuple[str, str]) -> dict[str, str]:
        (name,) = references
        asked.append(name)
        variable = references[name].removeprefix("env:")
        if variable not in known:
            raise BadData("it is not set", path=f"secrets.{name}", code="missing_secret")
        return {name: known[variable]}

    adapters = Adapters(reveal)
    for _ in range(50):
        with pytest.raises(BadData):
            adapters.of(Shop(), {}, 1)
    assert asked.count("access_token") == 1
    monkeypatch.setattr(partners, "_AGAIN_S", 0.0)
    adapters = Adapters(reveal)
    with pytest.raises(BadData):
        adapters.of(Shop(), {}, 1)
    known["TOKEN"] = "t"
    assert adapters.of(Shop(), {}, 1) is adapters.inward(Shop(), {}, 1)
