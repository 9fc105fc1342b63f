"""An SFTP server on a loopback socket over a folder, for adapters that talk in files.

It is paramiko's, with a server that may be told to break off or to stall.
"""

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_PERMISSION_DENIED

Hook = Callable[[str, str], None]
"""Called before an operation (`open`, `rename`, …) with its path: may raise, or take its time."""


class SftpServer:
    """Serves `root` to `user` with `password`, or with `key`."""

    def __init__(
        self,
        root: Path,
        user: str = "partner",
        password: str = "open sesame",  # noqa: S107  # of a test
        key: paramiko.PKey | None = None,
    ) -> None:
        self.root, self.user, self.password, self.key = root, user, password, key
        self.host_key = paramiko.ECDSAKey.generate()
        self.before: Hook = lambda _operation, _path: None
        self.visits = 0
        self._lines: list[paramiko.Transport] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    @property
    def fingerprint(self) -> str:
        """Of the host key."""
        return str(self.host_key.fingerprint)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Break every connection that is open."""
        for line in self._lines:
            line.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            line = paramiko.Transport(plain)
            line.add_server_key(self.host_key)
            line.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, told=self)
            self._lines.append(line)
            try:
                line.start_server(server=_Door(self))
            except (paramiko.SSHException, EOFError, OSError):
                continue


class _Door(paramiko.ServerInterface):
    def __init__(self, told: SftpServer) -> None:
        self._told = told

    def check_auth_password(self, username: str, password: str) -> int:
        return _judged((username, password) == (self._told.user, self._told.password))

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return _judged(username == self._told.user and key == self._told.key)

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002  # of the interface
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        self._told.visits += 1
        return OPEN_SUCCEEDED


def _judged(good: bool) -> int:  # noqa: FBT001  # a verdict
    return AUTH_SUCCESSFUL if good else AUTH_FAILED


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, told: SftpServer) -> None:
        super().__init__(server)
        self._told = told

    def _at(self, operation: str, path: str) -> Path:
        self._told.before(operation, path)
        return self._told.root / path.lstrip("/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        try:
            found = sorted(self._at("list", path).iterdir())
            return [paramiko.SFTPAttributes.from_stat(one.lstat(), one.name) for one in found]
        except OSError as error:
            return _code(error)

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at("stat", path).stat())
        except OSError as error:
            return _code(error)

    lstat = stat

    def open(
        self,
        path: str,
        flags: int,
        attr: paramiko.SFTPAttributes,  # noqa: ARG002  # of the interface
    ) -> paramiko.SFTPHandle | int:
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
        try:
            at = self._at("write" if writes else "read", path)
            file = os.fdopen(os.open(at, flags, 0o600), "r+b" if writes else "rb")
        except OSError as error:
            return _code(error)
        handle = _Open(flags)
        handle.readfile = handle.writefile = file  # type: ignore[attr-defined]
        return handle

    def rename(self, oldpath: str, newpath: str) -> int:
        try:
            old, new = self._at("rename", oldpath), self._told.root / newpath.lstrip("/")
            if new.exists():
                return SFTP_FAILURE
            old.rename(new)
        except OSError as error:
            return _code(error)
        return SFTP_OK

    def remove(self, path: str) -> int:
        try:
            self._at("remove", path).unlink()
        except OSError as error:
            return _code(error)
        return SFTP_OK


class _Open(paramiko.SFTPHandle):
    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))  # type: ignore[attr-defined]


def _code(error: OSError) -> int:
    if isinstance(error, PermissionError):
        return SFTP_PERMISSION_DENIED
    return int(paramiko.SFTPServer.convert_errno(error.errno or 0))
