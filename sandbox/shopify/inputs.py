"""Which arguments the shop's GraphQL takes, and of which type: checked before anything is done.

After the Admin API's own input types. Two of them changed with version 2026-04: there
`changeFromQuantity` is required (null skips the comparison) and `ignoreCompareQuantity` is unknown.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

# fmt: off
INPUTS: dict[str, dict[str, str]] = {
    "FulfillmentInput": {
        "lineItemsByFulfillmentOrder": "[FulfillmentOrderLineItemsInput!]!",
        "trackingInfo": "FulfillmentTrackingInput", "notifyCustomer": "Boolean",
        "originAddress": "FulfillmentOriginAddressInput",
    },
    "FulfillmentOrderLineItemsInput": {
        "fulfillmentOrderId": "ID!",
        "fulfillmentOrderLineItems": "[FulfillmentOrderLineItemInput!]",
    },
    "FulfillmentOrderLineItemInput": {"id": "ID!", "quantity": "Int!"},
    "FulfillmentTrackingInput": {
        "company": "String", "number": "String", "numbers": "[String!]",
        "url": "URL", "urls": "[URL!]",
    },
    "FulfillmentOriginAddressInput": {
        "address1": "String", "address2": "String", "city": "String", "countryCode": "String!",
        "provinceCode": "String", "zip": "String",
    },
    "RefundInput": {
        "orderId": "ID!", "note": "String", "notify": "Boolean", "currency": "String",
        "shipping": "ShippingRefundInput", "refundLineItems": "[RefundLineItemInput!]",
        "refundDuties": "[RefundDutyInput!]", "transactions": "[OrderTransactionInput!]",
        "allowOverRefunding": "Boolean", "processedAt": "DateTime",
        "discrepancyReason": "String",
    },
    "ShippingRefundInput": {"amount": "Money", "fullRefund": "Boolean"},
    "RefundDutyInput": {"dutyId": "ID!", "refundType": "String"},
    "RefundLineItemInput": {
        "lineItemId": "ID!", "quantity": "Int!", "restockType": "RefundLineItemRestockType",
        "locationId": "ID",
    },
    "OrderTransactionInput": {
        "amount": "Money!", "gateway": "String!", "kind": "OrderTransactionKind!",
        "orderId": "ID!", "parentId": "ID",
    },
    "OrderCancelRefundMethodInput": {
        "originalPaymentMethodsRefund": "Boolean", "storeCreditRefund": "StoreCreditRefundInput",
    },
    "StoreCreditRefundInput": {"expiresAt": "DateTime"},
    "ReturnInput": {
        "orderId": "ID!", "requestedAt": "DateTime", "returnLineItems": "[ReturnLineItemInput!]!",
    },
    "ReturnLineItemInput": {
        "fulfillmentLineItemId": "ID!", "quantity": "Int!", "returnReason": "ReturnReason",
        "returnReasonNote": "String", "returnReasonDefinitionId": "ID",
    },
    "ReturnApproveRequestInput": {"id": "ID!", "notifyCustomer": "Boolean"},
    "ReturnDeclineRequestInput": {
        "id": "ID!", "declineReason": "ReturnDeclineReason!", "declineNote": "String",
        "notifyCustomer": "Boolean",
    },
}
SET_QUANTITIES = {
    "name": "String!", "reason": "String!", "referenceDocumentUri": "String",
    "quantities": "[InventoryQuantityInput!]!",
}
QUANTITY = {"inventoryItemId": "ID!", "locationId": "ID!", "quantity": "Int!"}
BEFORE_2026_04: dict[str, dict[str, str]] = {
    "InventorySetQuantitiesInput": {**SET_QUANTITIES, "ignoreCompareQuantity": "Boolean"},
    "InventoryQuantityInput": {**QUANTITY, "compareQuantity": "Int"},
}
SINCE_2026_04: dict[str, dict[str, str]] = {
    "InventorySetQuantitiesInput": SET_QUANTITIES,
    "InventoryQuantityInput": {**QUANTITY, "changeFromQuantity": "Int"},
}
ENUMS = {
    "RefundLineItemRestockType": {"CANCEL", "NO_RESTOCK", "RETURN"},
    "OrderTransactionKind": {"REFUND", "SUGGESTED_REFUND"},
    "OrderCancelReason": {"CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF"},
    "ReturnReason": {
        "COLOR", "DEFECTIVE", "NOT_AS_DESCRIBED", "OTHER", "SIZE_TOO_LARGE", "SIZE_TOO_SMALL",
        "STYLE", "UNKNOWN", "UNWANTED", "WRONG_ITEM",
    },
    "ReturnDeclineReason": {"FINAL_SALE", "OTHER", "RETURN_PERIOD_ENDED"},
    "OrderSortKeys": {"ID", "CREATED_AT", "UPDATED_AT", "PROCESSED_AT", "ORDER_NUMBER"},
}
PAGED = {
    "first": "Int", "after": "String", "last": "Int", "before": "String", "query": "String",
    "reverse": "Boolean",
}
ARGUMENTS: dict[str, dict[str, str]] = {
    "shop": {},
    "order": {"id": "ID!"},
    "orders": {**PAGED, "sortKey": "OrderSortKeys"},
    "fulfillmentOrder": {"id": "ID!"},
    "fulfillment": {"id": "ID!"},
    "locations": {**PAGED, "includeInactive": "Boolean", "includeLegacy": "Boolean"},
    "location": {"id": "ID"},
    "inventoryItem": {"id": "ID!"},
    "inventoryItems": PAGED,
    "productVariants": {**PAGED, "sortKey": "String"},
    "fulfillmentCreate": {"fulfillment": "FulfillmentInput!", "message": "String"},
    "fulfillmentTrackingInfoUpdate": {
        "fulfillmentId": "ID!", "trackingInfoInput": "FulfillmentTrackingInput!",
        "notifyCustomer": "Boolean",
    },
    "fulfillmentCancel": {"id": "ID!"},
    "inventorySetQuantities": {"input": "InventorySetQuantitiesInput!"},
    "refundCreate": {"input": "RefundInput!"},
    "return": {"id": "ID!"},
    "returnableFulfillments": {**PAGED, "orderId": "ID!"},
    "returnCreate": {"returnInput": "ReturnInput!"},
    "returnApproveRequest": {"input": "ReturnApproveRequestInput!"},
    "returnDeclineRequest": {"input": "ReturnDeclineRequestInput!"},
    "returnCancel": {"id": "ID!", "notifyCustomer": "Boolean"},
    "returnClose": {"id": "ID!"},
    "orderCancel": {
        "orderId": "ID!", "reason": "OrderCancelReason!", "restock": "Boolean!",
        "refund": "Boolean", "refundMethod": "OrderCancelRefundMethodInput",
        "notifyCustomer": "Boolean", "staffNote": "String",
    },
}
# fmt: on
for _name in ("fulfillmentCreate", "fulfillmentTrackingInfoUpdate"):
    ARGUMENTS[f"{_name}V2"] = ARGUMENTS[_name]

GID = re.compile(r"gid://shopify/[A-Za-z]+/\d+(\?.*)?$")
ABSENT = object()


class Invalid(Exception):
    """A value that does not fit its type: `path` from the argument down, and why."""

    def __init__(self, path: tuple[str | int, ...], why: str) -> None:
        super().__init__(why)
        self.path, self.why = path, why


def check(written: str, value: Any, version: str, path: tuple[str | int, ...] = ()) -> None:
    """Raises Invalid where the value does not fit the type as GraphQL writes it."""
    if written.endswith("!"):
        if value is None:
            raise Invalid(path, "Expected value to not be null")
        check(written[:-1], value, version, path)
    elif value is None:
        return
    elif written.startswith("["):
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            check(written[1:-1], item, version, (*path, index))
    elif written in SCALARS:
        if not SCALARS[written](value):
            raise Invalid(path, f"Could not coerce value {value!r} to {written}")
    elif written in ENUMS:
        if value not in ENUMS[written]:
            raise Invalid(path, f"Expected {value!r} to be one of: {sorted(ENUMS[written])}")
    else:
        check_input(written, value, version, path)


def check_input(name: str, value: Any, version: str, path: tuple[str | int, ...]) -> None:
    dated = SINCE_2026_04 if version >= "2026-04" else BEFORE_2026_04
    fields = dated.get(name) or INPUTS[name]
    if not isinstance(value, dict):
        raise Invalid(path, f"Expected {value!r} to be a key-value object")
    for field in value:
        if field not in fields:
            raise Invalid((*path, field), f"Field is not defined on {name}")
    for field, written in fields.items():
        item = value.get(field, ABSENT)
        if item is not ABSENT or written.endswith("!"):
            check(written, None if item is ABSENT else item, version, (*path, field))


def is_money(value: Any) -> bool:
    try:
        return isinstance(value, str | int) and Decimal(value).is_finite()
    except InvalidOperation:
        return False


SCALARS = {
    "ID": lambda it: isinstance(it, str) and GID.match(it) is not None,
    "String": lambda it: isinstance(it, str),
    "URL": lambda it: isinstance(it, str) and it.startswith(("http://", "https://")),
    "DateTime": lambda it: isinstance(it, str),
    "Boolean": lambda it: isinstance(it, bool),
    "Int": lambda it: isinstance(it, int) and not isinstance(it, bool) and abs(it) < 2**31,
    "Money": is_money,
}
