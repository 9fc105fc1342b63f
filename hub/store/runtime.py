"""What a process needs of the store, opened once from the settings and passed in."""

import hashlib
from dataclasses import dataclass
from typing import Self

from hub.settings import Settings, data_keys
from hub.store.database import Database
from hub.store.directory import Directory, DirectoryCache
from hub.store.shelf import Shelf
from hub.store.vault import DataKey, Vault


@dataclass(frozen=True, slots=True)
class Store:
    """`database` sees every merchant and is for workers and intake; `doors` sees none until a
    scope is set.
    """

    database: Database
    doors: Database
    vault: Vault
    directories: DirectoryCache
    settings: Settings

    @classmethod
    def open(cls, settings: Settings, url: str, *, name: str, pool: int = 8) -> Self:
        """`url` is the server's, or that of the embedded one."""
        return cls(
            database=Database(url, pool=pool, name=name),
            doors=Database(url, pool=pool, name=name, reach=""),
            vault=Vault(vault_keys(settings), Shelf(settings.archive_folder)),
            directories=DirectoryCache(),
            settings=settings,
        )

    def directory(self) -> Directory:
        """The newest snapshot of who there is."""
        with self.database.begin() as db:
            return self.directories.read(db)

    def close(self) -> None:
        """Close all sessions."""
        self.database.dispose()
        self.doors.dispose()


def vault_keys(settings: Settings) -> list[DataKey]:
    """The data keys as the vault takes them: a fixed-length id of each."""
    return [
        DataKey(hashlib.sha256(key.id.encode()).digest()[:4], key.secret)
        for key in data_keys(settings)
    ]
