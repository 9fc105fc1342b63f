"""What a merchant's review rules say of an order: reasons to hold it, reasons that do not count, a
moment to wait for, and what is to be changed on it.

Of each hold reason the first rule that speaks of it decides: one of a higher priority may approve
what a lower one would hold, or the other way round. The first to name a carrier or a warehouse has
it; tags and gifts add up; of several waits the longest counts.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fnmatch import translate
from functools import lru_cache
from typing import Any

from hub.model.errors import Problem
from hub.model.order import SalesOrder
from hub.rules.orders.order_totals import open_pieces
from hub.rules.orders.review_effects import Effects
from hub.rules.orders.review_rules import Buys, ReviewRule, Then, Wait, Worth

_LEVELS = ("low", "medium", "high")
_PO_BOX = re.compile(
    r"\bp\.?\s*o\.?\s*-?box\b|\bpost(al)?\s*-?(office\s*)?box\b|\bpostfach\b|\bpostbus\b|\bpackstation\b"
    r"|\bbo[iî]te\s+postale\b|\bb\.?p\.?\s*\d|\bapartado\b|\bcasella\s+postale\b|\bcaixa\s+postal\b"
    r"|\bskrytka\b|信箱",
    re.IGNORECASE,
)
"""How a post-office box is written in the languages that orders come in."""
_DONE_S = 2.0
"""Moments count as come this much earlier: two machines' clocks are never quite the same."""


@dataclass(frozen=True, slots=True)
class Bought:
    """What the same customer bought before: pieces of an article, and when it was ordered."""

    at: datetime
    sku: str
    pieces: Decimal


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What rules ask beside the order. `lists`: SKU -> (list price, its currency); `is_first`:
    nobody knows of an earlier order of the customer; None: who the customer is, is not known.
    """

    at: datetime
    channel: str
    lists: Mapping[str, tuple[Decimal, str | None]] = field(default_factory=dict)
    is_first: bool | None = None
    bought: Sequence[Bought] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What rules say of an order. `until`: the moment at which they may say otherwise; `said`:
    rule -> what it did, for the timeline.
    """

    against: tuple[Problem, ...] = ()
    approved: frozenset[str] = frozenset()
    until: datetime | None = None
    effects: Effects = field(default_factory=Effects)
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def ask(rules: Sequence[ReviewRule], order: SalesOrder, facts: ReviewFacts) -> Decision:
    """Ask all rules that are in force, the first to be asked first."""
    speaking = [rule for rule in rules if _speaks(rule, order, facts)]
    first: dict[str, tuple[ReviewRule, str]] = {}
    for rule in speaking:
        if rule.then.hold:
            first.setdefault(rule.then.hold, (rule, "hold"))
        for code in rule.then.approve:
            first.setdefault(code, (rule, "approve"))
    against = [_reason(rule) for rule, what in first.values() if what == "hold"]
    approved = frozenset(code for code, (_, what) in first.items() if what == "approve")
    moments = [rule.until for rule in speaking if rule.until and _holds(first, rule)]
    waits = [(_end(rule.then.wait, order), rule) for rule in speaking if rule.then.wait]
    open_ = [(end, rule) for end, rule in waits if (end - facts.at).total_seconds() > _DONE_S]
    if open_ and "not_before" not in approved:
        end, rule = max(open_, key=lambda wait: wait[0])
        message = f"rule {rule.name!r}: not before {end:%Y-%m-%d %H:%M:%S} UTC"
        against.append(Problem("", "not_before", message))
        moments.append(end)
    return Decision(
        tuple(against),
        approved,
        min(moments, default=None),
        _effects(speaking),
        {rule.name: tuple(_did(rule.then)) for rule in speaking},
    )


def _holds(first: Mapping[str, tuple[ReviewRule, str]], rule: ReviewRule) -> bool:
    """Whether an order is held by this rule."""
    return any(by is rule and what == "hold" for by, what in first.values())


def asks(rules: Sequence[ReviewRule], condition: str) -> bool:
    """Whether any rule asks for this, so that it must be looked up."""
    return any(getattr(rule.when, condition) is not None for rule in rules)


def hours(rules: Sequence[ReviewRule]) -> int:
    """How many hours back the rules ask what a customer bought; 0: they do not."""
    return max((buys.hours for rule in rules if (buys := rule.when.customer_buys)), default=0)


def _speaks(rule: ReviewRule, order: SalesOrder, facts: ReviewFacts) -> bool:
    if rule.since and facts.at < rule.since:
        return False
    if rule.until and (rule.until - facts.at).total_seconds() <= _DONE_S:
        return False
    return all(
        meets(order, facts, wanted)
        for name, meets in CONDITIONS.items()
        if (wanted := getattr(rule.when, name)) is not None
    )


def _risk(order: SalesOrder, _: ReviewFacts, least: str) -> bool:
    return order.risk is not None and _LEVELS.index(order.risk.level) >= _LEVELS.index(least)


def _value(order: SalesOrder, _: ReviewFacts, wanted: Worth) -> bool:
    total = order.totals.grand_total
    return (
        wanted.currency in (None, order.currency)
        and (wanted.at_least is None or total >= wanted.at_least)
        and (wanted.at_most is None or total <= wanted.at_most)
    )


