"""Whom the warehouse lets in: the envelope of a call, checked before its body is read."""

import hmac
from datetime import UTC, datetime, timedelta

from sandbox.http import Request
from sandbox.qimen.methods import Failure
from sandbox.qimen.schema import faults
from sandbox.qimen.shelves import METHODS
from sandbox.qimen.wire import Account, Tree, read, read_clock, sign

PREFIX = "taobao.qimen."
NEEDED = ("method", "timestamp", "format", "app_key", "v", "sign", "sign_method", "customerId")
SIGN_METHODS = {"md5", "hmac", "hmac-sha256"}
TOLERANCE = timedelta(minutes=10)


def method_of(request: Request) -> str:
    return request.query.get("method", "unknown").removeprefix(PREFIX)


def checked(request: Request, account: Account) -> tuple[str, Tree]:
    """Method and body of an authentic, complete call; raises Failure or Garbled for any other."""
    params = parameters(request)
    made = sign(params, request.body, account.secret, params["sign_method"])
    if not hmac.compare_digest(made.encode(), params["sign"].upper().encode()):
        raise Failure("sign-check-failure", "Illegal request: the signature does not match")
    if not timely(params["timestamp"]):
        raise Failure("isv.invalid-timestamp", f"timestamp {params['timestamp']} is not now")
    if (params["app_key"], params["customerId"]) != (account.app_key, account.customer_id):
        raise Failure("TOP60", "no authorisation between customerId and app_key")
    method = method_of(request)
    if method not in METHODS:
        raise Failure("isv.invalid-method", f"{method} is not known here")
    if params["format"] != "xml":
        raise Failure("isv.invalid-parameter", "format must be xml")
    tree = read(request.body, "request")
    wrong = faults(method, tree)
    if wrong:
        raise Failure("isv.invalid-parameter", "; ".join(wrong[:5]))
    return method, tree


def parameters(request: Request) -> dict[str, str]:
    params = request.query
    if len(params) < len(request.pairs):
        raise Failure("isv.invalid-parameter", "a parameter stands twice in the query")
    for name in NEEDED:
        if not params.get(name):
            raise Failure("isv.missing-parameter", f"{name} is missing")
    if params["sign_method"] not in SIGN_METHODS:
        raise Failure("isv.invalid-parameter", "sign_method is not known")
    return params


def timely(text: str) -> bool:
    at = read_clock(text)
    return at is not None and abs(datetime.now(UTC) - at) <= TOLERANCE
