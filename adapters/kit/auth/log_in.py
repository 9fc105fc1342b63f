"""A session that the partner opens by a log-in, for partners who know no token (Tryton, Odoo)."""

from collections.abc import Callable, Mapping
from threading import Lock

from requests import PreparedRequest
from requests.auth import AuthBase

from adapters.kit.auth.refused import once_more
from adapters.kit.http.meaning import meant
from adapters.kit.http.wire_tap import recording


class LoggedIn(AuthBase):
    """The headers of an open session. Logs in at the first request, and once more when refused."""

    def __init__(self, log_in: Callable[[], Mapping[str, str]], secrets: tuple[str, ...]) -> None:
        """`log_in` answers the headers of a fresh session, and raises a fate where it gets none."""
        self._log_in, self._own, self._lock = log_in, secrets, Lock()
        self._headers: Mapping[str, str] = {}

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password, and what stands for the session now."""
        return (*self._own, *self._headers.values())

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        request.headers.update(self._session(ended={}))
        once_more(request, self._renewed)
        return request

    def end(self) -> None:
        """Forget the session: where the partner says in other words than a 401 that it ended."""
        self._headers = {}

    def _renewed(self, request: PreparedRequest) -> bool:
        ended = {name: request.headers.get(name, "") for name in self._headers}
        request.headers.update(self._session(ended))
        return True

    def _session(self, ended: Mapping[str, str]) -> Mapping[str, str]:
        """An open session, another one than `ended`. One thread logs in for all."""
        with self._lock:
            if not self._headers or self._headers == ended:
                with recording(), meant(write=False, fates={}, own=()):
                    self._headers = dict(self._log_in())
            return self._headers
