"""What-if over what was decided: each decision of an order, or of a merchant's week, made again by
other rules, beside where the goods really went. Nothing is touched, stock least of all.

Which stock is assumed: `hub/rules/routing/replay.py` says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.flows.routing import ground
from hub.flows.routing.ground import Ground
from hub.flows.unit import Unit
from hub.model.document import pieces
from hub.model.errors import BadData, NotFound
from hub.model.order import SalesOrder
from hub.rules.routing import replay, sourcing
from hub.rules.routing.sourcing import Allocation, Book, Plan
from hub.rules.routing.what_if import Measured, Tally, Yardstick, is_same
from hub.store.orders import orders, routing_decisions
from hub.store.orders.routing_decisions import Decided
from hub.store.people import jobs
from hub.store.people.jobs import Job

JOB = "routing_what_if"
SLICE = 200
"""Decisions made again in one transaction."""
_NAMED = 100


@dataclass(frozen=True, slots=True)
class Again:
    """A decision, and what other rules make of it."""

    decided: Decided
    order: SalesOrder
    went: Sequence[Allocation]
    plan: Plan
    before: Measured
    after: Measured

    @property
    def same(self) -> bool:
        """Whether it comes to the same."""
        return is_same(self.went, self.plan.to_reserve)


@dataclass(slots=True)
class Run:
    """A time made again, so far. `moved`: the first of those that would have gone elsewhere."""

    merchant: str
    since: datetime
    until: datetime
    rules: Sequence[Mapping[str, Any]] | None = None
    after: UUID | None = None
    total: int = 0
    tally: Tally = field(default_factory=Tally)
    moved: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As it is answered."""
        return {
            "merchant": self.merchant,
            "from": self.since,
            "until": self.until,
            "total": self.total,
            **self.tally.counts,
            "moved": self.moved,
        }


def of_order(
    unit: Unit, order_id: UUID, rules: Sequence[Mapping[str, Any]] | None
) -> list[dict[str, Any]]:
    """Each decision about an order made again by these rules (None: those of now). NotFound where
    there is none that was kept with its facts.
    """
    decided = routing_decisions.of_order(unit.db, order_id)
    if not decided:
        raise NotFound(f"no decision of {order_id} can be made again")
    return [
        {**_shown(again), "reasoning": list(again.plan.reasoning)}
        for again in _again(unit, decided, rules)
    ]


def begin(
    unit: Unit,
    merchant: str,
    since: datetime,
    until: datetime,
    rules: Sequence[Mapping[str, Any]] | None,
) -> Run:
    """A run over a merchant's decisions of a time. BadData where the rules are wrong."""
    sourcing.parse(rules or ())
    total = routing_decisions.count(unit.db, merchant, since, until)
    return Run(merchant, since, until, rules, total=total)


def go_on(unit: Unit, run: Run) -> bool:
    """Make the next slice again. False where there was none left."""
    decided = routing_decisions.between(
        unit.db, run.merchant, run.since, run.until, run.after, SLICE
    )
    for again in _again(unit, decided, run.rules):
        run.tally.add(again.before, again.after, same=again.same)
        if not again.same and len(run.moved) < _NAMED:
            run.moved.append(_shown(again))
    if decided:
        run.after = decided[-1].id
    return bool(decided)


def queue(unit: Unit, run: Run) -> Job:
    """Have a run done by the scheduler, slice by slice."""
    return jobs.begun(unit.db, JOB, run.merchant, run.total, _kept(run))


def work_on(unit: Unit) -> bool:
    """Make the next slice of a queued run. False where there is none to do."""
    job = jobs.take(unit.db, JOB)
    if job is None:
        return False
    run = _read(job)
    try:
        with unit.db.begin_nested():
            going = go_on(unit, run)
    except BadData as wrong:
        jobs.step(unit.db, job.id, job.done, {**job.detail, "error": str(wrong)}, "failed")
        return True
    status = "running" if going else "done"
    jobs.step(unit.db, job.id, run.tally.counts["decisions"], _kept(run), status)
    return True


def _kept(run: Run) -> dict[str, Any]:
    return {**run.shown(), "rules": run.rules, "after": run.after}


def _read(job: Job) -> Run:
    kept = dict(job.detail)
    since, until = (datetime.fromisoformat(kept.pop(name)) for name in ("from", "until"))
    after = kept.pop("after")
    head = (kept.pop("merchant"), since, until, kept.pop("rules"))
    total, moved = kept.pop("total"), kept.pop("moved")
    return Run(*head, UUID(after) if after else None, total, Tally(kept), moved)


def _again(
    unit: Unit, decided: Sequence[Decided], rules: Sequence[Mapping[str, Any]] | None
) -> Iterator[Again]:
    if not decided:
        return
    merchant = decided[0].merchant
    demands = {row.id: replay.demand_of(row.facts) for row in decided}
    now = ground.book_of(unit.directory, merchant)
    book = now if rules is None else Book(sourcing.parse(rules))
    on = ground.again(unit, merchant, list(demands.values()), book)
    documents = orders.documents(unit.db, unit.vault, {row.order_id for row in decided})
    yardstick = Yardstick(book, now)
    for row in decided:
        order = documents.get(row.order_id)
        if order is not None:
            yield _one(unit, row, order, on, yardstick)


def _one(unit: Unit, row: Decided, order: SalesOrder, on: Ground, by: Yardstick) -> Again:
    demand = on.known(replay.demand_of(row.facts))
    request = ground.request_of(unit, order, order.source.connection)
    plan = replay.again(row.facts, demand, on.warehouses, on.book, request)
    went = replay.happened(row.facts)
    places = {place.code: place for place in on.warehouses}
    before = by.measure(went, demand, places, request)
    after = by.measure(plan.to_reserve, demand, places, request)
    return Again(row, order, went, plan, before, after)


def _shown(again: Again) -> dict[str, Any]:
    row = again.decided
    return {
        "order_id": row.order_id,
        "order_number": again.order.order_number,
        "at": row.facts["at"],
        "rules_of": row.rules_owner,
        "rules_version": row.rules_version,
        "changed": not again.same,
        "before": {**again.before.shown(), "went": _went(again.went)},
        "after": {**again.after.shown(), "went": _went(again.plan.to_reserve)},
        "fallback": again.plan.fallback,
        "reason": again.plan.reason,
    }


def _went(allocations: Sequence[Allocation]) -> list[dict[str, Any]]:
    return [
        {
            "warehouse": gone.warehouse,
            "line_no": gone.line_no,
            "sku": gone.sku,
            "quantity": pieces(gone.quantity),
        }
        for gone in allocations
    ]
