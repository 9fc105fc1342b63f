"""JSON under Standard Webhooks signatures, both ways: what every generic partner speaks.

Source: Standard Webhooks specification 1.0. The outward key goes as `Idempotency-Key`, its digest
as `webhook-id`, so a receiver that drops repeats by either does each thing once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.http import Http, Transport
from adapters.kit.settings import RotatingSecret, revealed
from adapters.kit.signature import check_standard, digest, is_request_content, sign_standard
from adapters.ports import Call, Clock, Delivery, Parts, Receipt
from hub.model.document import Document
from hub.model.errors import AlreadyDone, NotAuthentic, Rejected
from mappings.generic import (
    check_type,
    decoders,
    document_key,
    document_type,
    encoders,
    reference,
)
from mappings.kit import Context, decode, encode


class Settings(BaseModel):
    """Settings and secrets of a partner without a protocol of its own."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(None, description="where documents are posted; absent: nothing is")
    webhook_secret: RotatingSecret = Field(
        description="signs both ways (whsec_ and base64, or any text); one a line, newest first"
    )


@dataclass(frozen=True, slots=True)
class Speech:
    """What such a partner and the hub tell each other. `keys`: document -> the field that names
    what must be worked in order. `untold`: the reference of what has no address to be posted to.
    """

    gives: tuple[str, ...]
    takes: tuple[str, ...]
    keys: Mapping[str, str]
    untold: str

    def connect(self, settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
        """The signed line to one partner, and from it. It cannot be asked: the same key again is
        the same delivery.
        """
        secrets = revealed(settings.webhook_secret)
        url, read, write = settings.url, decoders(self.gives), encoders(self.takes)
        http = Http(url, transport=transport, secrets=secrets) if url else None

        def verify(call: Call, now: datetime) -> Delivery:
            """By the signature over id, time and raw body, within five minutes of now."""
            number = check_standard(secrets, call.headers, call.body, now)
            if is_request_content(call.body):
                raise NotAuthentic
            topic = document_type(call.body) or ""
            field = self.keys.get(topic)
            return Delivery(topic, number, document_key(call.body, (field,)) if field else None)

        def read_one(topic: str, raw: bytes) -> list[Document]:
            check_type(topic, raw, self.gives)
            return decode(read, topic, raw, at)

        def send(document: Document, key: str) -> Receipt:
            tree = encode(write, document, at)
            return Receipt(_post(http, secrets[0], clock(), tree, key) if http else self.untold)

        return Parts(check=lambda: _reach(http), verify=verify, decode=read_one, send=send)


def _reach(http: Http | None) -> None:
    """Call the partner, where it has an address. That it refuses a GET shows it is there."""
    if http is None:
        return
    try:
        http.call("GET", read="none")
    except Rejected as refused:
        if refused.code != Rejected.code:
            raise


def _post(http: Http, secret: str, at: datetime, tree: Any, key: str) -> str:
    """Post a document under its key. Returns the partner's reference of it, else ours."""
    raw = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
    number = digest(key.encode())
    answer = http.call(
        "POST",
        body=raw,
        key=key,
        headers=sign_standard(secret, number, at, raw),
        content_type="application/json",
        fates={409: AlreadyDone},
        read="bytes",
    )
    return reference(answer or b"") or number  # a 204 has no body
