"""A `requests.Session` for one connection: what an adapter's author begins with.

Below it lies the kit's own wire: network policy, one budget for the whole call, pooled connections,
the tap, bounded answers, no redirects, no proxies, no cookies. Every failure is a fate. Whatever is
built on requests may be used over it (zeep, Authlib, a partner's SDK), and `responses` mocks it.

Measured on loopback, a call costs 0.6 to 0.7 ms of processor time, one by `Http` 0.3 ms: Shopify
and Qimen, told most, keep to that.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict

from adapters.kit.http.answers import Read, read_answer
from adapters.kit.http.budget import within
from adapters.kit.http.client import credentials, forbidden, longest_first, target_of, written
from adapters.kit.http.fates import Fates, fate_of
from adapters.kit.http.line import is_write
from adapters.kit.http.meaning import meaning, meant
from adapters.kit.http.transport import Transport
from adapters.kit.http.wire import Wire, origin, reply_of
from adapters.kit.http.wire_tap import scrub_all
from adapters.kit.repeats import again_while_time_is_left


class Session(requests.Session):
    """Calls below one base URL. Safe to use from several threads."""

    def __init__(
        self,
        base_url: str,
        transport: Transport | None = None,
        *,
        auth: AuthBase | None = None,
        headers: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        fates: Fates | None = None,
        own: Collection[int] = (),
        also: Sequence[str] = (),
    ) -> None:
        """`secrets` never appear in errors or the tap; nor do those of `auth` and of credential
        headers. `own`: statuses that are answers, not failures; an SDK that reads them all is
        given `range(100, 600)`. `also`: other URLs whose hosts may be called.
        """
        super().__init__()
        self._transport = transport or Transport()
        self._fates, self._own, self._secrets = fates or {}, own, tuple(secrets)
        self._base = urlsplit(base_url)
        refusals = (self._transport.policy.refusal(url) for url in (base_url, *also))
        self._refusal = next(filter(None, refusals), None)
        self.trust_env, self.auth = False, auth
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self.headers = CaseInsensitiveDict(
            {"User-Agent": "orderhub", "Accept": "*/*", **(headers or {})}
        )
        origins = frozenset() if self._refusal else frozenset(map(origin, (base_url, *also)))
        self._wire = Wire(self._transport, origins, self._known)
        self.adapters = {"https://": self._wire, "http://": self._wire}

    def __repr__(self) -> str:
        return (
            "Session()" if self._refusal else f"Session({self._base.scheme}://{self._base.netloc})"
        )

    def mount(self, prefix: str | bytes, adapter: Any) -> None:
        """Nothing: another way out would pass by the network policy."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: a redirect is never followed."""

    def scrub(self, words: Any, *more: str) -> Any:
        """What a partner said, a text or a tree, without our secrets and `more` of them."""
        return scrub_all(words, longest_first({*self._known(), *more}))

    def request(
        self,
        method: str | bytes,
        url: str | bytes,
        *args: Any,
        write: bool | None = None,
        fates: Fates | None = None,
        own: Collection[int] | None = None,
        **request: Any,
    ) -> requests.Response:
        """A good answer; everything else is raised as a fate. `url` is a path below the base URL,
        or a whole one. `write` says whether the call changes something at the partner; by default
        all but GET and HEAD does.
        """
        if self._refusal:
            raise forbidden(self._refusal)
        whole = url.decode() if isinstance(url, bytes) else url
        if "://" not in whole:
            whole = f"{self._base.scheme}://{self._base.netloc}{target_of(self._base, whole, None)}"
        with within(self._transport.timeout_s), meant(write=write, fates=fates, own=own):
            return super().request(method, whole, *args, **request)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send what was prepared: where SDKs begin, and where every request passes."""
        if self._refusal:
            raise forbidden(self._refusal)
        if not (request.body is None or isinstance(request.body, (bytes, str))):
            _gather(request)
        write = is_write(str(request.method), write=meaning().write)
        ask = partial(self._ask, request, {**options, "allow_redirects": False}, write=write)
        with within(_seconds(options.get("timeout"), self._transport.timeout_s)):
            return ask() if write else again_while_time_is_left(ask)

    def call(
        self,
        method: str,
        path: str = "",
        *,
        read: Read = "json",
        body: Mapping[str, Any] | Sequence[Any] | bytes | None = None,
        query: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        **meaning: Any,
    ) -> Any:
        """Call and read the answer strictly, numbers as they are written; None where it is a 204.
        `key` goes as `Idempotency-Key`. Further arguments: see `request`.
        """
        sent = dict(headers or {})
        if body is not None:
            usual = "application/octet-stream" if isinstance(body, bytes) else "application/json"
            sent.setdefault("Content-Type", content_type or usual)
        if key is not None:
            sent["Idempotency-Key"] = key
        url = f"{self._base.scheme}://{self._base.netloc}{target_of(self._base, path, query)}"
        raw = None if body is None else written(body)
        response = self.request(method, url, data=raw, headers=sent, **meaning)
        write = is_write(method, write=meaning.get("write"))
        return read_answer(method, reply_of(response), read, write=write)

    def _ask(
        self, request: requests.PreparedRequest, options: dict[str, Any], *, write: bool
    ) -> requests.Response:
        response = super().send(request, **options)
        status, said = response.status_code, meaning()
        own = self._own if said.own is None else said.own
        if 200 <= status < 300 or status in own:
            return response
        fates = {**self._fates, **(said.fates or {})}
        masked = self._wire.masked(response.request)
        raise fate_of(str(request.method), reply_of(response), fates, masked, write=write)

    def _known(self) -> set[str]:
        """Every secret that may turn up in what this session says and hears."""
        held = credentials({name: str(value) for name, value in self.headers.items()})
        return {*self._secrets, *getattr(self.auth, "secrets", ()), *held}


def _seconds(asked: Any, most: float) -> float:
    """The time-out that a library asks for, as the budget of the whole call."""
    read = asked[-1] if isinstance(asked, tuple) else asked
    return min(float(read), most) if isinstance(read, (int, float)) else most


def _gather(request: requests.PreparedRequest) -> None:
    """A streamed body in one piece: it may have to be sent once more under a new token."""
    body: Any = request.body
    request.body = body.read() if hasattr(body, "read") else b"".join(body)
    request.headers.pop("Transfer-Encoding", None)
    request.prepare_content_length(request.body)
