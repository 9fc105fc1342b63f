"""One id from the first request to the last booking: the caller's own if a UUID, else ours."""

from uuid import UUID

from hub.store.base.ids import new_id

HEADER = "X-Correlation-Id"


def correlation_id(given: str | None) -> UUID:
    """The id to use. What is no UUID is not taken over: it could be anything."""
    if given and len(given) == 36:
        try:
            return UUID(given)
        except ValueError:
            pass
    return new_id()
