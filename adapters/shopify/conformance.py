"""Shopify's blanks of the conformance suite."""

from datetime import datetime

from adapters.kit.conformance import Conformance, Contract, Sample
from adapters.kit.samples import sample
from adapters.kit.signature import base64_hmac
from adapters.kit.testing.scripted_partner import Asked
from adapters.ports import Call


def sign(message: Sample, secret: str, _: datetime) -> Call:
    """As Shopify posts it. Nothing that is signed tells its age."""
    headers = {
        "x-shopify-topic": message.topic,
        "x-shopify-shop-domain": "acme-eu.myshopify.com",
        "x-shopify-webhook-id": "8a95126f-859a-4db9-b8f1-350e299e9ea0",
        "x-shopify-hmac-sha256": base64_hmac(secret, message.raw),
    }
    return Call("POST", "", headers, message.raw)


def is_write(asked: Asked) -> bool:
    """Everything is posted; a mutation changes something."""
    return b'"query":"mutation' in asked.body


BACK = {"channel_line_id": "61", "sku": "CUP", "quantity": "1", "reason": "size_too_small"}
CONFORMS = Conformance(
    name="shopify",
    settings={"shop": "acme-eu", "location_id": "72"},
    secrets={"webhook_secret": "new-hush\nold-hush", "access_token": "shpat-conformance"},
    sign=sign,
    more={
        "order_cancellation whole": sample("order_cancellation", whole=True),
        "return": sample("return", channel_return_id="8001"),
        "return declined": sample("return", channel_return_id="8001", status="rejected"),
        "return begun here": sample("return", lines=[BACK]),
        "return closed": sample("return", channel_return_id="8001", status="closed"),
    },
    is_write=is_write,
    contract=Contract("graphql", "shopify/admin_2026-07.introspection.json.gz"),
)
