"""Kingdee's WebAPI: services under one path, and what their answers mean.

HTTP is 200 whatever happened. A failure is a `ResponseStatus`, wrapped as a row where a query was
asked, a text that begins with `response_error:`, or a request to confirm something.
"""

import json
from collections.abc import Mapping
from typing import Any

from adapters.kit.auth import LoggedIn
from adapters.kit.http import Transport
from adapters.kit.http.line import lost
from adapters.kit.session import Session
from hub.model.errors import NotAuthorised, Rejected, TryLater

_SERVICES = "/K3Cloud/Kingdee.BOS.WebApi.ServicesStub."
_FORMS, _LOGIN = "DynamicFormService.", "AuthService.ValidateUser"
READS = frozenset({"ExecuteBillQuery", "View"})
FATES: Mapping[int, type[Exception]] = {
    1: NotAuthorised,  # the session is lost
    6: TryLater,  # its database failed
    13: TryLater,  # somebody else works on it
    14: TryLater,  # too many calls
}
"""`MsgCode` -> fate. Any other is refused with its words."""
_FAILED = 4
_ERROR = "response_error:"
_LOST_WORDS = (
    *("会话信息已丢失", "重新登录", "會話信息已丟失", "會話資訊已遺失", "重新登錄", "重新登入"),
    *("session information has been lost", "session is lost", "log in again"),
)
_CONFIRM = "showConfirm"
_DONE = ("已审核", "已提交", "已经审核", "已经提交", "already audited", "already been audited")
"""Words of a refusal that mean: this was done before."""
_WORDS = 300
_MOST_ROWS = 2000


class AlreadySo(Exception):
    """A step was refused because it was taken before."""


def meaning(raw: bytes, *, write: bool) -> Any:
    """What a good answer holds: its `Result`, or rows. Everything else is raised as a fate."""
    text = raw.decode("utf-8-sig", "replace").strip()
    if text.startswith(_ERROR):
        raise _of_words(text.removeprefix(_ERROR))
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        raise lost("Kingdee answered no JSON", write=write) from None
    if isinstance(tree, str) and tree.startswith(_ERROR):
        raise _of_words(tree.removeprefix(_ERROR))
    first = tree
    while isinstance(first, list) and first and isinstance(first[0], list | dict):
        first = first[0]
    if isinstance(first, dict) and first.get("actionname") == _CONFIRM:
        raise Rejected(
            f"Kingdee asks: {json.dumps(first, ensure_ascii=False)}"[:_WORDS], code="warning"
        )
    result = first.get("Result") if isinstance(first, dict) else None
    if isinstance(result, dict):
        status = result.get("ResponseStatus")
        if write and not (isinstance(status, dict) and "IsSuccess" in status):
            raise lost("Kingdee does not say what became of it", write=write)
        _check(status if isinstance(status, dict) else {})
        return result
    if isinstance(tree, list) and (not tree or isinstance(tree[0], list)):
        return tree
    raise lost("Kingdee answered in a form that nobody expects", write=write)


def _check(status: Mapping[str, Any]) -> None:
    if str(status.get("IsSuccess", "true")).lower() == "true":
        return
    errors = status.get("Errors") or []
    rows = [it for it in errors if isinstance(it, dict)]
    words = "; ".join(str(it.get("Message") or "") for it in rows)[:_WORDS] or "without a word"
    told = str(status.get("MsgCode") or 0)
    code = int(told) if told.isdecimal() and len(told) < 10 else 0
    if any(known in words for known in _DONE):
        raise AlreadySo(words)
    path = str(next((it["FieldName"] for it in rows if it.get("FieldName")), ""))
    if code in FATES:
        raise FATES[code](f"Kingdee: {words}")
    if code == _FAILED:
        raise Rejected(f"Kingdee failed: {words}", path=path, code="partner_error")
    raise Rejected(words, path=path)


def _of_words(text: str) -> Exception:
    words = " ".join(text.split())[:_WORDS]
    if any(known in words.lower() for known in _LOST_WORDS):
        return NotAuthorised(f"Kingdee: {words}")
    return Rejected(f"Kingdee failed: {words}", code="partner_error")


class Kingdee:
    """One data centre, as one user. Logs in at the first call, and once more when it was lost."""

    def __init__(self, url: str, transport: Transport, login: tuple[str, str, str, int]) -> None:
        self._login, password = login, login[2]
        self._door = Session(url, transport, secrets=[password])
        self._auth = LoggedIn(self._log_in, (password,))
        self._session = Session(url, transport, auth=self._auth)

    def rows(self, form: str, fields: list[str], where: str) -> list[list[Any]]:
        """Records by a filter, a list of values each, the oldest first."""
        asked = {
            "FormId": form,
            "FieldKeys": ",".join(fields),
            "FilterString": where,
            "OrderString": fields[0],
            "StartRow": 0,
            "Limit": _MOST_ROWS,
        }
        found = self._call("ExecuteBillQuery", {"data": asked}, write=False)
        if not isinstance(found, list) or any(len(row) != len(fields) for row in found):
            raise TryLater(f"{form} was listed in a form that nobody expects")
        return found

    def do(self, service: str, form: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Save, submit, audit and the like."""
        told = {"formid": form, "data": json.dumps(data, ensure_ascii=False)}
        result = self._call(service, told, write=True)
        if not isinstance(result, dict):
            raise lost(f"{service} answered rows", write=True)
        return result

    def _call(self, service: str, body: Mapping[str, Any], *, write: bool) -> Any:
        try:
            return self._once(service, body, write=write)
        except NotAuthorised:  # nothing was done
            self._auth.end()
            return self._once(service, body, write=write)

    def _once(self, service: str, body: Mapping[str, Any], *, write: bool) -> Any:
        path = f"{_SERVICES}{_FORMS}{service}.common.kdsvc"
        raw = self._session.call("POST", path, body=body, read="bytes", write=write)
        return meaning(
            self._session.scrub((raw or b"").decode("utf-8", "replace")).encode(), write=write
        )

    def _log_in(self) -> Mapping[str, str]:
        account, user, password, language = self._login
        body = {"parameters": json.dumps([account, user, password, language])}
        answer = self._door.call(
            "POST", f"{_SERVICES}{_LOGIN}.common.kdsvc", body=body, write=False
        )
        if not isinstance(answer, dict) or str(answer.get("LoginResultType")) != "1":
            words = answer.get("Message") if isinstance(answer, dict) else ""
            raise NotAuthorised(f"Kingdee lets nobody in: {words or 'without a word'}"[:_WORDS])
        number = str(answer.get("KDSVCSessionId") or "")
        return {"kdservice-sessionid": number, "Cookie": f"kdservice-sessionid={number}"}
