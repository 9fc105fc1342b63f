"""What the Open API answers, as schemas: what all rooms of it share. One file a room beside it."""

from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Answer(BaseModel):
    """A part of an answer: exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class Page(Answer, Generic[T]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None


class Problem(Answer):
    """One thing that is wrong: where, which code, and a sentence for a person."""

    path: str
    code: str
    message: str


class ProblemDocument(BaseModel):
    """A refusal or failure (RFC 9457, application/problem+json)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Problem]
    correlation_id: UUID


class Said(Answer):
    """What became of a document that was posted."""

    status: str
    code: str | None
    message: str | None
    message_id: UUID
