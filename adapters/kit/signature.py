"""Signatures over raw bytes: checked in constant time against every current secret, before parsing.

Standard Webhooks: specification 1.0 ("Signature scheme"). TOP: Taobao Open Platform, "API call
method", as Qimen uses it.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from hub.model.errors import NotAuthentic

TOLERANCE = timedelta(seconds=300)
_MAX_HEADER = 4096
_REQUEST_LINE = re.compile(rb"[A-Z]{3,7} /")


def digest(raw: bytes) -> str:
    """What recognises a body where the partner gives a delivery no id of its own."""
    return hashlib.sha256(raw).hexdigest()


def hmac_sha256(secret: str, raw: bytes) -> bytes:
    """HMAC-SHA256 of a body."""
    return hmac.digest(secret.encode(), raw, "sha256")


def base64_hmac(secret: str, raw: bytes) -> str:
    """The signature as base64."""
    return base64.b64encode(hmac_sha256(secret, raw)).decode()


def hex_hmac(secret: str, raw: bytes) -> str:
    """The signature as lower-case hex."""
    return hmac_sha256(secret, raw).hex()


def check_hmac_sha256_base64(secrets: Iterable[str], raw: bytes, given: str | None) -> None:
    """NotAuthentic unless one of the secrets signed this body."""
    _check((base64_hmac(secret, raw) for secret in secrets), _single(given))


def check_hmac_sha256_hex(secrets: Iterable[str], raw: bytes, given: str | None) -> None:
    """NotAuthentic unless one of the secrets signed this body; hex of either case."""
    _check((hex_hmac(secret, raw) for secret in secrets), _single(given).lower())


def check_constant(expected: Iterable[str], given: str | None) -> None:
    """NotAuthentic unless the header is one of the expected values."""
    _check(expected, _single(given))


def single(headers: Mapping[str, str], name: str) -> str:
    """A security header that stands once. Repeated ones come joined by commas and are refused."""
    return _single(headers.get(name))


def _single(given: str | None) -> str:
    if not given:
        raise NotAuthentic("missing_signature")
    if "," in given or len(given) > _MAX_HEADER or not given.isascii():
        raise NotAuthentic
    return given


def _check(expected: Iterable[str], given: str) -> None:
    _match((one.encode() for one in expected), [given.encode()])


def _match(expected: Iterable[bytes], given: Sequence[bytes]) -> None:
    """Every pair is compared, so that the time tells nothing of which one matched."""
    matches = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(matches):
        raise NotAuthentic


# --- Standard Webhooks

_PARTS = ("id", "timestamp", "signature")


def standard_key(secret: str) -> bytes:
    """The key in a `whsec_` secret; other secrets are used as they are."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    text = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return secret.encode()


def sign_standard(secret: str, delivery: str, at: datetime, raw: bytes) -> dict[str, str]:
    """The three headers of a Standard Webhooks delivery."""
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": delivery,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_standard(secret, delivery, stamp, raw)}",
    }


def request_content(method: str, target: str, body: bytes) -> bytes:
    """What a signed call of the Open API signs in the place of a body: method, path with query, and
    body. Any library of Standard Webhooks signs it like a payload.
    """
    return f"{method} {target}\n".encode() + body


def is_request_content(raw: bytes) -> bool:
    """Whether a body is the signed content of a call: that is no delivery."""
    return _REQUEST_LINE.match(raw) is not None


def check_standard(
    secrets: Iterable[str],
    headers: Mapping[str, str],
    raw: bytes,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """The id of an authentic, fresh delivery. Every `v1` signature is tried, others ignored.

    Senders that were there before the standard name their headers `svix-…`; those are read where
    none is named `webhook-…`.
    """
    names = [f"webhook-{part}" for part in _PARTS]
    if not any(headers.get(name) for name in names):
        names = [f"svix-{part}" for part in _PARTS]
    delivery, stamp = (single(headers, name) for name in names[:2])
    given = _standard_signatures(headers.get(names[2]))
    if "." in delivery or not (stamp.isdigit() and len(stamp) <= 12):
        raise NotAuthentic
    if abs(now.timestamp() - int(stamp)) > tolerance.total_seconds():
        raise NotAuthentic("stale_signature")
    signed = (_standard(secret, delivery, stamp, raw).rstrip("=").encode() for secret in secrets)
    _match(signed, given)
    return delivery


def _standard(secret: str, delivery: str, stamp: str, raw: bytes) -> str:
    signed = f"{delivery}.{stamp}.".encode() + raw
    return base64.b64encode(hmac.digest(standard_key(secret), signed, "sha256")).decode()


def _standard_signatures(header: str | None) -> list[bytes]:
    """The `v1` signatures of a header, without the padding that some senders leave out. A repeated
    header has a comma too many and is refused whole.
    """
    if not header:
        raise NotAuthentic("missing_signature")
    parts = header.split(" ")
    odd = any(part.count(",") != 1 for part in parts)
    if odd or len(header) > _MAX_HEADER or not header.isascii():
        raise NotAuthentic
    return [part[3:].rstrip("=").encode() for part in parts if part.startswith("v1,")]


# --- TOP and Qimen

_TOP: dict[str, Callable[[bytes, bytes], bytes]] = {
    "md5": lambda secret, text: hashlib.md5(secret + text + secret, usedforsecurity=False).digest(),
    "hmac": lambda secret, text: hmac.digest(secret, text, "md5"),
    "hmac-sha256": lambda secret, text: hmac.digest(secret, text, "sha256"),
}
TOP_METHODS = tuple(_TOP)


def top_sign(secret: str, params: Mapping[str, str], body: bytes = b"", method: str = "md5") -> str:
    """Upper-case hex over all parameters that have a value, sorted by name, and the body."""
    signed = sorted(name for name, value in params.items() if name and value and name != "sign")
    text = "".join(f"{name}{params[name]}" for name in signed)
    return _TOP[method](secret.encode(), text.encode() + body).hex().upper()


def check_top_sign(
    secrets: Iterable[str], params: Mapping[str, str], body: bytes, method: str
) -> None:
    """NotAuthentic unless one of the secrets signed parameters and body; any case of hex."""
    given = _single(params.get("sign")).upper()
    if method not in _TOP:
        raise NotAuthentic
    _check((top_sign(secret, params, body, method) for secret in secrets), given)
