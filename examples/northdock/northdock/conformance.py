"""The blanks of the conformance suite for NorthDock."""

from datetime import datetime

from adapters.kit.conformance import Conformance, Sample
from adapters.kit.signature import hex_hmac
from adapters.ports import Call


def sign(sample: Sample, secret: str, _: datetime) -> Call:
    """As NorthDock posts it; it signs no time."""
    headers = {"x-topic": sample.topic, "x-signature": hex_hmac(secret, sample.raw)}
    return Call("POST", "", headers, sample.raw)


CONFORMS = Conformance(
    name="northdock",
    secrets={"token": "northdock-token", "webhook_secret": "new-dock-secret\nold-dock-secret"},
    sign=sign,
)
