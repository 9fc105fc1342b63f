"""Vendure's blanks of the conformance suite."""

from datetime import datetime

from adapters.kit.conformance import Conformance, Contract, Sample
from adapters.kit.samples import sample
from adapters.kit.signature import TOLERANCE, sign_standard
from adapters.kit.testing.scripted_partner import Asked
from adapters.ports import Call


def sign(message: Sample, secret: str, at: datetime) -> Call:
    """As the plug-in posts it."""
    return Call("POST", "", sign_standard(secret, "msg_1", at, message.raw), message.raw)


def is_write(asked: Asked) -> bool:
    """Everything is posted; a mutation changes something."""
    return b'"query":"mutation' in asked.body


CONFORMS = Conformance(
    name="vendure",
    secrets={"webhook_secret": "new-hush\nold-hush", "api_key": "key-conformance"},
    sign=sign,
    tolerance=TOLERANCE,
    more={"order_cancellation whole": sample("order_cancellation", whole=True)},
    is_write=is_write,
    contract=Contract("graphql", "vendure/schema-admin.introspection.json.gz"),
)
