"""A connection to a WooCommerce site, and what such a site signs."""

from typing import Any

from adapters.kit.http import Transport
from adapters.kit.signature import base64_hmac
from adapters.ports import Call, Parts
from adapters.woocommerce import ADAPTER, Settings
from mappings.kit import Context
from tests.mappings.partners import READ_AT as NOW

SECRETS = {"webhook_secret": "hush", "consumer_key": "ck_test", "consumer_secret": "cs_test"}


def connected(url: str = "http://127.0.0.1:9", **settings: Any) -> Parts:
    """The parts of a connection."""
    read = Settings.model_validate({"url": url, **SECRETS, **settings})
    return ADAPTER.connect(read, Context("shop-fi", "acme"), Transport.local(5), lambda: NOW)


def delivery(raw: bytes, **headers: str) -> Call:
    """A webhook of the site."""
    signed = base64_hmac(SECRETS["webhook_secret"], raw)
    named = {"x-wc-webhook-signature": signed, "x-wc-webhook-topic": "order.updated", **headers}
    return Call("POST", "", named, raw)
