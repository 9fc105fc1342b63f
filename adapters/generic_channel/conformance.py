"""The generic channel's blanks of the conformance suite."""

from datetime import datetime, timedelta

from adapters.kit.conformance import Conformance, Sample
from adapters.kit.signature import sign_standard
from adapters.ports import Call


def sign(sample: Sample, secret: str, at: datetime) -> Call:
    """A Standard Webhooks delivery."""
    return Call("POST", "", sign_standard(secret, "msg-1", at, sample.raw), sample.raw)


CONFORMS = Conformance(
    name="generic_channel",
    secrets={"webhook_secret": "whsec_bmV3LWNvbmZvcm1hbmNlLXNlY3JldA==\nold-conformance-secret"},
    url_setting="url",
    sign=sign,
    tolerance=timedelta(minutes=5),
    reads_answers=False,
)
