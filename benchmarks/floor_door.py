"""The bare floor of intake: a WSGI function that verifies, stores and answers, on the hub's server.

python -m benchmarks.floor_door DATABASE_URL PORT
"""

import base64
import hmac
import re
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks import floor
from benchmarks.stage import SECRETS
from hub.gateway.server import serve
from hub.settings.values import Bind

SECRET = SECRETS["SHOP_SECRET"].encode()
ORDER = re.compile(rb"gid://shopify/Order/([0-9]+)")
PROCESSES = 2


def make_app(url: str) -> Callable[..., Iterable[bytes]]:
    """The app of one process: a session for each of its threads."""
    own = threading.local()

    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        signed = base64.b64encode(hmac.digest(SECRET, raw, "sha256")).decode()
        if not hmac.compare_digest(signed, environ["HTTP_X_SHOPIFY_HMAC_SHA256"]):
            start("401 Unauthorized", [("Content-Length", "0")])
            return []
        if not hasattr(own, "db"):
            own.db = floor.connect(url)
        named = ORDER.search(raw)
        key = named[1].decode() if named else ""
        topic, delivery = environ["HTTP_X_SHOPIFY_TOPIC"], environ["HTTP_X_SHOPIFY_WEBHOOK_ID"]
        with own.db.transaction():
            floor.keep(own.db, topic, delivery, key, raw)
        start("200 OK", [("Content-Length", "15"), ("Content-Type", "application/json")])
        return [b'{"stored":true}']

    return app


def main(url: str, port: int) -> None:
    serve.serve(lambda: make_app(url), Bind("127.0.0.1", port), workers=PROCESSES)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
