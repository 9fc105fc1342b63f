"""Kingdee's WebAPI: services under one path, and what their answers mean.

HTTP is 200 whatever happened. A failure is a `ResponseStatus`, wrapped as a row where a query was
asked, a text that begins with `response_error:`, or a request to confirm something.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.kingdee.signing import Signed
from adapters.kit.auth import LoggedIn
from adapters.kit.http import Transport
from adapters.kit.http.line import lost
from adapters.kit.http.records import Readers, amount, number, text, word
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
_AT_THE_GATE: Mapping[int, type[Exception]] = {519: NotAuthorised}
"""What a gateway before it answers to signatures that do not hold."""
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


def _total(value: Any) -> Decimal | None:
    return None if value is None else amount(value)


_FIELDS: Readers = {
    **dict.fromkeys(("FID", "FVOUCHERID", "FSaleOrderEntry_FEntryID"), number),
    **dict.fromkeys(("FBillNo", "FVOUCHERGROUPNO"), word),
    **dict.fromkeys(("FDocumentStatus", "FCancelStatus", "FMaterialId.FNumber"), text),
    **dict.fromkeys(("FQty", "FStockOutQty", "FEntryTaxRate"), amount),
    **dict.fromkeys(("FBillAllAmount", "FALLAMOUNTFOR"), _total),
}
"""How what is asked for is read."""


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
    errors = status.get("Errors")
    rows = [it for it in errors if isinstance(it, dict)] if isinstance(errors, list) else []
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


def _row(values: Any, fields: list[str]) -> list[Any]:
    if not isinstance(values, list) or len(values) != len(fields):
        raise ValueError(f"{len(fields)} values are expected")
    usual = zip(fields, values, strict=True)
    return [_FIELDS[name](value) if name in _FIELDS else value for name, value in usual]


Login = tuple[str, str, str, int]
"""Data centre, user, password and language."""


class Kingdee:
    """One data centre, as one user. Logs in at the first call, and once more when it was lost; or
    signs each request for an application.
    """

    def __init__(self, url: str, transport: Transport, access: Login | Signed) -> None:
        self._log: LoggedIn | None = None
        if isinstance(access, Signed):
            self._session = Session(url, transport, auth=access, fates=_AT_THE_GATE)
            return
        self._login, password = access, access[2]
        self._door = Session(url, transport, secrets=[password])
        self._log = LoggedIn(self._log_in, (password,))
        self._session = Session(url, transport, auth=self._log)

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
        try:
            return [_row(values, fields) for values in found]
        except (TypeError, ValueError) as odd:
            raise TryLater(f"{form} was listed in an odd form: {odd}"[:_WORDS]) from None

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
            if self._log is None:
                raise
            self._log.end()
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
