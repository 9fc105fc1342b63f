"""One signed call to a warehouse, and its answer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from adapters.kit.http import Http, Transport
from adapters.kit.settings import revealed
from adapters.kit.signature import top_sign
from adapters.qimen.answers import Answered, read_answer
from adapters.qimen.door import stamp
from adapters.qimen.settings import Settings
from hub.model.errors import BadData, OutcomeUnknown, TryLater


class Caller:
    """Calls methods of one warehouse. `now` is the clock by which they are signed."""

    def __init__(
        self, settings: Settings, transport: Transport, clock: Callable[[], datetime]
    ) -> None:
        self._settings, self.now = settings, clock
        self._secrets = revealed(settings.app_secret)
        self._http = Http(settings.api_url, {}, transport, secrets=self._secrets)

    def tell(self, method: str, body: bytes) -> Answered:
        """Call a method that changes something."""
        return self._call(method, body, write=True)

    def ask(self, method: str, body: bytes) -> Answered:
        """Call a method that changes nothing."""
        return self._call(method, body, write=False)

    def known(self, method: str, body: bytes) -> Answered | None:
        """What is answered to a question; None where the warehouse does not know what it is about.
        Any other failure is raised as its fate.
        """
        answer = self.ask(method, body)
        if answer.ok:
            return answer
        if answer.meaning == "unknown":
            return None
        raise answer.fate(method, write=False)

    def _call(self, method: str, body: bytes, *, write: bool) -> Answered:
        settings = self._settings
        params = {
            "method": f"{settings.method_prefix}{method}",
            "timestamp": stamp(self.now()),
            "format": "xml",
            "app_key": settings.app_key,
            "v": settings.version,
            "sign_method": settings.sign_method,
            "customerId": settings.customer_id,
        }
        sign = top_sign(self._secrets[0], params, body, settings.sign_method)
        raw = self._http.call(
            "POST",
            body=body,
            query={**params, "sign": sign},
            content_type="text/xml; charset=utf-8",
            write=write,
            read="bytes",
        )
        try:
            said = read_answer(raw)
        except BadData as error:
            fate = OutcomeUnknown if write else TryLater
            raise fate(f"{method} answered what cannot be read: {error}") from None
        if said.ok:
            return said
        code, message = self._http.scrub([said.code, said.message])
        return replace(said, code=code, message=message)
