"""A Qimen answer and what its code means. `flag` alone says whether it went well.

Dialects: gateway errors as `error_response`; JSON around the XML (`{"code": 200, "msg": "<xml>"}`);
`msg` for `message`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from hub.model.errors import BadData, NotAuthorised, OutcomeUnknown, Rejected, TryLater
from mappings.qimen.tree import Node, read_response

Meaning = Literal["busy", "unanswered", "unauthorised", "unknown", "exists", "invalid", "refused"]

_TABLE: tuple[tuple[Meaning, str], ...] = (
    ("unanswered", r"^isp\.\S*(timeout|time-out)|^15 .*isp\.\S*timeout"),
    ("busy", r"^7 |^isp\.|flow.?control|call.?limit|too many|frequen|繁忙|稍后|限流|频繁"),
    (
        "unauthorised",
        r"^(sign-check|invalid-sig|isv\.invalid-sig|25 |TOP60 )|授权|签名|illegal sign",
    ),
    ("unknown", r"not.?(exist|found|known)|不存在|未找到|找不到|no such"),
    ("invalid", r"^isv\.(invalid|missing)|^4[01] |缺少|必填|格式"),
    ("exists", r"(^|\W|already.?)(exists?|duplicated?)(\W|$)|已存在|已经存在|重复"),
)
MEANINGS = tuple((meaning, re.compile(text, re.IGNORECASE)) for meaning, text in _TABLE)
"""Read against "code message", the first that fits; whatever fits none was refused."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the warehouse said."""

    ok: bool
    code: str
    message: str
    tree: Node

    @property
    def meaning(self) -> Meaning:
        """What a failure means."""
        said = f"{self.code} {self.message}"
        return next((word for word, pattern in MEANINGS if pattern.search(said)), "refused")

    def fate(self, method: str, *, write: bool) -> Exception:
        """A failure as one of our fates."""
        said = f"{method} refused with code {self.code or 'none'}: {self.message[:300]}"
        if self.meaning == "busy":
            return TryLater(said)
        if self.meaning == "unanswered":
            return OutcomeUnknown(said) if write else TryLater(said)
        return NotAuthorised(said) if self.meaning == "unauthorised" else Rejected(said)


def read_answer(raw: bytes) -> Answered:
    """The answer. BadData where it is none: what the warehouse did is then unknown."""
    tree = read_response(raw)
    inner = tree.text("msg") or ""
    if inner.lstrip().startswith("<"):
        tree = read_response(inner.encode())
    if "errorResponse" in {tree.tag, *(child.tag for child in tree.children)}:
        return _gateway_error(tree)
    flag = (tree.text("flag") or "").lower()
    if flag not in {"success", "failure"}:
        raise BadData("flag is neither success nor failure", path="flag", code="missing_field")
    message = tree.first("message", "msg") or ""
    return Answered(flag == "success", tree.text("code") or "", message, tree)


def _gateway_error(tree: Node) -> Answered:
    error = tree if tree.tag == "errorResponse" else tree.child("errorResponse")
    said = " ".join(filter(None, (error.text("msg"), error.text("subMsg"))))
    code = error.text("code") or ""
    sub = error.text("subCode") or ""
    return Answered(
        ok=False, code=sub if sub.startswith("isp.") else code, message=f"{sub} {said}", tree=error
    )
