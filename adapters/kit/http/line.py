"""One target and the pool that talks to it: an exchange, and the fate of one that fails.

A request whose first byte may have been written and whose answer is missing has an unknown outcome
when it changes something, and may simply be repeated when it does not. One repeat is made here: a
read that meets a kept connection which the partner has just closed goes once more, on a fresh one.
"""

import ssl
import zlib
from collections.abc import Mapping
from http.client import HTTPException

from urllib3.exceptions import HTTPError

from adapters.kit.http.budget import ends
from adapters.kit.http.exchange import Reply, converse
from adapters.kit.http.sockets import Connection, Forbidden, Pool, Target
from adapters.kit.http.transport import Transport
from adapters.kit.http.why import why
from hub.model.errors import NotAuthorised, OutcomeUnknown, Rejected, TryLater

_PORTS = {"http": 80, "https": 443}
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_write(method: str, *, write: bool | None = None) -> bool:
    """Whether a call changes something at the partner; `write` is the caller's own word on it."""
    return method not in _READS if write is None else write


def lost(message: str, *, write: bool) -> Exception:
    """The fate of a request that may have arrived and whose answer is missing or unreadable."""
    return OutcomeUnknown(message) if write else TryLater(message)


class _Closed(Exception):
    """A kept connection was closed by the partner when a read began."""


class Line:
    """The way to one scheme, host and port. Safe to use from several threads."""

    def __init__(self, scheme: str, host: str, port: int | None, transport: Transport) -> None:
        self._host, self._timeout_s = host, transport.timeout_s
        target = Target(
            scheme,
            host,
            port or _PORTS[scheme],
            transport.policy,
            transport.connect_s,
            transport.ca_file,
        )
        self._pool = Pool(target, transport.concurrency)

    def exchange(
        self, method: str, target: str, raw: bytes, headers: Mapping[str, str], *, write: bool
    ) -> Reply:
        """The reply, whatever its status. A fate where there is none."""
        deadline = ends(self._timeout_s)
        connection = self._connect(deadline)
        try:
            return self._converse(connection, method, target, raw, headers, write=write)
        except _Closed:  # just when it was used again: to read once more is safe
            fresh = self._connect(deadline, fresh=True)
            return self._converse(fresh, method, target, raw, headers, write=write)

    def close(self) -> None:
        """Close what is idle."""
        self._pool.close()

    def _converse(
        self,
        connection: Connection,
        method: str,
        target: str,
        raw: bytes,
        headers: Mapping[str, str],
        *,
        write: bool,
    ) -> Reply:
        whole = False
        try:
            reply, whole = converse(connection, method, target, raw, headers)
        except ConnectionError as error:
            if connection.was_idle and not write:
                raise _Closed from None
            raise lost(f"the connection broke: {why(error)}", write=write) from None
        except TimeoutError:
            raise lost(f"no answer within {self._timeout_s:g} s", write=write) from None
        except (OSError, HTTPException, zlib.error) as error:
            raise lost(f"the connection broke: {why(error)}", write=write) from None
        finally:
            if not whole:
                connection.close()
        self._pool.give_back(connection, reply.headers.get("keep-alive"))
        return reply

    def _connect(self, deadline: float, *, fresh: bool = False) -> Connection:
        try:
            return self._pool.take(deadline, fresh=fresh)
        except Forbidden:
            message = f"{self._host} lies in a network that is not allowed"
            raise Rejected(message, code="network_forbidden") from None
        except ssl.SSLCertVerificationError as error:
            raise NotAuthorised(f"certificate of {self._host}: {error.verify_message}") from None
        except (OSError, HTTPException, HTTPError) as error:
            raise TryLater(f"no connection to {self._host}: {why(error)}") from None
