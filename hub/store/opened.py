"""What a process needs of the store, opened once from the settings and passed in."""

import hashlib
from dataclasses import dataclass
from typing import Self

from hub.settings import Settings, data_keys
from hub.store.base import audit_marks
from hub.store.base.archive_files import Shelf
from hub.store.base.database import Database
from hub.store.base.sealing import DataKey, Vault
from hub.store.config.snapshot import Directory, DirectoryCache


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
    audit_keys: audit_marks.Keys

    @classmethod
    def open(cls, settings: Settings, url: str, *, name: str, pool: int = 8) -> Self:
        """`url` is the server's, or that of the embedded one."""
        keys = audit_keys(settings)
        options = audit_marks.options(keys)
        return cls(
            database=Database(url, pool=pool, name=name, options=options),
            doors=Database(url, pool=pool, name=name, reach="", options=options),
            vault=Vault(vault_keys(settings), Shelf(settings.archive_folder)),
            directories=DirectoryCache(),
            settings=settings,
            audit_keys=keys,
        )

    def directory(self) -> Directory:
        """The newest snapshot of who there is."""
        with self.database.begin() as db:
            return self.directories.read(db)

    def close(self) -> None:
        """Close all sessions."""
        self.database.dispose()
        self.doors.dispose()


def vault(settings: Settings) -> Vault:
    """What seals and opens, without the archive's files."""
    return Vault(vault_keys(settings))


def audit_keys(settings: Settings) -> audit_marks.Keys:
    """What marks the entries of the audit: follows from the data keys, and is in no database."""
    return audit_marks.Keys(
        tuple(
            (key.id, hashlib.sha256(b"orderhub audit" + key.secret).digest())
            for key in vault_keys(settings)
        )
    )


def vault_keys(settings: Settings) -> list[DataKey]:
    """The data keys as the vault takes them: a fixed-length id of each."""
    return [
        DataKey(hashlib.sha256(key.id.encode()).digest()[:4], key.secret)
        for key in data_keys(settings)
    ]
