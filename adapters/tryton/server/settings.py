"""Where a Tryton is, and as whom it is spoken to."""

from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from adapters.kit.http import Transport
from adapters.kit.settings import OutwardSecret
from adapters.tryton.server.rpc import Rpc


class Server(BaseModel):
    """`database` is part of the path."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_url: HttpUrl = Field(description="Address of the server, without the database")
    database: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_.-]+$")
    user: str = Field(min_length=1)
    password: OutwardSecret
    company: str = Field("", description="Name of the company; empty: the user's own")
    warehouse: str = Field("WH", description="Code of the warehouse that sales ship from")
    allowed_warnings: tuple[str, ...] = Field(
        (), description="Questions of Tryton that are answered with yes"
    )

    def session(self, transport: Transport) -> Rpc:
        """One session, from the first call on."""
        credentials = (self.user, self.password.get_secret_value())
        url = str(self.api_url).rstrip("/")
        return Rpc(url, self.database, credentials, self.allowed_warnings, transport)
