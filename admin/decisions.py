"""A decision of a person: carried out in a transaction, then back to its page with a sentence."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import Blueprint, flash, redirect, url_for
from flask_babel import LazyString
from werkzeug.wrappers import Response

from admin import errors
from admin.request_context import act
from hub.flows.unit import Unit
from hub.model.errors import BadData, Contradiction, IllegalTransition

Work = TypeVar("Work", bound=Callable[..., None])


class Steps:
    """What people may do to one thing: each step is posted to the thing's address and the step's
    name, and leads back to the thing's page.
    """

    def __init__(self, desk: Blueprint, address: str, page: str) -> None:
        """`address` with a place for the id, such as `/inbound/<uuid:notice_id>`; `page` is the
        endpoint that shows the thing.
        """
        self._desk, self._address, self._page = desk, address, page

    def __call__(self, sentence: LazyString) -> Callable[[Work], Work]:
        """The function is a step, given the unit and the id; the sentence says that it is done."""

        def add(work: Work) -> Work:
            def posted(**thing: Any) -> Response:
                back = url_for(self._page, **thing)
                return decided(partial(work, **thing), back, str(sentence))

            name = work.__name__
            self._desk.add_url_rule(f"{self._address}/{name}", name, posted, methods=["POST"])
            return work

        return add


def decided(work: Callable[[Unit], object], back: str, sentence: str) -> Response:
    """Do it, or say why it was refused."""
    try:
        act(work)
    except (IllegalTransition, BadData, Contradiction) as error:
        return errors.refused(error, back)
    flash(sentence, "done")
    return redirect(back, 303)
