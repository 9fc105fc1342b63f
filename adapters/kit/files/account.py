"""An account at a server of files, as the settings of a connection name it."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters.kit.files.ftps import Ftps
from adapters.kit.files.sftp import Sftp
from adapters.kit.http import Transport


class Account(BaseModel):
    """Settings and secrets by which a server of files is reached."""

    model_config = ConfigDict(extra="forbid")

    by: Literal["sftp", "ftps"] = Field("sftp", description="how files travel")
    host: str = Field(min_length=1, description="the server's name")
    port: int | None = Field(None, ge=1, le=65535, description="its port, where not the usual one")
    user: str = Field(min_length=1, description="the account's name")
    host_keys: tuple[str, ...] = Field((), description="SFTP: fingerprints of the server, SHA256:…")
    done: str = Field("done", description="the folder to which files are moved that were read")
    still_s: float = Field(10, ge=0, le=3600, description="seconds a file stands still until whole")
    password: SecretStr | None = Field(None, description="the account's password")
    private_key: SecretStr | None = Field(None, description="SFTP: a key in its place, unencrypted")

    @model_validator(mode="after")
    def _can_be_proved(self) -> Self:
        if self.by == "sftp" and not self.host_keys:
            raise ValueError("host_keys are expected: by them the server is known")
        if self.password is None and (self.private_key is None or self.by == "ftps"):
            raise ValueError("a password is expected, or for SFTP a private_key")
        return self

    def way(self, transport: Transport) -> Sftp | Ftps:
        """How the server is reached."""
        password = self.password.get_secret_value() if self.password else ""
        if self.by == "ftps":
            return Ftps(self.host, self.user, password, port=self.port or 21, transport=transport)
        return Sftp(
            self.host,
            self.user,
            host_keys=self.host_keys,
            password=password or None,
            private_key=self.private_key.get_secret_value() if self.private_key else None,
            port=self.port or 22,
            transport=transport,
        )
