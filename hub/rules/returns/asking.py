"""What is wrong with a request for a return, beside the order it is for; and the order's lines that
it means. A line may name an article that was sold, or a part of a kit that was sent as its parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.errors import Problem
from hub.model.order import OrderLine, SalesOrder
from hub.model.product import Served
from hub.model.returns import Return, ReturnLine
from hub.rules.fulfilment import serving
from hub.rules.orders.order_totals import open_pieces
from hub.rules.returns import kits
from hub.rules.returns.policy import PlaceRule, Policy, reason

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Meant:
    """The order's line that each line of a return means, None where it has none."""

    lines: Sequence[OrderLine | None]
    faults: Sequence[Problem]


def meant(
    document: Return, order: SalesOrder, served: Sequence[Served], back: Sequence[Served]
) -> Meant:
    """Find the order's lines, and what speaks against it. `served`: what left; `back`: pieces that
    other returns bring back or brought.
    """
    lines: list[OrderLine | None] = []
    faults, taken = [], list(back)
    for at, line in enumerate(document.lines):
        candidates = _candidates(line, order, served)
        if not candidates:
            message = "the order has no such line"
            faults.append(Problem(f"lines.{at}.{_named(line)}", "unknown_line", message))
            lines.append(None)
            continue
        left = [_left(line, it, served, taken) for it in candidates]
        place = next((n for n, pieces in enumerate(left) if pieces >= line.quantity), 0)
        bought = candidates[place]
        if left[place] < line.quantity:
            faults.append(_too_many(at, left[place], _left(line, bought, served, ())))
        taken += _asked(line, bought, served, taken)
        lines.append(bought)
    return Meant(lines, faults)


def _candidates(line: ReturnLine, order: SalesOrder, served: Sequence[Served]) -> list[OrderLine]:
    """What was sold under its name comes before the kits of which it is a part."""
    if line.order_line_no is not None:
        return [it for it in order.lines if it.line_no == line.order_line_no]
    if line.channel_line_id is not None:
        return [it for it in order.lines if it.channel_line_id == line.channel_line_id]
    sold = [it for it in order.lines if line.sku is not None and it.sku == line.sku]
    as_parts = {it.order_line for it in served if it.kit is not None}
    return sold + [
        it for it in order.lines if it.line_no in as_parts and _is_part(line, it, served)
    ]


def _named(line: ReturnLine) -> str:
    if line.order_line_no is not None:
        return "order_line_no"
    return "channel_line_id" if line.channel_line_id is not None else "sku"


def _is_part(line: ReturnLine, sold: OrderLine, served: Sequence[Served]) -> bool:
    """Whether it is a part of a kit that was sold, and left as its parts."""
    its = kits.left(sold.line_no, served)
    return its is not None and kits.is_part(its[0], line.sku)


def _left(
    line: ReturnLine, sold: OrderLine, served: Sequence[Served], taken: Sequence[Served]
) -> Decimal:
    """The pieces that can come back of it; of kits those of which no part does yet."""
    its = kits.left(sold.line_no, served, taken)
    if its is not None and kits.is_part(its[0], line.sku):
        return max(its[1].get(line.sku or "", _ZERO), _ZERO)
    return open_pieces(sold) - serving.begun(taken).get(sold.line_no, _ZERO)


def _asked(
    line: ReturnLine, sold: OrderLine, served: Sequence[Served], taken: Sequence[Served]
) -> list[Served]:
    its = kits.left(sold.line_no, served, taken)
    if its is None:
        return [Served(sold.line_no, line.sku or "", line.quantity)]
    kit, parts = its
    pieces = kits.expected(kit, line, parts)
    return [
        Served(sold.line_no, sku, n, None if sku == kit.sku else kit) for sku, n in pieces.items()
    ]


def _too_many(at: int, left: Decimal, whole: Decimal) -> Problem:
    path = f"lines.{at}.quantity"
    if left <= 0 < whole:
        message = "all pieces of this line come back already, by another return"
        return Problem(path, "returned_twice", message)
    message = f"{max(left, _ZERO).normalize():f} pieces of this line can come back"
    return Problem(path, "more_than_sold", message)


def completed(
    document: Return, order: SalesOrder, lines: Sequence[OrderLine | None], policy: Policy
) -> Return:
    """The return with the numbers of its lines, their articles and the merchant's own reasons."""
    whole = [
        line.model_copy(
            update={
                "line_no": at,
                "order_line_no": known.line_no if known else line.order_line_no,
                "channel_line_id": known.channel_line_id if known else line.channel_line_id,
                "sku": line.sku if line.kit else (known.sku if known else None) or line.sku,
                "reason": reason(policy, line.reason),
                "dispositions": (),
            }
        )
        for at, (line, known) in enumerate(zip(document.lines, lines, strict=True), start=1)
    ]
    words = {"words": said} if (said := _said(document, policy)) else {}
    return document.model_copy(
        update={
            "lines": tuple(whole),
            "reason": reason(policy, document.reason),
            "status": "requested",
            "refund": None,
            "exchange_order_id": None,
            "attributes": {**document.attributes, **words},
            "channel_order_id": order.channel_order_id,
        }
    )


def _said(document: Return, policy: Policy) -> list[str]:
    """The channel's own words for reasons that the merchant calls otherwise."""
    words = [document.reason, *(line.reason for line in document.lines)]
    return sorted({it for it in words if it is not None and reason(policy, it) != it})


def place(
    document: Return, rules: Sequence[PlaceRule], country: str | None, sent_from: Sequence[str]
) -> str | None:
    """The warehouse that shall take it: as asked, by rule, else the one that sent it."""
    if document.warehouse is not None:
        return document.warehouse
    for rule in rules:
        if _fits(rule, document, country):
            return rule.warehouse
    return sent_from[0] if sent_from else None


def _fits(rule: PlaceRule, document: Return, country: str | None) -> bool:
    reasons = {document.reason, *(line.reason for line in document.lines)}
    skus = {sku for line in document.lines for sku in (line.sku, line.kit)}
    asked = ((rule.skus, skus), (rule.reasons, reasons), (rule.countries, {country}))
    return all(wanted is None or set(wanted) & there for wanted, there in asked)
