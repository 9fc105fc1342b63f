"""Tells the shop where a return is, and asks for one that a webhook only names.

The shop is asked first how far its own return is; `mappings.shopify.returns.told` says what is left
to be done. One that began here is made there, out of the fulfilments that the pieces left with.
"""

import re
from typing import Any

from adapters.kit.tellings import as_bytes
from adapters.ports import Receipt
from adapters.shopify.admin import OPERATIONS, Admin
from hub.model.errors import BadData, Ignored, OutcomeUnknown, Rejected
from hub.model.returns import Return
from mappings.kit import Context
from mappings.reading import read_json_object, silently
from mappings.shopify.returns import told
from mappings.shopify.values import identity

RETURN = OPERATIONS["Return"]
OF_ORDER = OPERATIONS["ReturnsOfOrder"]
RETURNABLE = OPERATIONS["Returnable"]
CREATE = OPERATIONS["ReturnCreate"]
MUTATIONS = {
    "approve": ("returnApproveRequest", OPERATIONS["ReturnApprove"]),
    "decline": ("returnDeclineRequest", OPERATIONS["ReturnDecline"]),
    "cancel": ("returnCancel", OPERATIONS["ReturnCancel"]),
    "close": ("returnClose", OPERATIONS["ReturnClose"]),
}
"""What is done to a return that is there -> its mutation."""

NOTHING_THERE = Receipt("nothing there to end", kept=False)
_GID = re.compile(rb"gid:(?:/|\\/){2}shopify(?:/|\\/)Return(?:/|\\/)([0-9]{1,30})\b")


def whole(admin: Admin, raw: bytes) -> bytes:
    """The return that a body names, as the shop shows it now."""
    named = _GID.search(raw)
    if named is None:
        raise BadData("a return is named", path="admin_graphql_api_id", code="missing_field")
    shown = admin.ask(RETURN, {"id": f"gid://shopify/Return/{named[1].decode()}"}).get("return")
    if not isinstance(shown, dict):
        raise Ignored("deleted_at_channel", "the shop knows the return no more")
    return as_bytes({"return": shown})


def tells_all(raw: bytes) -> bool:
    """Whether a body tells its return itself. What is exchanged is only named by any."""
    try:
        tree = read_json_object(raw, silently)
    except BadData:
        return True  # its decoder says what is wrong with it
    return bool(tree.get("return_line_items")) and not tree.get("exchange_line_items")


def send(admin: Admin, document: Return, at: Context, *, notify: bool) -> Receipt:
    """Bring the shop's return to where ours is."""
    there = _there(admin, document)
    number = str(there["id"]) if there else ""
    for step in told.steps(document, there["status"] if there else None):
        if step == "create":
            number = _create(admin, document, at)
        else:
            field, mutation = MUTATIONS[step]
            wanted = told.variables(step, document, number, notify=notify)
            number = _made(admin.tell(field, mutation, wanted), field)
    return Receipt(identity(None, number) or number) if number else NOTHING_THERE


def find(admin: Admin, document: Return) -> Receipt | None:
    """Whether the shop's return is where ours is."""
    there = _there(admin, document)
    if told.steps(document, there["status"] if there else None):
        return None
    return Receipt(identity(None, there["id"]) or there["id"]) if there else NOTHING_THERE


def _there(admin: Admin, document: Return) -> dict[str, Any] | None:
    """The shop's return: by its own number, or by ours in it."""
    if document.channel_return_id:
        gid = f"gid://shopify/Return/{document.channel_return_id}"
        shown = admin.ask(RETURN, {"id": gid}).get("return")
        if not isinstance(shown, dict):
            raise Rejected("the shop does not know the return", code="unknown_at_partner")
        return shown
    gid = f"gid://shopify/Order/{document.channel_order_id}"
    order = admin.ask(OF_ORDER, {"id": gid}).get("order")
    if not isinstance(order, dict):
        raise Rejected("the shop does not know the order", code="unknown_at_partner")
    rows: list[dict[str, Any]] = order["returns"]["nodes"]
    return next((it for it in rows if told.is_ours(document, it)), None)


def _create(admin: Admin, document: Return, at: Context) -> str:
    order = f"gid://shopify/Order/{document.channel_order_id}"
    sent = admin.ask(RETURNABLE, {"orderId": order})["returnableFulfillments"]["nodes"]
    rows = [row for it in sent for row in it["returnableFulfillmentLineItems"]["nodes"]]
    wanted = {"input": told.created(document, rows, at)}
    return _made(admin.tell("returnCreate", CREATE, wanted), "returnCreate")


def _made(answer: dict[str, Any], field: str) -> str:
    number = (answer.get("return") or {}).get("id")
    if not isinstance(number, str):
        raise OutcomeUnknown(f"{field} answered without the return")
    return number
