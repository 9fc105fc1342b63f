"""What the hub says in English, read in the reader's language."""

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from admin.shown.sentences import TEMPLATES
from admin.shown.translated import translated
from hub.model.plain import found
from tests.kit.sentences import templates
from tests.model.test_plain import FOREIGN


def test_the_list_holds_every_sentence_of_the_code_and_no_other() -> None:
    assert set(TEMPLATES) == templates()
    assert list(TEMPLATES) == sorted(set(TEMPLATES))


def test_no_sentence_has_a_word_of_a_library() -> None:
    assert [one for one in TEMPLATES if FOREIGN.search(one)] == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("text is expected; found a list of 2", "应为文本; 实为 2 项的列表"),
        (f"a list is expected; {found('Keizersgracht')}", "应为列表; 实为 “Ke…”(13 个字符)"),
        ("line 2: SKU X-1 is not a product of this merchant", "第 2 行:SKU X-1 不是该商家的商品"),
        ("the warehouse's own words", "the warehouse's own words"),
        ("", ""),
    ],
)
def test_a_sentence_with_its_values_is_read_in_chinese(english: str, chinese: str) -> None:
    app = Flask("admin", root_path="admin")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app)
    with app.app_context():
        with force_locale("zh"):
            assert translated(english) == chinese
        with force_locale("en"):
            assert translated(english) == english
