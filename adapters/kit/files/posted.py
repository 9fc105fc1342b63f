"""Partners whose reports are posted as files, by whoever fetches them: signed after Standard
Webhooks, the file as it is for a body.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.http import Transport
from adapters.kit.settings import RotatingSecret, revealed
from adapters.kit.signature import check_standard, is_request_content
from adapters.ports import Adapter, Call, Clock, Delivery, Parts, Verify
from hub.model.errors import NotAuthentic
from mappings.kit import Context, Decoders, decode

TOPIC = "report"
S = TypeVar("S", bound="Posted")


class Posted(BaseModel):
    """Settings and secrets of a connection to which reports are posted."""

    model_config = ConfigDict(extra="forbid")

    webhook_secret: RotatingSecret = Field(
        description="signs what is posted (whsec_ and base64, or any text); one a line"
    )


def verifier(secrets: tuple[str, ...], topic: str = TOPIC) -> Verify:
    """By the signature over id, time and raw body, within five minutes of now."""

    def verify(call: Call, now: datetime) -> Delivery:
        number = check_standard(secrets, call.headers, call.body, now)
        if is_request_content(call.body):
            raise NotAuthentic
        return Delivery(topic, number)

    return verify


def reports(decoders: Decoders) -> Adapter:
    """An adapter of a partner who says nothing but reports, and is never called."""
    return described(Posted, lambda _: decoders)


def described(settings: type[S], decoders_of: Callable[[S], Decoders]) -> Adapter:
    """Likewise, where settings say how its reports are read."""
    return Adapter(settings, partial(_connect, decoders_of))


def _connect(
    decoders_of: Callable[[S], Decoders],
    settings: S,
    at: Context,
    _: Transport,
    __: Clock,
) -> Parts:
    """One account. There is nobody to call."""
    table = decoders_of(settings)
    return Parts(
        check=lambda: None,
        verify=verifier(revealed(settings.webhook_secret)),
        decode=partial(decode, table, at=at),
    )
