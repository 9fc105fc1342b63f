"""Books that are files: each entry is added once, to one file per month and merchant."""

from typing import Literal, Self

from pydantic import Field, model_validator

from adapters.journal_file.journal import Journal
from adapters.kit.files import Account, Folder
from adapters.kit.files.place import Way
from adapters.kit.http import Transport
from adapters.ports import Adapter, Clock, Parts
from mappings.journal import Terms
from mappings.kit import Context


class Settings(Account):
    """Settings and secrets of a connection to journal files."""

    by: Literal["sftp", "ftps", "folder"] = Field(  # type: ignore[assignment]  # one way more
        "sftp", description="how files travel, or that the folder is on this machine"
    )
    host: str = Field("", description="the server's name")
    user: str = Field("", description="the account's name")
    folder: str = Field("", max_length=400, description="the folder that the files lie in")
    form: Literal["beancount", "hledger", "csv"] = Field(
        "beancount", description="the language of the books"
    )
    accounts: dict[str, str] = Field(
        default_factory=dict, description="account -> its name there, where it is another one"
    )

    @model_validator(mode="after")
    def _can_be_proved(self) -> Self:
        if self.by == "folder":
            if not self.folder.startswith("/"):
                raise ValueError("folder is expected, from the root of this machine on")
            return self
        if not (self.host and self.user):
            raise ValueError("host and user are expected")
        super()._can_be_proved()  # type: ignore[operator]  # pydantic hides what it is
        return self

    def place(self, transport: Transport) -> Way:
        """Where the files lie."""
        return Folder(self.folder) if self.by == "folder" else self.way(transport)


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One folder."""
    journal = Journal(
        settings.place(transport),
        "" if settings.by == "folder" else settings.folder,
        settings.form,
        Terms(at.zone, settings.accounts),
        at,
    )
    return Parts(
        check=journal.check, send=journal.send, find=journal.find, send_many=journal.send_many
    )


ADAPTER = Adapter(Settings, connect)
