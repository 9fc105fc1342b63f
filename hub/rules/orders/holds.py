"""Why an order must wait before a warehouse hears of it: reasons with code, path and sentence.

They are for people, and name lines, SKUs and amounts, never a person's data.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from hub.model.document import Address
from hub.model.errors import Problem
from hub.model.money import EXPONENT
from hub.model.order import OrderLine, SalesOrder
from hub.rules.orders.addresses import flaws
from hub.rules.orders.order_totals import mismatches, open_pieces

Reason = Problem
"""(path, code, message): the same shape as any other finding."""

ReleaseOn = Literal["paid", "authorized", "any"]

_MOST_PER_CODE = 20
"""Reasons listed of one code; an order of thousands of lines says the rest in one sentence."""
_CASH = frozenset({"cash_on_delivery", "cod"})
_RELEASING: dict[ReleaseOn, frozenset[str]] = {
    "paid": frozenset({"paid", "partially_refunded", "refunded"}),
    "authorized": frozenset({"authorized", "paid", "partially_refunded", "refunded"}),
    "any": frozenset(
        {"pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded"}
    ),
}
"""Payment states that let an order go. A voided payment never does."""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A code of the partner's that no list knows, where the order could be read all the same."""

    path: str
    codes: str
    theirs: str


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """What the decision needs beside the order.

    `known_skus`: of the order's merchant (or of all in it). `duplicates`: numbers of orders that
    look the same. `ruled`: what the merchant's review rules
    say against it. `shipped_by_us`: the hub itself shipped part of it already.
    """

    known_skus: frozenset[str] = frozenset()
    release_on: ReleaseOn = "authorized"
    hold_on_note: bool = False
    merchant_active: bool = True
    duplicates: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()
    ruled: tuple[Reason, ...] = ()
    refund_in_progress: bool = False
    shipped_by_us: bool = False
    manual: bool = False


def why_hold(order: SalesOrder, facts: HoldFacts) -> list[Reason]:
    """Every reason to hold the order, in a fixed order; empty when it may go."""
    against: list[Reason] = []
    for reasons in _REASONS:
        some = list(reasons(order, facts))
        if len(some) > _MOST_PER_CODE:
            more = f"and {len(some) - _MOST_PER_CODE} more of the same kind"
            some = [*some[:_MOST_PER_CODE], Reason("", some[_MOST_PER_CODE - 1].code, more)]
        against += some
    return against


def is_never_waived(order: SalesOrder, reason: Reason) -> bool:
    """Whether nobody's word helps: a line that names no article can be shipped by nobody."""
    at = reason.path.split(".")[1] if reason.code == "unknown_sku" and reason.path else ""
    return at.isdecimal() and not order.lines[int(at)].sku


def is_cash_on_delivery(order: SalesOrder) -> bool:
    """Whether the carrier collects the money: by the payment's canonical method or gateway."""
    return any(
        (word or "").lower().replace(" ", "_").replace("-", "_") in _CASH
        for payment in order.payments
        for word in (payment.method, payment.gateway)
    )


def address_flaws(order: SalesOrder) -> Iterator[Reason]:
    """What the order's delivery address lacks."""
    customer = order.customer
    named = customer is not None and bool(customer.name or customer.last_name or customer.company)
    yield from flaws(order.ship_to or Address(), named=named)


def _shippable(order: SalesOrder) -> Iterator[tuple[int, OrderLine]]:
    """Lines that a warehouse of ours must handle, with their position."""
    for at, line in enumerate(order.lines):
        if line.ours_to_ship and open_pieces(line) > 0:
            yield at, line


def _test_order(order: SalesOrder, _: HoldFacts) -> Iterator[Reason]:
    if order.test:
        yield Reason("test", "test_order", "a test order of the channel: it is never shipped")


def _payment(order: SalesOrder, facts: HoldFacts) -> Iterator[Reason]:
    state = order.payment_state
    if state in {"pending", "partially_paid"} and is_cash_on_delivery(order):
        state = "authorized"
    if state in _RELEASING[facts.release_on]:
        return
    if state != "voided" and order.totals.grand_total <= 0:
        return
    yield Reason(
        "payment_state",
        "awaiting_payment",
        f"the payment is {order.payment_state}; the order goes out when it is {facts.release_on}"
        if facts.release_on != "any"
        else f"the payment is {order.payment_state}",
    )


def _unknown_sku(order: SalesOrder, facts: HoldFacts) -> Iterator[Reason]:
    for at, line in _shippable(order):
        if line.sku is None:
            message = f"line {line.line_no} has no SKU: say which article it is"
        elif line.sku not in facts.known_skus:
            message = f"line {line.line_no}: SKU {line.sku} is not a product of this merchant"
        else:
            continue
        yield Reason(f"lines.{at}.sku", "unknown_sku", message)


