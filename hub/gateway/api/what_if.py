"""What other routing rules would have come to: an order's decisions at once, a merchant's over a
time as a job.
"""

from typing import Any

from pydantic import Field

from hub.flows.routing import what_if
from hub.gateway.api.orders import seen
from hub.gateway.api.replay import shown_job
from hub.gateway.description.answers import messages, orders
from hub.gateway.routes import Ask, Reply, Route
from hub.model.document import Id, Instant, Value
from hub.model.errors import BadData, NotFound


class OtherRules(Value):
    """Rules as in the connections file; left out: those of now."""

    rules: tuple[dict[str, Any], ...] | None = None


class Past(OtherRules):
    """A merchant's decisions of a time."""

    merchant: Id
    since: Instant = Field(alias="from")
    until: Instant


def of_order(ask: Ask) -> Any:
    """Make each decision about an order again. Touches nothing."""
    order_id, wanted = seen(ask), ask.read(OtherRules)
    return {"decisions": what_if.of_order(ask.unit, order_id, wanted.rules)}


def of_past(ask: Ask) -> Reply:
    """Make a merchant's decisions of a time again, as a job. Touches nothing else."""
    wanted = ask.read(Past)
    if ask.caller.merchant not in (None, wanted.merchant):
        raise NotFound
    if wanted.since >= wanted.until:
        raise BadData("`until` must be after `from`", path="until", code="bad_time")
    run = what_if.begin(ask.unit, wanted.merchant, wanted.since, wanted.until, wanted.rules)
    job = what_if.queue(ask.unit, run)
    return Reply(202, shown_job(job), {"Location": f"/api/v1/jobs/{job.id}"})


ROUTES = (
    Route(
        "POST",
        "orders/{id}/what-if",
        "orders:manage",
        of_order,
        orders.DecidedAgain,
        body=OtherRules,
        slow=True,
    ),
    Route(
        "POST",
        "routing/what-if/past",
        "orders:manage",
        of_past,
        messages.Job,
        body=Past,
        status=202,
        refuses=(404,),
        slow=True,
    ),
)
