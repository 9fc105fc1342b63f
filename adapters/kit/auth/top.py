"""TOP's signature over query and body, for Taobao and those who sign like it (Qimen, Jushuitan)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from requests import PreparedRequest
from requests.auth import AuthBase

from adapters.kit.signature import top_sign

_CHINA = ZoneInfo("Asia/Shanghai")


class Top(AuthBase):
    """Adds the app's key, the time in China and the signature to the query."""

    def __init__(
        self,
        app_key: str,
        secret: str,
        clock: Callable[[], datetime],
        *,
        method: str = "md5",
        constants: Mapping[str, str] | None = None,
    ) -> None:
        """`constants`: what goes with every call, say `{"v": "2.0", "format": "json"}`."""
        self.secrets = (secret,)
        self._key, self._secret, self._clock = app_key, secret, clock
        self._method, self._constants = method, constants or {}

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request. A form's fields are signed like those of the query, a body as it is."""
        body = request.body or b""
        raw = body if isinstance(body, bytes) else str(body).encode()
        asked = dict(parse_qsl(urlsplit(str(request.url)).query, keep_blank_values=True))
        params = {
            **self._constants,
            **asked,
            "app_key": self._key,
            "sign_method": self._method,
            "timestamp": self._clock().astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S"),
        }
        is_form = "form" in str(request.headers.get("Content-Type", ""))
        form = dict(parse_qsl(raw.decode(), keep_blank_values=True)) if is_form else {}
        signed = b"" if is_form else raw
        params["sign"] = top_sign(self._secret, {**params, **form}, signed, self._method)
        address = str(request.url).partition("?")[0]
        request.prepare_url(f"{address}?{urlencode(params)}", None)
        return request
