"""The embedded PostgreSQL: started once under ORDERHUB_HOME, attached to by every later command.

It listens on one socket in a closed folder, asks for a generated password, and outlives a hub that
is killed; the next start finds it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from hub.embedded import files, server
from hub.embedded.files import Home
from hub.embedded.host import EmbeddedError
from hub.embedded.server import NAME

__all__ = ["Embedded", "EmbeddedError", "attach", "start"]


class Embedded:
    """The server of one home."""

    def __init__(self, home: Path) -> None:
        self.home = Home(home.absolute())
        self.url = (
            f"postgresql+psycopg://{NAME}:{self.home.password()}@/{NAME}"
            f"?host={quote(str(self.home.run))}&port=5432"
        )

    def __repr__(self) -> str:
        return f"Embedded({self.home.path})"

    def ensure_running(self) -> bool:
        """Start the server again if it died. True: it was, so pools must connect anew."""
        with _told_in_one_line(self.home):
            if server.listening(self.home):
                return False
            with files.locked(self.home):
                return server.start_if_dead(self.home)

    def stop(self) -> None:
        """End all sessions and stop the server, everything written. Stopped already is fine."""
        with _told_in_one_line(self.home), files.locked(self.home):
            server.stop(self.home)


def start(home: Path) -> Embedded:
    """Attach to the server of this home, or start it, making its database the first time."""
    place = Home(home.absolute())
    files.check_path(place)
    with _told_in_one_line(place):
        files.make_folder(place)
        with files.locked(place):
            server.start(place)
        return Embedded(home)


def attach(home: Path) -> str | None:
    """Return the URL of the server that runs under this home, or None."""
    place = Home(home.absolute())
    files.check_path(place)
    with _told_in_one_line(place):
        return Embedded(home).url if server.listening(place) else None


@contextmanager
def _told_in_one_line(home: Home) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise files.not_ours(error.filename or home.path) from error
    except OSError as error:
        where = error.filename or home.path
        raise EmbeddedError(
            server.disk_full(home) or f"{where}: {error.strerror or error}"
        ) from error
    except psycopg.Error as error:
        said = str(error).strip().rpartition("\n")[2]
        raise EmbeddedError(f"the PostgreSQL server in {home.data} refuses: {said}") from None
