"""ShipHero's blanks of the conformance suite."""

from datetime import datetime

from adapters.kit.conformance import Conformance, Contract, Sample
from adapters.kit.signature import base64_hmac, digest
from adapters.kit.testing.scripted_partner import Asked
from adapters.ports import Call


def sign(message: Sample, secret: str, _: datetime) -> Call:
    """As ShipHero posts it: HMAC over the body, and an id beside it."""
    headers = {
        "x-shiphero-hmac-sha256": base64_hmac(secret, message.raw),
        "x-shiphero-message-id": f"msg_{digest(message.raw)[:20]}",
    }
    return Call("POST", "", headers, message.raw)


def is_write(asked: Asked) -> bool:
    """Everything is posted; a mutation changes something."""
    return b'"query":"mutation' in asked.body


CONFORMS = Conformance(
    name="shiphero",
    settings={"username": "hub@example.com", "warehouse_id": "3141"},
    secrets={
        "password": "hero-password",
        "webhook_secret": "new-hero-secret\nold-hero-secret",
    },
    sign=sign,
    is_write=is_write,
    contract=Contract("graphql", "shiphero/schema.graphql", beside=("/auth/*",)),
)
