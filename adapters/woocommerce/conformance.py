"""WooCommerce's blanks of the conformance suite."""

from datetime import datetime

from adapters.kit.conformance import Conformance, Contract, Sample
from adapters.kit.samples import sample
from adapters.kit.signature import base64_hmac
from adapters.ports import Call


def sign(message: Sample, secret: str, _: datetime) -> Call:
    """As a site posts it. Nothing that is signed tells its age."""
    headers = {
        "x-wc-webhook-topic": message.topic,
        "x-wc-webhook-delivery-id": "2fa0e0b1c6a5d3d4c1f1a8b0b6a2c9d7",
        "x-wc-webhook-signature": base64_hmac(secret, message.raw),
    }
    return Call("POST", "", headers, message.raw)


CONFORMS = Conformance(
    name="woocommerce",
    settings={"currency": "EUR"},
    secrets={
        "webhook_secret": "new-hush\nold-hush",
        "consumer_key": "ck_conformance",
        "consumer_secret": "cs_conformance",
    },
    url_setting="url",
    sign=sign,
    more={"order_cancellation whole": sample("order_cancellation", whole=True)},
    contract=Contract("wordpress", "woocommerce/wc_v3_item_schemas.json.gz", under="/wp-json"),
)
