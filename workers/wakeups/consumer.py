"""What of Celery's worker we use: all but its delays. Due times stand in the database, and the 28
queues that it would declare beside a quorum queue held nothing, ever.
"""

from celery.worker.consumer import Consumer
from celery.worker.consumer.delayed_delivery import DelayedDelivery

_UNUSED = f"{DelayedDelivery.__module__}:{DelayedDelivery.__name__}"


class LaneConsumer(Consumer):  # type: ignore[misc]  # celery has no types
    """Listens to the one queue."""

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
        """Its parts."""

        default_steps = tuple(step for step in Consumer.Blueprint.default_steps if step != _UNUSED)
