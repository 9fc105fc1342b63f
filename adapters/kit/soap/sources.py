"""Where zeep gets WSDLs and schemas from: the session, the WSDL's own folder, or what is kept."""

import hashlib
import os
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from requests import Response
from zeep.transports import Transport as ZeepTransport

from adapters.kit.session import Session
from hub.model.errors import TryLater

_DAY_S = 24 * 3600.0
_HERE: dict[str, Path] = {
    "http://schemas.xmlsoap.org/soap/encoding/": Path(__file__).with_name("encoding.xsd"),
}
"""Schemas of the protocol itself, which WSDLs import from where they were once published."""


class Kept:
    """Documents that partners gave, in a folder of this machine. One older than a day is fetched
    anew; where that does not work it serves on.
    """

    def __init__(self, folder: Path, fresh_s: float = _DAY_S) -> None:
        self._folder, self._fresh_s = folder, fresh_s

    def fresh(self, url: str) -> bytes | None:
        """A document that need not be fetched."""
        path = self._path(url)
        try:
            return path.read_bytes() if time.time() - path.stat().st_mtime < self._fresh_s else None
        except OSError:
            return None

    def stale(self, url: str) -> bytes | None:
        """A document however old it is."""
        try:
            return self._path(url).read_bytes()
        except OSError:
            return None

    def keep(self, url: str, raw: bytes) -> None:
        """Keep a document; other processes see it whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
            file.write(raw)
        os.replace(file.name, self._path(url))  # noqa: PTH105  # the name of a temporary file

    def _path(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()[:40]}.xml"


class Over(ZeepTransport):  # type: ignore[misc]  # zeep has no types
    """zeep's way to the world."""

    def __init__(self, session: Session, wsdl: str, kept: Kept | None) -> None:
        # not the parent's: that one changes the session's headers and opens it to local files
        self.session, self._kept, self._close_session = session, kept, False
        self._remote = urlsplit(wsdl).scheme in {"http", "https"}
        self._folder = None if self._remote else Path(wsdl).resolve().parent
        self.posted = False

    def load(self, url: str) -> bytes:
        """A WSDL or schema."""
        if url in _HERE:
            return _HERE[url].read_bytes()
        if urlsplit(url).scheme in {"http", "https"}:
            return self._fetched(url)
        path = Path(url.removeprefix("file://")).resolve()
        if self._folder is None or not path.is_relative_to(self._folder):
            raise ValueError("a document outside of the WSDL's place is not read")
        return path.read_bytes()

    def get(self, address: str, params: Any, headers: Any) -> Response:
        """An operation bound to GET."""
        self.posted = True
        return self.session.get(address, params=params, headers=headers)

    def post(self, address: str, message: Any, headers: Any) -> Response:
        """An operation."""
        self.posted = True
        return self.session.post(address, data=message, headers=headers)

    def _fetched(self, url: str) -> bytes:
        kept = self._kept
        held = kept.fresh(url) if kept else None
        if held is not None:
            return held
        try:
            raw = self.session.get(url).content
        except TryLater:
            held = kept.stale(url) if kept else None
            if held is None:
                raise
            return held
        if kept:
            kept.keep(url, raw)
        return bytes(raw)
