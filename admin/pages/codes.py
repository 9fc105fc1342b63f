"""What a partner's code means: asked where a message waits for it, answered on the same page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.request_context import account, act, actor, scope_of, store
from hub.flows.products import meanings
from hub.model.errors import BadData
from mappings.kit.context import code_lists

desk = Blueprint("codes", __name__)

_LIST = re.compile(r"[a-z][a-z_]{0,40}")


class Waits(Protocol):
    """A message that may wait for a code: which way it goes and what it waits for."""

    @property
    def direction(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def why(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Question:
    """A code without an entry in one list of a connection. `theirs`: the partner's own code, ours
    is asked for; else ours, theirs is. `choices`: our codes, where the list has some.
    """

    connection: str
    codes: str
    code: str
    theirs: bool
    choices: tuple[str, ...]


def question(fact: str, direction: str) -> Question | None:
    """What to ask so that a fact appears; None where it is not about a code."""
    kind, _colon, rest = fact.partition(":")
    codes, _colon, rest = rest.partition(":")
    code, _colon, connection = rest.rpartition(":")
    if kind != "code" or not code:
        return None
    choices = tuple(sorted(set(_known(connection).get(codes, {}).values())))
    return Question(connection, codes, code, direction == "in", choices)


def questions(waiting: Iterable[Waits]) -> list[Question]:
    """What to ask so that these messages go on, each question once."""
    found = (question(one.why, one.direction) for one in waiting if one.status == "waiting")
    return list(dict.fromkeys(one for one in found if one is not None))


@desk.post("/codes")
def say() -> Response:
    """Say what a code means. Whatever waits for it goes on."""
    connection, codes = forms.text("connection", 200), forms.text("codes", 50)
    theirs, ours = forms.text("theirs", 200), forms.text("ours", 200)
    back = forms.place(forms.text("back"), url_for("overview.home"))
    _reachable(connection)
    if not _LIST.fullmatch(codes):
        abort(400)
    try:
        _check(connection, codes, theirs, ours)
        woken = act(lambda unit: meanings.map_code(unit, connection, codes, theirs, ours, actor()))
    except BadData as error:
        return errors.refused(error, back)
    meaning = _("%(theirs)s means %(ours)s now.", theirs=theirs, ours=ours)
    goes_on = ngettext("%(num)d message goes on.", "%(num)d messages go on.", woken)
    flash(f"{meaning} {goes_on}", "done")
    return redirect(back, 303)


def _check(connection: str, codes: str, theirs: str, ours: str) -> None:
    for text, path in ((theirs, "theirs"), (ours, "ours")):
        if not text:
            raise BadData(str(_("Say what it means.")), path=path, code="missing_field")
    choices = set(_known(connection).get(codes, {}).values())
    if choices and ours not in choices:
        message = _("%(code)s is none of our codes for it.", code=ours)
        raise BadData(str(message), path="ours", code="unknown_code")


def _known(connection: str) -> dict[str, dict[str, str]]:
    partner = store().directory().connections.get(connection)
    return {} if partner is None else code_lists(partner.adapter)


def _reachable(connection: str) -> None:
    """404 where the connection is not, or is not of those whom this person works for."""
    partner, scope = store().directory().connections.get(connection), scope_of(account())
    if partner is None or (scope is not None and partner.merchant not in scope):
        abort(404)
