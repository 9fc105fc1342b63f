"""What the Open API answers about messages, and about work on many of them."""

from typing import Any
from uuid import UUID

from hub.gateway.description.answers import Answer, Page, Problem
from hub.model.document import Instant


class MessageItem(Answer):
    """A message without its payload."""

    id: UUID
    direction: str
    merchant: str
    connection: str
    topic: str
    key: str
    status: str
    attempts: int
    next_attempt_at: Instant | None
    waits_for: str | None
    error: Problem | None
    received_at: Instant
    finished_at: Instant | None
    correlation_id: UUID
    order_id: UUID | None
    reference: str | None
    successor: str | None


class MessageQueued(MessageItem):
    """A message that is on its way again. `paused`: the connection that it waits for until that is
    resumed, if it is paused.
    """

    paused: list[str]


class MessagePage(Page[MessageItem]):
    """Messages, newest first."""


class Version(Answer):
    """One edit of a message; version 1 is as received."""

    version: int
    author: str
    reason: str
    at: Instant


class Attempt(Answer):
    """One attempt to work or send a message. `exchange`: the calls that it made, as JSON; with what
    is personal hidden for those who may not read payloads.
    """

    number: int
    worker: str
    started_at: Instant
    finished_at: Instant | None
    fate: str | None
    detail: str | None
    exchange: str | None


class Fault(Answer):
    """Where a payload that cannot be read breaks, or is cut off."""

    line: int
    column: int
    cut_off: bool


class MessageWhole(MessageItem):
    """A message with its versions and attempts. `warnings`: what was odd and stopped nothing. A
    masked payload hides what is personal; one that cannot be read is shown around its fault.
    """

    warnings: list[Problem]
    payload: str | None
    payload_base64: str | None
    payload_masked: bool
    payload_fault: Fault | None
    size: int
    version: int
    versions: list[Version]
    behind: int
    attempt_list: list[Attempt]


class Job(Answer):
    """Work on many rows that was asked for. The `detail` of a replay repeats what was asked, and
    says how many were `queued`, how many are `left` for the next call (10000 is that or more),
    which were `refused` and why, and which connections are `paused`, so that what was queued waits
    there.
    """

    id: UUID
    kind: str
    status: str
    done: int
    total: int
    detail: dict[str, Any]
    created_at: Instant
    finished_at: Instant | None
