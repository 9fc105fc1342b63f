"""The Celery app: one task, `drain`, whose content is the number of a lane. The broker is the bell,
not the truth.

Losing, doubling or reordering bells loses nothing: the sweep rings again, and a bell that finds
nothing to do ends silently. No result backend, no countdowns, no retries of Celery's own: what must
be tried again stands in the database.
"""

from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu.connection import Connection
from kombu.entity import Queue

QUEUE = "orderhub.lanes"
SCHEMA = 1
"""Version of the task's content, so that old and new code can run side by side."""

_CONFIRM_S = 2
_AGAIN_S = 5


class _Line(Connection):
    """A consumer looks for a broker that is away every five seconds. Celery passes no setting on to
    kombu, whose own pauses grow to thirty: bells would come half a minute late.
    """

    def ensure_connection(self, *given: Any, **named: Any) -> Any:
        """Try until the broker is there."""
        wanted = {"interval_max": _AGAIN_S, **named}
        return super().ensure_connection(*given, **wanted)  # type: ignore[no-untyped-call]


class _Amqp(AMQP):  # type: ignore[misc]  # celery has no types
    Connection = _Line


def make_app(broker_url: str | None, drain: Callable[[int], None] | None = None) -> Celery:
    """An app on RabbitMQ, or on kombu's in-memory transport where no broker is given."""
    broker = broker_url or "memory://localhost"
    app = Celery("orderhub", broker=broker, amqp=_Amqp, set_as_current=False)
    app.conf.update(_CONFIG)
    app.conf.update(_IN_PROCESS if broker_url is None else _RABBITMQ)

    @app.task(name="orderhub.drain", queue=QUEUE)  # type: ignore[untyped-decorator]
    def ring(lane_id: int, schema: int) -> None:
        if schema == SCHEMA and drain is not None:
            drain(lane_id)

    return app


def publish(app: Celery, lane_id: int) -> None:
    """Ring one lane. Raises what kombu raises where the broker does not confirm in time."""
    app.send_task(
        "orderhub.drain",
        args=[lane_id, SCHEMA],
        queue=QUEUE,
        retry=True,
        retry_policy={
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.1,
            "interval_max": 0.2,
        },
        confirm_timeout=_CONFIRM_S,
    )


_CONFIG: dict[str, Any] = {
    "task_ignore_result": True,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_create_missing_queues": False,
    "task_default_queue": QUEUE,
    "worker_consumer": "workers.wakeups.consumer:LaneConsumer",
    "worker_prefetch_multiplier": 1,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_hijack_root_logger": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "worker_soft_shutdown_timeout": 25,
    "broker_heartbeat": 10,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_connection_timeout": 3,
    "worker_detect_quorum_queues": True,
}
_IN_PROCESS: dict[str, Any] = {
    "broker_transport_options": {"polling_interval": 0.01},
    "task_queues": [Queue(QUEUE)],  # type: ignore[no-untyped-call]
}
_RABBITMQ: dict[str, Any] = {
    "broker_transport_options": {"confirm_publish": True},
    "task_queues": [
        Queue(  # type: ignore[no-untyped-call]
            QUEUE,
            queue_arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": 20,
                "x-max-length": 50_000,
                "x-overflow": "drop-head",
            },
        )
    ],
}
