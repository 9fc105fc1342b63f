"""Who may call: the signed query of a Qimen call, checked over its raw values and the raw body."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, unquote_plus

from adapters.kit.signature import check_top_sign
from adapters.ports import Answer, Call
from adapters.qimen.parameters import one_meaning
from hub.model.errors import NotAuthentic

CHINA = timezone(timedelta(hours=8))
CLOCK = "%Y-%m-%d %H:%M:%S"
TOLERANCE = timedelta(minutes=10)
_MAX_QUERY, _MAX_PARAMETERS = 8192, 100


def authentic(
    call: Call, secrets: Iterable[str], customer_id: str, now: datetime, method: str = "md5"
) -> dict[str, str]:
    """The parameters of an authentic, fresh call for this customer, signed by the method that is
    set. NotAuthentic for any other.
    """
    if len(call.query) > _MAX_QUERY:
        raise NotAuthentic
    params = _signed(call, tuple(secrets), method)
    if params.get("customerId") != customer_id:
        raise NotAuthentic("other_customer")
    if abs(now - _time(params.get("timestamp", ""))) > TOLERANCE:
        raise NotAuthentic("stale_signature")
    return params


def is_call(query: str) -> bool:
    """Whether a query has what every call of this protocol has, right or wrong."""
    return all(f"&{name}=" in f"&{query}" for name in ("method", "sign", "customerId"))


def _signed(call: Call, secrets: tuple[str, ...], method: str) -> dict[str, str]:
    """The parameters, read in the way in which the caller signed them."""
    problem = NotAuthentic("missing_signature")
    for params in _readings(call.query):
        try:
            check_top_sign(secrets, params, call.body, method)
            one_meaning(params, call.body, method)
        except NotAuthentic as error:
            problem = error
        else:
            return params
    raise problem


def _readings(query: str) -> list[dict[str, str]]:
    """As the standard has it, then as callers read it that decode before they split."""
    try:
        standard = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        raise NotAuthentic("too_many_parameters") from None
    parts = [pair.split("=") for pair in unquote_plus(query).split("&")]
    loose = [(pair[0], pair[1]) for pair in parts if len(pair) == 2]
    readings = [_once(standard)]
    if dict(loose) != dict(standard):
        readings.append(_once(loose))
    return readings


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """A parameter that stands twice has no one meaning."""
    params = dict(pairs)
    if len(params) != len(pairs):
        raise NotAuthentic("repeated_parameter")
    return params


def _time(text: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), CLOCK).replace(tzinfo=CHINA)
    except ValueError:
        raise NotAuthentic("stale_signature") from None


def stamp(now: datetime) -> str:
    """A time as Qimen's query has it."""
    return now.astimezone(UTC).astimezone(CHINA).strftime(CLOCK)


_CODES = {"bad_signature": "sign-check-failure", "missing_signature": "sign-check-failure"}
"""Our code -> the code that Qimen callers know; others are told as they are."""
_ANSWER = (
    '<?xml version="1.0" encoding="utf-8"?><response><flag>{flag}</flag><code>{code}</code>'
    "<message>{message}</message></response>"
)


def answered(code: str | None, message: str) -> Answer:
    """`flag` success where the message is stored, else failure. The status is 200 either way."""
    flag = "success" if code is None else "failure"
    text = _ANSWER.format(
        flag=flag,
        code=_escaped("0" if code is None else _CODES.get(code, code)),
        message=_escaped(message),
    )
    return Answer(200, text.encode(), "text/xml; charset=utf-8")


def _escaped(text: str) -> str:
    safe = "".join(c if c >= " " and c not in "\ufffe\uffff" else " " for c in text)
    return safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
