"""Stripe's blanks of the conformance suite."""

from datetime import datetime, timedelta

from adapters.kit.conformance import Conformance, Contract, Sample
from adapters.kit.conformance.posted import sign as posted
from adapters.kit.signature import hex_hmac
from adapters.ports import Call


def sign(sample: Sample, secret: str, at: datetime) -> Call:
    """Webhooks as Stripe signs them, reports as whoever fetched them."""
    if sample.topic == "report":
        return posted(sample, secret, at)
    stamp = str(int(at.timestamp()))
    signature = hex_hmac(secret, f"{stamp}.".encode() + sample.raw)
    return Call("POST", "", {"stripe-signature": f"t={stamp},v1={signature},v0=00"}, sample.raw)


CONFORMS = Conformance(
    name="stripe",
    secrets={
        "api_key": "rk_test_conformance",
        "webhook_secret": "whsec_bmV3LXN0cmlwZS1zZWNyZXQ=\nold-stripe-secret",
    },
    sign=sign,
    tolerance=timedelta(minutes=5),
    contract=Contract(
        "openapi",
        "stripe/stripe_api.trimmed.json.gz",
        beside=("?expand[]",),  # a list of the style that its description calls deepObject
    ),
)
