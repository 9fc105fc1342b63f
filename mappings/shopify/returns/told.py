"""A return as the shop is told of it: which steps bring the shop's own to where ours is.

Source: Admin GraphQL reference, `returnCreate`, `returnApproveRequest`, `returnDeclineRequest`,
`returnCancel`, `returnClose`. A return has no field for our number: it stands at the end of the
notes of its lines, by which one that was made here is found again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.model.errors import Rejected
from hub.model.returns import Return, ReturnLine
from mappings.kit import Context
from mappings.kit.marks import mark, marked
from mappings.shopify.values import identity

Tree = Mapping[str, Any]
_LONGEST_NOTE = 120
REASONS = frozenset(
    {
        "COLOR",
        "DEFECTIVE",
        "NOT_AS_DESCRIBED",
        "OTHER",
        "SIZE_TOO_LARGE",
        "SIZE_TOO_SMALL",
        "STYLE",
        "UNKNOWN",
        "UNWANTED",
        "WRONG_ITEM",
    }
)
DECLINED_FOR = frozenset({"FINAL_SALE", "RETURN_PERIOD_ENDED"})

THERE: Mapping[str, str] = {
    "requested": "REQUESTED",
    "rejected": "DECLINED",
    "cancelled": "CANCELED",
    "closed": "CLOSED",
}
"""Where ours is -> where the shop's shall be. In between it is OPEN: the shop is not told of each
step that the goods take.
"""

STEPS: Mapping[tuple[str | None, str], tuple[str, ...]] = {
    (None, "OPEN"): ("create",),
    (None, "CLOSED"): ("create", "close"),
    ("REQUESTED", "OPEN"): ("approve",),
    ("REQUESTED", "DECLINED"): ("decline",),
    ("REQUESTED", "CANCELED"): ("decline",),
    ("REQUESTED", "CLOSED"): ("approve", "close"),
    ("OPEN", "DECLINED"): ("cancel",),
    ("OPEN", "CANCELED"): ("cancel",),
    ("OPEN", "CLOSED"): ("close",),
}
"""(Where the shop's is, where it shall be) -> what is to be done."""

DONE: frozenset[tuple[str | None, str]] = frozenset(
    {
        ("DECLINED", "CANCELED"),
        ("CANCELED", "DECLINED"),
        ("CLOSED", "OPEN"),
        ("OPEN", "REQUESTED"),
        ("CLOSED", "REQUESTED"),
    }
)
"""As good as told."""
NOTHING_TO_END: frozenset[str] = frozenset({"DECLINED", "CANCELED", "REQUESTED"})
"""What a shop that has no such return needs not be told."""


def wanted(document: Return) -> str:
    """Where the shop's return shall be."""
    return THERE.get(document.status, "OPEN")


def steps(document: Return, there: str | None) -> tuple[str, ...]:
    """What is left to be done; nothing where the shop is as far. Rejected where it cannot be."""
    goal = wanted(document)
    if there == goal or (there, goal) in DONE or (there is None and goal in NOTHING_TO_END):
        return ()
    found = STEPS.get((there, goal))
    if found is None:
        message = f"the shop's return is {there}, ours is {document.status}"
        raise Rejected(message, path="status", code="differs_at_partner")
    return found


def is_ours(document: Return, shown: Tree) -> bool:
    """Whether a return at the shop is this one: it bears our number."""
    notes = (it.get("returnReasonNote") or "" for it in shown["returnLineItems"]["nodes"])
    return any(mark(document) in note for note in notes)


def created(document: Return, returnable: Sequence[Tree], at: Context) -> dict[str, Any]:
    """`ReturnInput`: the pieces, out of the fulfilments of the order that left with them."""
    left = [[*_sent(it["fulfillmentLineItem"]), int(it["quantity"])] for it in returnable]
    lines = [
        {"fulfillmentLineItemId": number, **told, "quantity": pieces}
        for line, told in zip(document.lines, line_items(document, at), strict=True)
        for number, pieces in _taken(line, left)
    ]
    return {
        "orderId": f"gid://shopify/Order/{document.channel_order_id}",
        "requestedAt": document.requested_at.isoformat(),
        "returnLineItems": lines,
    }


def _sent(line: Tree) -> tuple[str | None, str]:
    """The order's line, and the piece of a fulfilment that it left with."""
    return identity(None, line["lineItem"]["id"]), line["id"]


def _taken(line: ReturnLine, left: Sequence[list[Any]]) -> list[tuple[str, int]]:
    found, pieces = list[tuple[str, int]](), int(line.quantity)
    for row in left:
        part = min(pieces, row[2]) if row[0] == line.channel_line_id else 0
        if part:
            found.append((row[1], part))
            row[2] -= part
            pieces -= part
    if pieces:
        named = line.sku or line.channel_line_id or "a line"
        message = f"{named}: the shop has {pieces} pieces fewer to take back"
        raise Rejected(message, code="differs_at_partner")
    return found


def line_items(document: Return, at: Context) -> list[dict[str, Any]]:
    """The lines, each with why it comes back; all bear our number."""
    own = {ours: theirs for theirs, ours in at.codes.get("return_reasons", {}).items()}
    found = []
    for line in document.lines:
        why = line.reason or document.reason or ""
        theirs = own.get(why, why).upper()
        found.append(
            {
                "returnReason": theirs if theirs in REASONS else "OTHER",
                "returnReasonNote": marked(why[:_LONGEST_NOTE], document),
            }
        )
    return found


def variables(step: str, document: Return, number: str, *, notify: bool) -> dict[str, Any]:
    """What the mutation of a step takes for a return that is there."""
    match step:
        case "approve":
            return {"input": {"id": number, "notifyCustomer": notify}}
        case "decline":
            return {"input": {"id": number, **_why(document), "notifyCustomer": notify}}
        case "cancel":
            return {"id": number, "notifyCustomer": notify}
        case _:
            return {"id": number}


def _why(document: Return) -> dict[str, Any]:
    why = str(document.attributes.get("decision_reason") or "")
    if why.upper() in DECLINED_FOR:
        return {"declineReason": why.upper()}
    return {"declineReason": "OTHER", **({"declineNote": why} if why else {})}


def returned(document: Return, at: Context) -> dict[str, Any]:
    """A return as `returnCreate` takes it, without the ids that only the shop knows."""
    return {
        "orderId": f"gid://shopify/Order/{document.channel_order_id}",
        "status": wanted(document),
        "returnLineItems": [
            {"lineItem": line.channel_line_id, "quantity": int(line.quantity), **told}
            for line, told in zip(document.lines, line_items(document, at), strict=True)
        ],
    }
