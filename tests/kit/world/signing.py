"""How partners of a test sign what they post and call: Standard Webhooks, and Qimen's way."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from adapters.kit.signature import request_content, sign_standard, top_sign
from adapters.qimen.door import stamp

SECRET = "whsec_" + "c2VjcmV0LW9mLXRoZS10b3du"
QIMEN_SECRET = "a-secret-of-qimen"


def signed(
    body: bytes, *, delivery: str | None = None, at: datetime | None = None, secret: str = SECRET
) -> dict[str, str]:
    """Standard Webhooks headers."""
    moment = at or datetime.now(UTC)
    headers = sign_standard(secret, delivery or uuid4().hex, moment, body)
    return {**headers, "Content-Type": "application/json"}


def signed_call(method: str, path: str, who: str, body: bytes = b"", **told: Any) -> dict[str, str]:
    """The headers of a call of the Open API that a connection signs."""
    content = request_content(method, f"/api/v1/{path}", body)
    return {**signed(content, **told), "webhook-connection": who}


def qimen_query(body: bytes, method: str = "taobao.qimen.deliveryorder.confirm") -> dict[str, str]:
    """The parameters of a Qimen call, signed."""
    params = {
        "method": method,
        "timestamp": stamp(datetime.now(UTC)),
        "format": "xml",
        "app_key": "key-1",
        "v": "2.0",
        "sign_method": "md5",
        "customerId": "c-1",
    }
    return {**params, "sign": top_sign(QIMEN_SECRET, params, body, "md5")}