def _totals(order: SalesOrder, _: HoldFacts) -> Iterator[Reason]:
    return mismatches(order)


def _address(order: SalesOrder, _: HoldFacts) -> Iterator[Reason]:
    if not any(_shippable(order)):
        return
    if order.ship_to is None:
        yield Reason("ship_to", "no_address", "goods are to be shipped and no address is given")
    else:
        yield from address_flaws(order)


def _unmapped_code(_: SalesOrder, facts: HoldFacts) -> Iterator[Reason]:
    for code in facts.unmapped:
        message = f"the {code.codes} list has no entry for {code.theirs!r}"
        yield Reason(code.path, "unmapped_code", message)


def _currency(order: SalesOrder, _: HoldFacts) -> Iterator[Reason]:
    if order.currency not in EXPONENT:
        message = f"{order.currency} is not a currency of ISO 4217"
        yield Reason("currency", "unknown_currency", message)


def _risk(order: SalesOrder, facts: HoldFacts) -> Iterator[Reason]:
    if order.risk is not None and order.risk.level == "high":
        why = "; ".join(order.risk.reasons) or "the channel rates it high"
        yield Reason("risk", "risk", f"flagged as a risk: {why}")
    for risk in facts.risks:
        yield Reason("", "risk", f"flagged as a risk: {risk}")


def _ruled(_: SalesOrder, facts: HoldFacts) -> Iterator[Reason]:
    yield from facts.ruled


def _duplicate(_: SalesOrder, facts: HoldFacts) -> Iterator[Reason]:
    if facts.duplicates:
        others = ", ".join(facts.duplicates)
        yield Reason("channel_order_id", "possible_duplicate", f"looks the same as order {others}")


def _note(order: SalesOrder, facts: HoldFacts) -> Iterator[Reason]:
    if facts.hold_on_note and order.note:
        yield Reason("note", "customer_note", "the customer left a note: read it before release")


def _refund(_: SalesOrder, facts: HoldFacts) -> Iterator[Reason]:
    if facts.refund_in_progress:
        yield Reason(
            "", "refund_in_progress", "a refund is under way: nothing leaves before it ends"
        )


def _merchant(_: SalesOrder, facts: HoldFacts) -> Iterator[Reason]:
    if not facts.merchant_active:
        yield Reason("", "merchant_suspended", "the merchant is not active")


def _manual(order: SalesOrder, facts: HoldFacts) -> Iterator[Reason]:
    if facts.manual:
        yield Reason("", "manual", "held by hand")
    if order.fulfilment_state == "partial" and not (facts.shipped_by_us or _others_sent(order)):
        yield Reason(
            "fulfilment_state",
            "manual",
            "the channel shipped part of it before the hub saw it: say what is left to ship",
        )


def _others_sent(order: SalesOrder) -> bool:
    """Whether all that the channel shows as sent was not ours to send."""
    sent = [line for line in order.lines if line.fulfilled_quantity > 0]
    return bool(sent) and not any(line.ours_to_ship for line in sent)


_REASONS: tuple[Callable[[SalesOrder, HoldFacts], Iterator[Reason]], ...] = (
    _test_order,
    _payment,
    _unknown_sku,
    _totals,
    _address,
    _unmapped_code,
    _currency,
    _risk,
    _duplicate,
    _note,
    _refund,
    _merchant,
    _ruled,
    _manual,
)

# fmt: off
HOLD_REASONS: Mapping[str, str] = {
    "test_order":         "a test order of the channel",
    "awaiting_payment":   "not paid or authorized as the connection asks",
    "unknown_sku":        "a line names no product of the merchant",
    "totals_mismatch":    "the amounts do not add up",
    "no_address":         "goods to ship and no address",
    "bad_address":        "the address lacks a part",
    "unmapped_code":      "a code of the partner's has no entry in our list",
    "unknown_currency":   "not a currency of ISO 4217",
    "risk":               "flagged as a risk",
    "possible_duplicate": "looks the same as another order",
    "customer_note":      "the customer left a note",
    "refund_in_progress": "a refund is under way",
    "no_route":           "no warehouse may ship it",
    "out_of_stock":       "not enough in the warehouses that may ship it",
    "merchant_suspended": "the merchant is not active",
    "manual":             "held by a person",
    "review":             "a review rule of the merchant asks a person to look at it",
    "not_before":         "a review rule has it wait for a moment",
}
"""Every hold reason with its meaning. `no_route` and `out_of_stock` are found by routing."""
# fmt: on
