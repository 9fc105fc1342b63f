"""The blanks of the conformance suite for NorthShop."""

from datetime import datetime

from adapters.kit.conformance import Conformance, Sample
from adapters.kit.signature import hex_hmac
from adapters.ports import Call


def sign(sample: Sample, secret: str, _: datetime) -> Call:
    """As NorthShop posts it; it signs no time."""
    return Call("POST", "", {"x-signature": hex_hmac(secret, sample.raw)}, sample.raw)


CONFORMS = Conformance(
    name="northshop",
    secrets={"token": "northshop-token", "webhook_secret": "new-shop-secret\nold-shop-secret"},
    sign=sign,
    reads_answers=False,
)
