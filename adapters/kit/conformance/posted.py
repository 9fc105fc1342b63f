"""The blanks of the suite for partners whose reports are posted as files."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.kit.conformance.stage import Conformance, Sample
from adapters.kit.signature import sign_standard
from adapters.ports import Call


def sign(sample: Sample, secret: str, at: datetime) -> Call:
    """As whoever fetched the file posts it."""
    return Call("POST", "", sign_standard(secret, "report-1", at, sample.raw), sample.raw)


def posted(name: str, settings: Mapping[str, Any] | None = None) -> Conformance:
    """Files signed after Standard Webhooks, and nothing called."""
    return Conformance(
        name=name,
        settings=settings or {},
        secrets={"webhook_secret": "whsec_bmV3LXJlcG9ydHMtc2VjcmV0\nold-reports-secret"},
        url_setting="",
        sign=sign,
        tolerance=timedelta(minutes=5),
        reads_answers=False,
    )
