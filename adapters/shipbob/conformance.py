"""ShipBob's blanks of the conformance suite."""

from datetime import datetime, timedelta

from adapters.kit.conformance import Conformance, Contract, Sample
from adapters.kit.samples import sample
from adapters.kit.signature import digest, sign_standard
from adapters.ports import Call


def sign(message: Sample, secret: str, at: datetime) -> Call:
    """As ShipBob posts it: Standard Webhooks, with the topic beside."""
    headers = sign_standard(secret, f"msg_{digest(message.raw)[:20]}", at, message.raw)
    return Call("POST", "", {**headers, "x-webhook-topic": message.topic}, message.raw)


CONFORMS = Conformance(
    name="shipbob",
    settings={"version": "2026-01", "channel_id": 100, "location_id": 7},
    more={"return called off": sample("return", status="cancelled")},
    secrets={"token": "shipbob-token", "webhook_secret": "new-bob-secret\nold-bob-secret"},
    sign=sign,
    tolerance=timedelta(minutes=5),
    contract=Contract("openapi", "shipbob/shipbob-openapi_2026-01.json.gz"),
)
