"""FTP over TLS (RFC 4217) by ftplib: certificate verified, data encrypted, policy kept."""

import errno
import ftplib
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from adapters.kit.files.place import CHUNK, Seen, fated
from adapters.kit.http.sockets import Forbidden, connected
from adapters.kit.http.transport import Transport
from hub.model.errors import NotAuthorised, Rejected, TryLater

_ERRNOS = {"501": errno.ENOENT, "530": errno.EACCES, "550": errno.ENOENT, "553": errno.EACCES}


class Ftps:
    """One account on one server, by explicit TLS."""

    def __init__(
        self,
        host: str,
        user: str,
        password: str,
        *,
        port: int = 21,
        transport: Transport | None = None,
    ) -> None:
        self._host, self._port, self._login = host, port, (user, password)
        self._transport = transport or Transport()

    @contextmanager
    def opened(self) -> Iterator["_Ftps"]:
        """The place, open until the block ends."""
        if self._transport.closed is not None:
            raise TryLater(self._transport.closed)
        with fated(self._host), _answered():
            client = self._connected()
        try:
            with fated(self._host), _answered():
                client.login(*self._login)
                client.prot_p()
            yield _Ftps(client)
        finally:
            client.close()

    def _connected(self) -> "_Client":
        limits = self._transport
        try:
            sock = connected(self._host, self._port, limits.policy, limits.connect_s)
        except Forbidden:
            message = f"{self._host} lies in a network that is not allowed"
            raise Rejected(message, code="network_forbidden") from None
        sock.settimeout(limits.timeout_s)
        client = _Client(context=_context(limits.ca_file), timeout=limits.timeout_s)
        client.greet(sock, self._host)
        try:
            client.auth()
        except ssl.SSLCertVerificationError as error:
            raise NotAuthorised(f"certificate of {self._host}: {error.verify_message}") from None
        return client


class _Client(ftplib.FTP_TLS):
    """On a socket that is connected already; data flows in the session of the control line, which
    most servers ask for, and to the same address.
    """

    def greet(self, sock: socket.socket, host: str) -> None:
        """Read the welcome."""
        self.sock, self.host, self.af = sock, host, sock.family
        self.file = sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def ntransfercmd(self, cmd: str, rest: Any = None) -> tuple[socket.socket, int | None]:
        """A data connection."""
        plain, size = super(ftplib.FTP_TLS, self).ntransfercmd(cmd, rest)
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        wrapped = self.context.wrap_socket(plain, server_hostname=self.host, session=session)
        return wrapped, size


class _Ftps:
    """An open account."""

    def __init__(self, client: ftplib.FTP_TLS) -> None:
        self._client = client

    def list(self, folder: str) -> Iterable[Seen]:
        """The plain files of a folder (RFC 3659, MLSD)."""
        with _answered():
            for name, facts in self._client.mlsd(folder, ["type", "size", "modify"]):
                if facts.get("type") == "file":
                    yield Seen(name, int(facts.get("size", 0)), _moment(facts.get("modify")))

    def read(self, path: str) -> Iterator[bytes]:
        """A file, piece by piece."""
        with _answered():
            self._client.voidcmd("TYPE I")
            try:
                with self._client.transfercmd(f"RETR {path}") as data:
                    while part := data.recv(CHUNK):
                        yield part
            except GeneratorExit:  # whoever reads has enough: the line must be free again
                with suppress(ftplib.Error, EOFError, OSError):
                    self._client.getresp()
                raise
            self._client.voidresp()

    def write(self, path: str, parts: Iterable[bytes]) -> None:
        """Write a file; the server says that it has it when this returns."""
        with _answered():
            self._client.voidcmd("TYPE I")
            with self._client.transfercmd(f"STOR {path}") as data:
                for part in parts:
                    data.sendall(part)
                if isinstance(data, ssl.SSLSocket):
                    data.unwrap()
            self._client.voidresp()

    def rename(self, old: str, new: str) -> None:
        """Give a file another path. Servers differ where there is one: it is asked for before."""
        with _answered():
            if self._is_there(new):
                raise FileExistsError(errno.EEXIST, "there is one")
            self._client.rename(old, new)

    def remove(self, path: str) -> None:
        """Remove a file."""
        with _answered():
            self._client.delete(path)

    def _is_there(self, path: str) -> bool:
        try:
            self._client.voidcmd("TYPE I")
            return self._client.size(path) is not None
        except ftplib.error_perm:
            return False


@contextmanager
def _answered() -> Iterator[None]:
    """The server's refusals as the errors of a file system."""
    try:
        yield
    except ftplib.error_perm as refused:
        raise OSError(_ERRNOS.get(str(refused)[:3], errno.EIO), "refused") from None
    except ftplib.error_temp:
        raise OSError(errno.EAGAIN, "not now") from None
    except ftplib.Error:
        raise ConnectionError("no FTP") from None


def _context(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _moment(text: str | None) -> float | None:
    """`YYYYMMDDHHMMSS` in UTC."""
    try:
        return datetime.strptime((text or "")[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
