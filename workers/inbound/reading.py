"""The messages of one batch read by their adapter: each one's documents, or its failure, kept as it
came.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.ports import Parts, documents_of
from hub.model.document import Document
from hub.model.errors import Problem
from hub.store.base.failures import DatabaseAway
from hub.store.messages.claimed import Claimed
from mappings.kit import noting


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message: the documents it holds or what was raised, and what was odd in
    it.
    """

    message: Claimed
    documents: tuple[Document, ...] = ()
    error: Exception | None = None
    warnings: Sequence[Problem] = ()


def read(adapter: Parts, messages: Sequence[Claimed]) -> list[Outcome]:
    """Read each of them. What one of them raises is its own fate and no other's."""
    return [_read(adapter, message) for message in messages]


def _read(adapter: Parts, message: Claimed) -> Outcome:
    with noting() as warnings:
        try:
            documents = tuple(documents_of(adapter, message.topic, message.read()))
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001  # its fate is decided in one place
            return Outcome(message, error=error, warnings=warnings)
    return Outcome(message, documents, warnings=warnings)
