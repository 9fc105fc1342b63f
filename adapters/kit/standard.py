"""JSON under Standard Webhooks signatures, both ways: what every generic partner speaks.

Source: Standard Webhooks specification 1.0. The outward key goes as `Idempotency-Key`, its digest
as `webhook-id`, so a receiver that drops repeats by either does each thing once.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.http import Http, Transport
from adapters.kit.settings import RotatingSecret, revealed
from adapters.kit.signature import check_standard, digest, sign_standard
from adapters.ports import Call, Delivery
from hub.model.errors import AlreadyDone, Rejected
from mappings.generic import document_key, document_type, reference

_FATES = {409: AlreadyDone}


class Settings(BaseModel):
    """Settings and secrets of a partner without a protocol of its own."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(None, description="where documents are posted; absent: nothing is")
    webhook_secret: RotatingSecret = Field(
        description="signs both ways (whsec_ and base64, or any text); one a line, newest first"
    )


class StandardHooks:
    """The signed line to one partner, and from it."""

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock
        self._secrets = revealed(settings.webhook_secret)
        url = settings.url
        self._http = Http(url, transport=transport, secrets=self._secrets) if url else None

    @property
    def posts(self) -> bool:
        """Whether the partner has an address to be told at."""
        return self._http is not None

    def reach(self) -> None:
        """Call the partner, where it has an address. That it refuses a GET shows it is there."""
        if self._http is None:
            return
        try:
            self._http.call("GET", read="none")
        except Rejected as refused:
            if refused.code != Rejected.code:
                raise

    def delivery(self, call: Call, now: datetime, keys: Mapping[str, str]) -> Delivery:
        """By the signature over id, time and raw body, within five minutes of now.

        `keys`: document type -> the field that names what must be worked in order.
        """
        number = check_standard(self._secrets, call.headers, call.body, now)
        topic = document_type(call.body) or ""
        field = keys.get(topic)
        return Delivery(topic, number, document_key(call.body, (field,)) if field else None)

    def post(self, tree: Any, key: str) -> str:
        """Post a document under its key. Returns the partner's reference of it, else ours."""
        if self._http is None:
            raise Rejected("no url is set to post to")
        raw = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
        number = digest(key.encode())
        answer = self._http.call(
            "POST",
            body=raw,
            key=key,
            headers=sign_standard(self._secrets[0], number, self._clock(), raw),
            content_type="application/json",
            fates=_FATES,
            read="bytes",
        )
        return reference(answer or b"") or number  # a 204 has no body
