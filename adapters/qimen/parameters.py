"""Whether signed parameters can mean one thing only.

The TOP signature runs names, values and body together without anything between them: who holds one
signed call could cut the same text in other places. So every parameter must be what the protocol
has there, and none may begin, continue or swallow another.
"""

import re
from collections.abc import Mapping

from hub.model.errors import BadData, NotAuthentic
from mappings.qimen import check_topic, topic_of

_REQUIRED: dict[str, re.Pattern[str]] = {
    "app_key": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    "customerId": re.compile(r"[^<>{}\[\]]{1,200}"),
    "format": re.compile(r"xml|json", re.IGNORECASE),
    "method": re.compile(r"[A-Za-z0-9_]{1,40}(\.[A-Za-z0-9_]{1,40}){1,5}"),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII),
    "v": re.compile(r"\d{1,2}(\.\d{1,3}){0,2}", re.ASCII),
}
_SHORT = frozenset({"v", "t"})
_LONG = frozenset(
    {
        *(_REQUIRED.keys() - _SHORT),
        *("sign_method", "version", "partner_id", "session", "target_app_key", "openApiSign"),
    }
)
_KNOWN = _LONG | _SHORT | {"sign"}
_FURTHER = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,63}")
"""The name of a parameter that the protocol does not list: callers may add some, and sign them."""
_WORDS = ("app_key", "method")
"""Values that hold no other parameter's name."""
_RUN_TOGETHER = re.compile(r"[vt]\d", re.ASCII)


def one_meaning(params: Mapping[str, str], body: bytes, method: str) -> None:
    """NotAuthentic where parameters and body could be another call's, cut elsewhere; or where
    another method of signing is named than the one that is set.
    """
    if params.get("sign_method") != method:
        raise NotAuthentic("other_sign_method")
    right = all(form.fullmatch(params.get(name, "")) for name, form in _REQUIRED.items())
    further = [name for name in params if name not in _KNOWN]
    if not right or _swallows(params, body) or any(_is_cut(name, params) for name in further):
        raise NotAuthentic("odd_parameters")
    if any(word in params[name] for name in _WORDS for word in _LONG):
        raise NotAuthentic("odd_parameters")
    if further and not _is_called(topic_of(params["method"])):
        raise NotAuthentic("odd_parameters")  # the rest of a method's name would be one of them


def _swallows(params: Mapping[str, str], body: bytes) -> bool:
    """Whether a parameter could hold the body's beginning, or the body a parameter."""
    signed = sorted(name for name, value in params.items() if value and name != "sign")
    odd = any("<" in value or not value.isprintable() for value in params.values())
    return odd or any(mark in params[signed[-1]] for mark in "{[") or body[:1].isalnum()


def _is_cut(name: str, params: Mapping[str, str]) -> bool:
    """Whether a further parameter could be a part of one that the protocol lists, or hold one."""
    part = any(one.startswith(name) or one in name + params[name] for one in _LONG)
    return part or not _FURTHER.fullmatch(name) or bool(_RUN_TOGETHER.match(name))


def _is_called(topic: str) -> bool:
    try:
        check_topic(topic)
    except BadData:
        return False
    return True
