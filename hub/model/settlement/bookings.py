"""The ledger of money: what is booked, on which accounts, and what charges are worked out from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from hub.model.document import ZERO


class Account(StrEnum):
    """What a line of the ledger is booked on: names, not numbers. Each entry bears a merchant;
    `merchant.` are that merchant's own books, `operator.` the operator's with it. Charges have an
    account each below the fees, such as `operator.fees:commission`.
    """

    RECEIVABLE = "merchant.receivable"
    REVENUE = "merchant.revenue"
    SHIPPING_INCOME = "merchant.shipping_income"
    FEE_INCOME = "merchant.fee_income"
    ROUNDING = "merchant.rounding"
    OUTPUT_TAX = "merchant.output_tax"
    INPUT_TAX = "merchant.input_tax"
    RESERVE = "merchant.reserve"
    BANK = "merchant.bank"
    FEES = "merchant.fees"
    ADJUSTMENTS = "merchant.adjustments"
    CHARGEBACKS = "merchant.chargebacks"
    OPERATOR_RECEIVABLE = "operator.receivable"
    OPERATOR_PAYABLE = "operator.payable"
    OPERATOR_RESERVE = "operator.reserve"
    OPERATOR_BANK = "operator.bank"
    OPERATOR_FEES = "operator.fees"
    OPERATOR_TAX = "operator.output_tax"
    OPERATOR_ADJUSTMENTS = "operator.adjustments"
    OPERATOR_CHARGEBACKS = "operator.chargebacks"


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a booking; exactly one of `debit` and `credit` is above zero."""

    account: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    tax_code: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class ChargeItem:
    """What charges are worked out from: pieces, parcels or money with what they are (`traits`).

    `line` names the part of the document that it is; `amount` is with tax. `owner`: whose pieces
    they are, where the order is not that merchant's own.
    """

    kind: str
    traits: Mapping[str, Any]
    line: str
    quantity: Decimal = ZERO
    amount: Decimal = ZERO
    tax: Decimal = ZERO
    weight: Decimal = ZERO
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking. `document` names what it comes from (`order:…`, `refund:…`, `statement:…`), with
    `reason` its key; `at` is when it happened, `settle_at` the moment by which it belongs to a
    statement. `detail` holds codes and numbers: what led to it.
    """

    merchant: str
    document: str
    reason: str
    currency: str
    at: datetime
    settle_at: datetime
    lines: Sequence[Line]
    order_id: UUID | None = None
    message_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[ChargeItem] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by: merchant, document, reason."""
        return self.merchant, self.document, self.reason
