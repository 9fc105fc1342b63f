"""The generic warehouse's blanks of the conformance suite."""

from datetime import datetime, timedelta

from adapters.kit.conformance import Conformance, Sample
from adapters.kit.signature import sign_standard
from adapters.ports import Call


def sign(sample: Sample, secret: str, at: datetime) -> Call:
    """A Standard Webhooks delivery."""
    return Call("POST", "", sign_standard(secret, "msg_1", at, sample.raw), sample.raw)


CONFORMS = Conformance(
    name="generic_warehouse",
    secrets={
        "webhook_secret": "whsec_bmV3LXNlY3JldC1uZXctc2VjcmV0LTEyMw==\na-secret-in-plain-text"
    },
    url_setting="url",
    sign=sign,
    tolerance=timedelta(minutes=5),
    reads_answers=False,
)
