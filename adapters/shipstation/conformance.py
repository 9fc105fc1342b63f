"""ShipStation's blanks of the conformance suite."""

from datetime import datetime
from urllib.parse import urlencode

from adapters.kit.conformance import Conformance, Contract, Sample
from adapters.ports import Call


def sign(message: Sample, secret: str, _: datetime) -> Call:
    """As ShipStation posts it: the secret is in the address."""
    return Call("POST", urlencode({"secret": secret}), {}, message.raw)


CONFORMS = Conformance(
    name="shipstation",
    settings={"store_id": 12, "partner_key": "partner"},
    secrets={
        "api_key": "ship-key",
        "api_secret": "ship-secret",
        "webhook_secret": "new-ship-hush\nold-ship-hush",
    },
    sign=sign,
    signs_bodies=False,
    contract=Contract("openapi", "shipstation/shipstation-v1.json"),
)