def _below_list(order: SalesOrder, facts: ReviewFacts, part: Decimal) -> bool:
    for line in order.lines:
        price, currency = facts.lists.get(line.sku or "", (None, None))
        if price is not None and currency in (None, order.currency) and open_pieces(line) > 0:
            paid = line.unit_price - line.discount / line.quantity
            if paid < price * part:
                return True
    return False


def _buys(order: SalesOrder, facts: ReviewFacts, wanted: Buys) -> bool:
    sums: dict[str, Decimal] = {}
    since = order.placed_at - timedelta(hours=wanted.hours)
    before = [(it.sku, it.pieces) for it in facts.bought if since <= it.at]
    now = [(line.sku, open_pieces(line)) for line in order.lines if line.sku]
    for sku, pieces in [*before, *now]:
        sums[sku] = sums.get(sku, Decimal(0)) + pieces
    mine = {line.sku for line in order.lines if wanted.sku in (None, line.sku)}
    return any(sums[sku] > wanted.more_than for sku in mine if sku)


def _po_box(order: SalesOrder, *_: object) -> bool:
    return order.ship_to is not None and any(_PO_BOX.search(line) for line in order.ship_to.lines)


def _address(order: SalesOrder, _: ReviewFacts, patterns: Sequence[str]) -> bool:
    to = order.ship_to
    parts = (to.name, to.company, *to.lines, " ".join(to.lines), to.city) if to else ()
    return any(_fits(patterns, part) for part in parts if part)


def _postal_codes(order: SalesOrder, _: ReviewFacts, patterns: Sequence[str]) -> bool:
    return order.ship_to is not None and _fits(patterns, order.ship_to.postal_code or "")


def _countries(order: SalesOrder, _: ReviewFacts, codes: Sequence[str]) -> bool:
    return order.ship_to is not None and order.ship_to.country in codes


def _tags(order: SalesOrder, _: ReviewFacts, patterns: Sequence[str]) -> bool:
    return any(_fits(patterns, tag) for tag in order.tags)


def _skus(order: SalesOrder, _: ReviewFacts, patterns: Sequence[str]) -> bool:
    return any(line.sku and open_pieces(line) > 0 and _fits(patterns, line.sku)
               for line in order.lines)  # fmt: skip


# fmt: off
CONDITIONS: Mapping[str, Callable[[SalesOrder, ReviewFacts, Any], bool]] = {
    "channels":         lambda _, facts, codes: facts.channel in codes,
    "countries":        _countries,
    "postal_codes":     _postal_codes,
    "risk":             _risk,
    "value":            _value,
    "note":             lambda order, *_: bool(order.note),
    "tags":             _tags,
    "skus":             _skus,
    "po_box":           _po_box,
    "address":          _address,
    "first_order":      lambda _, facts, __: facts.is_first is True,
    "price_below_list": _below_list,
    "customer_buys":    _buys,
}
"""Every condition of a rule, and whether an order meets it; the cheap ones first."""
# fmt: on


def _fits(patterns: Sequence[str], text: str) -> bool:
    return any(_pattern(pattern).match(text) for pattern in patterns)


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(translate(text), re.IGNORECASE)


def _reason(rule: ReviewRule) -> Problem:
    because = rule.then.because or "look at it before it goes"
    return Problem("", rule.then.hold or "review", f"rule {rule.name!r}: {because}")


def _end(wait: Wait, order: SalesOrder) -> datetime:
    """When the wait is over, in whole seconds, as moments that orders wait for are."""
    if wait.until is not None:
        end = wait.until
    else:
        paid = [payment.at for payment in order.payments if payment.at]
        begin = max(paid) if paid and wait.after == "payment" else order.placed_at
        end = begin + timedelta(minutes=wait.minutes or 0)
    return (end + timedelta(microseconds=999_999)).astimezone(UTC).replace(microsecond=0)


def _effects(rules: Sequence[ReviewRule]) -> Effects:
    does = [(rule.name, rule.then) for rule in rules]
    carriers = [then.carrier for _, then in does if then.carrier]
    places = [then.warehouse for _, then in does if then.warehouse]
    return Effects(
        tags=tuple(dict.fromkeys(tag for _, then in does for tag in then.tags)),
        carrier=carriers[0] if carriers else None,
        warehouse=places[0].code if places else None,
        is_forced=bool(places and places[0].force),
        gifts=tuple((name, then.gift.sku, then.gift.quantity) for name, then in does if then.gift),
    )


def _did(then: Then) -> list[str]:
    did = [f"hold {then.hold}"] if then.hold else []
    did += ["wait"] if then.wait else []
    did += [f"approve {code}" for code in then.approve]
    did += [f"tag {tag}" for tag in then.tags]
    did += [f"carrier {then.carrier}"] if then.carrier else []
    if then.warehouse:
        did.append(f"{'force' if then.warehouse.force else 'prefer'} {then.warehouse.code}")
    return did + ([f"gift {then.gift.quantity} {then.gift.sku}"] if then.gift else [])
