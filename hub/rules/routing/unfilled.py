"""Of a plan that leaves something unfilled: why, in words, and what could let it go."""

from hub.model.errors import Problem
from hub.rules.orders.obstacles import Standing, facts_of
from hub.rules.routing.sourcing import Plan

_FOR_NOW = frozenset({"paused", "excluded", "cut_off", "calendar", "capacity", "circle"})
"""Rules that rule a warehouse out for a time: worth a word though others had too little."""
_NAMED = 5


def reasons_of(plan: Plan) -> list[dict[str, str]]:
    """Why an order, or the rest of it, waits, as it is kept; empty where nothing does."""
    return [_why(plan).as_dict()] if plan.fallback else []


def waits_of(plan: Plan, merchant: str, channel: str) -> list[str]:
    """The facts that could let the rest of an order go, as it is planned now."""
    if plan.reason is None:
        return []
    opens = [refusal.until for refusal in plan.ruled_out if refusal.until is not None]
    if plan.turns_at is not None:
        opens.append(plan.turns_at)
    standing = Standing(
        merchant,
        channel,
        missing=sorted(
            {(need.merchant, sku) for need in plan.unfilled for sku in (need.sku, *need.inside)}
        ),
        paused=[refusal.warehouse for refusal in plan.ruled_out if refusal.rule == "paused"],
        opens_at=min(opens, default=None),
    )
    return facts_of([plan.reason], standing)


def _why(plan: Plan) -> Problem:
    missing = ", ".join(sorted({need.sku for need in plan.unfilled}))
    out = [
        refusal
        for refusal in plan.ruled_out
        if plan.reason == "no_route" or refusal.rule in _FOR_NOW
    ]
    named = []
    for refusal in out[:_NAMED]:
        words = f"{refusal.warehouse} is ruled out: {refusal.why}"
        named.append(words)
    if len(out) > _NAMED:
        words = f"{len(out) - _NAMED} other warehouses are ruled out"
        named.append(words)
    if plan.reason == "no_route":
        sentence = f"no warehouse may ship this order: {missing}"
        return Problem("ship_to", "no_route", "; ".join([sentence, *named]))
    sentence = f"not enough stock in any warehouse that may ship it: {missing}"
    if plan.undivided is not None:
        sentence = f"no warehouse has all of it: {missing}; {plan.undivided}"
    return Problem("lines", "out_of_stock", "; ".join([sentence, *named]))
