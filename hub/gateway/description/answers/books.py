"""What the Open API answers about books."""

from uuid import UUID

from pydantic import RootModel

from hub.gateway.description.answers import Answer, Page
from hub.model.document import Amount
from hub.model.settlement import JournalEntry


class JournalPage(Page[JournalEntry]):
    """Journal entries, in the order in which things happened."""


class JournalFile(RootModel[str]):
    """A file in the form that was asked for."""


class MissingItem(Answer):
    """What of a day the books do not have, for one reason. `entries` of the ledger in `count`
    tellings; `message_id`: the oldest message that would tell it.
    """

    connection: str
    merchant: str
    day: str
    currency: str
    status: str
    code: str | None
    count: int
    entries: int
    total: Amount | None
    message_id: UUID | None


class MissingList(Answer):
    """What has not arrived, the oldest days first."""

    items: list[MissingItem]


class Locked(Answer):
    """Books that are closed up to and with a day."""

    merchant: str
    connection: str | None
    until: str
