"""SFTP by paramiko: a pinned host key, a socket that keeps the network policy, bounded memory."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from stat import S_ISREG
from threading import Timer

import paramiko

from adapters.kit.files.place import CHUNK, Seen, fated
from adapters.kit.http.sockets import Forbidden, connected
from adapters.kit.http.transport import Transport
from hub.model.errors import BadData, NotAuthorised, Rejected, TryLater

logging.getLogger("paramiko").disabled = True  # its warnings show what partners say

_PIECE = 32 * 1024
_LONGEST_S = 15 * 60.0
"""A visit that takes longer is cut off, whatever still trickles in."""


class Sftp:
    """One account on one server."""

    def __init__(
        self,
        host: str,
        user: str,
        *,
        host_keys: Sequence[str],
        password: str | None = None,
        private_key: str | None = None,
        port: int = 22,
        transport: Transport | None = None,
    ) -> None:
        """`host_keys`: fingerprints of the server, `SHA256:…`; several while one replaces the
        other. `private_key` is the text of an unencrypted one.
        """
        self._host, self._port, self._user = host, port, user
        self._host_keys, self._password = frozenset(host_keys), password
        self._key = _key(private_key) if private_key else None
        self._transport = transport or Transport()

    @contextmanager
    def opened(self) -> Iterator["_Sftp"]:
        """The place, open until the block ends."""
        if self._transport.closed is not None:
            raise TryLater(self._transport.closed)
        with fated(self._host):
            line = self._connected()
        guard = Timer(_LONGEST_S, line.close)
        guard.daemon = True
        guard.start()
        try:
            with fated(self._host):
                place = self._logged_in(line)
            yield place
        finally:
            guard.cancel()
            line.close()

    def _connected(self) -> paramiko.Transport:
        limits = self._transport
        try:
            sock = connected(self._host, self._port, limits.policy, limits.connect_s)
        except Forbidden:
            message = f"{self._host} lies in a network that is not allowed"
            raise Rejected(message, code="network_forbidden") from None
        line = paramiko.Transport(sock)
        line.banner_timeout = line.handshake_timeout = line.auth_timeout = limits.timeout_s
        return line

    def _logged_in(self, line: paramiko.Transport) -> "_Sftp":
        line.start_client(timeout=self._transport.timeout_s)
        shown = line.get_remote_server_key().fingerprint
        if shown not in self._host_keys:
            raise NotAuthorised(f"{self._host} shows the key {shown}, which is not the known one")
        if self._key is not None:
            line.auth_publickey(self._user, self._key)
        else:
            line.auth_password(self._user, self._password or "", fallback=False)
        client = paramiko.SFTPClient.from_transport(line)
        if client is None:
            raise TryLater(f"{self._host} opens no SFTP")
        client.get_channel().settimeout(self._transport.timeout_s)  # type: ignore[union-attr]
        return _Sftp(client)


class _Sftp:
    """An open account."""

    def __init__(self, client: paramiko.SFTPClient) -> None:
        self._client = client

    def list(self, folder: str) -> Iterable[Seen]:
        """The plain files of a folder, asked for bit by bit."""
        for stat in self._client.listdir_iter(folder):
            if stat.st_mode is None or S_ISREG(stat.st_mode):
                yield Seen(stat.filename, stat.st_size or 0, stat.st_mtime)

    def read(self, path: str) -> Iterator[bytes]:
        """A file, piece by piece, as long as it is when this begins."""
        with self._client.open(path, "rb") as file:
            size = file.stat().st_size or 0
            for start in range(0, size, CHUNK):
                end = min(start + CHUNK, size)
                yield from file.readv(
                    [(at, min(_PIECE, end - at)) for at in range(start, end, _PIECE)]
                )

    def write(self, path: str, parts: Iterable[bytes]) -> None:
        """Write a file; the server says that it has all of it when this returns."""
        size = 0
        with self._client.open(path, "wb") as file:
            file.set_pipelined(True)
            for part in parts:
                file.write(part)
                size += len(part)
        if self._client.stat(path).st_size != size:
            raise OSError("the server did not keep all of it")

    def rename(self, old: str, new: str) -> None:
        """Give a file another path; the protocol's own rename fails where there is one."""
        self._client.rename(old, new)

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._client.remove(path)


def _key(text: str) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(StringIO(text))
        except (paramiko.SSHException, ValueError):
            continue
    raise BadData("a private key in OpenSSH or PEM form is expected", path="private_key")
