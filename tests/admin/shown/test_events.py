"""What people ask for has words in both languages: who is refused reads which step it was."""

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from admin.shown.labels import event
from hub.states import TABLES

ASKED = sorted({str(step) for table in TABLES for step in table.people})


@pytest.mark.parametrize("step", ASKED)
def test_what_people_ask_for_is_named(step: str) -> None:
    app = Flask("admin", root_path="admin")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app)
    with app.app_context():
        with force_locale("en"):
            assert event(step) != step.replace("_", " ")
        with force_locale("zh"):
            assert not event(step).isascii()
