"""What Adyen's standard webhooks say of themselves. Source: Adyen docs, "Webhook structure",
"Verify HMAC signatures", "Automatically download reports"; its contract Webhooks-v1.
"""

from typing import NamedTuple

from hub.model.document import OptId, OptText
from hub.model.errors import BadData
from mappings.kit import Context, wire
from mappings.kit.fields import Many, Part

REPORT = "REPORT_AVAILABLE"


class _Amount(Part):
    value: OptId = None
    currency: OptId = None


class _More(Part):
    hmacSignature: OptText = None  # noqa: N815  # theirs


class _Item(Part):
    eventCode: OptId = None  # noqa: N815
    pspReference: OptId = None  # noqa: N815
    originalReference: OptId = None  # noqa: N815
    merchantAccountCode: OptId = None  # noqa: N815
    merchantReference: OptText = None  # noqa: N815
    success: OptId = None
    reason: OptText = None
    amount: _Amount = _Amount()
    additionalData: _More = _More()  # noqa: N815


class _Wrapped(Part):
    NotificationRequestItem: _Item = _Item()


class _Webhook(Part):
    notificationItems: Many[_Wrapped] = ()  # noqa: N815


class Notification(NamedTuple):
    """`signed`: the text that `signature` is of. `where`: what it says of where to fetch a report,
    which is not signed.
    """

    event: str
    account: str
    is_success: bool
    where: str
    signed: str
    signature: str


def notifications(raw: bytes) -> list[Notification]:
    """What a webhook holds; nothing where it is none."""
    try:
        told = wire(_Webhook, raw, Context("webhook"))
    except BadData:
        return []
    return [_notification(each.NotificationRequestItem) for each in told.notificationItems]


def _notification(it: _Item) -> Notification:
    signed = (
        *(it.pspReference, it.originalReference, it.merchantAccountCode, it.merchantReference),
        *(it.amount.value, it.amount.currency, it.eventCode, it.success),
    )
    return Notification(
        it.eventCode or "",
        it.merchantAccountCode or "",
        (it.success or "").casefold() == "true",
        it.reason or "",
        ":".join(part or "" for part in signed),
        it.additionalData.hmacSignature or "",
    )
