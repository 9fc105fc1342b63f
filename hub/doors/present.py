"""Messages and connections as programs see them: the same over the Open API and at the command
line.
"""

from typing import Any

from hub.rules.ops.condition import Condition
from hub.store.views.connections import ConnectionItem
from hub.store.views.message_view import AttemptRow, Version
from hub.store.views.messages import MessageRow


def message(row: MessageRow) -> dict[str, Any]:
    """A message without its payload."""
    return {
        "id": row.id,
        "direction": row.direction,
        "merchant": row.merchant,
        "connection": row.connection,
        "topic": row.topic,
        "key": row.key,
        "status": row.status,
        "attempts": row.attempts,
        "next_attempt_at": row.next_attempt_at,
        "waits_for": row.waits_for,
        "error": row.error,
        "received_at": row.received_at,
        "finished_at": row.finished_at,
        "correlation_id": row.correlation_id,
        "order_id": row.order_id,
        "reference": row.reference,
        "successor": row.successor,
    }


def connection(item: ConnectionItem, condition: Condition) -> dict[str, Any]:
    """A connection and how it does, without its settings and secrets."""
    return {
        "code": item.code,
        "merchant": item.merchant,
        "kind": item.kind,
        "adapter": item.adapter,
        "status": item.status,
        "paused_because": item.paused_because,
        "waiting_in": item.waiting_in,
        "waiting_out": item.waiting_out,
        "parked": item.parked,
        **condition_of(item, condition),
    }


def condition_of(item: ConnectionItem, condition: Condition) -> dict[str, Any]:
    """How a connection does."""
    arriving = item.deliveries
    return {
        "state": str(condition.state),
        "says": condition.says,
        "hindered": [
            {
                "process": each.process,
                "directions": list(each.directions),
                "lacks": each.lacks,
                "name": each.name,
                "since": each.since,
            }
            for each in item.hindered
        ],
        "deliveries": {
            "accepted_at": arriving.accepted_at,
            "refused_at": arriving.refused_at,
            "refused_code": arriving.refused_code,
            "refused_last_hour": dict(arriving.hour),
            "refused_last_day": dict(arriving.day),
        },
        "polls": [
            {
                "topic": each.topic,
                "every_s": each.every_s,
                "due": each.due,
                "reached_at": each.reached_at,
                "done_at": each.done_at,
                "lag_s": round(each.lag_s, 1),
                "failures": each.failures,
                "error": None if each.error is None else dict(each.error),
                "failed_at": each.failed_at,
            }
            for each in item.polls
        ],
    }


def attempt(row: AttemptRow) -> dict[str, Any]:
    """An attempt without the calls that it made."""
    return {
        "number": row.number,
        "worker": row.worker,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "fate": row.fate,
        "detail": row.detail,
    }


def version(row: Version) -> dict[str, Any]:
    """One version of a message, without its bytes."""
    return {"version": row.version, "author": row.author, "reason": row.reason, "at": row.at}
