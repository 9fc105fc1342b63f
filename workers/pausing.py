"""Pause a connection that cannot be used, with an incident, so that a person knows whom to ask."""

from sqlalchemy.engine import Connection

from hub.store import connections_state, timeline
from hub.store.directory import Partner
from hub.store.timeline import Incident

_BECAUSE = {
    "not_authorised": "the partner does not accept its credentials",
    "unusable": "its settings do not fit its adapter",
    "endpoint_missing": "nothing is at its address",
}


def pause(db: Connection, partner: Partner, because: str) -> None:
    """Everything of this connection waits until somebody resumes it."""
    connections_state.pause(db, partner.code, because)
    sentence = f"connection {partner.code} is paused: {_BECAUSE[because]}"
    subject = f"connection:{partner.code}"
    incident = Incident(partner.merchant, "connection_paused", subject, sentence)
    timeline.open_incidents(db, [incident])
