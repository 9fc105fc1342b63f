"""The check that tables and languages are complete finds what is missing."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

from tests.kit.fixtures import ROOT
from tests.kit.in_step import migrations, translations

HELLO, PIECES = "你好", ("%(num)d 件",)


@pytest.fixture
def admin(tmp_path) -> Path:
    """A console of two sentences, both translated."""
    (tmp_path / "templates/desk").mkdir(parents=True)
    (tmp_path / "templates/desk/a.html").write_text("<p>{{ _('Hello') }}</p>")
    (tmp_path / "a.py").write_text("ngettext('%(num)d piece', '%(num)d pieces', n)\n")
    translate(tmp_path, {"Hello": HELLO, ("%(num)d piece", "%(num)d pieces"): PIECES})
    return tmp_path


def translate(admin: Path, words: dict, *, compile_too: bool = True, flags: tuple = ()) -> None:
    folder = admin / "translations/zh/LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = Catalog(locale="zh")
    for name, text in words.items():
        catalogue.add(name, text, flags=flags)
    with (folder / "messages.po").open("wb") as file:
        write_po(file, catalogue)
    if compile_too:
        with (folder / "messages.mo").open("wb") as file:
            write_mo(file, catalogue, use_fuzzy=True)


def test_tables_and_migrations_agree():
    assert list(migrations()) == []


def test_the_console_speaks_all_its_languages():
    assert list(translations(ROOT / "admin")) == []


def test_what_is_translated_and_compiled_is_complete(admin):
    assert list(translations(admin)) == []


@pytest.mark.parametrize("text", ["", None])
def test_a_sentence_without_translation_is_named(admin, text):
    translate(admin, {"Hello": text, ("%(num)d piece", "%(num)d pieces"): PIECES})
    assert list(translations(admin)) == ["translations: zh lacks 'Hello'"]


def test_a_sentence_that_is_not_in_the_file_is_named(admin):
    translate(admin, {"Hello": HELLO})
    assert list(translations(admin)) == ["translations: zh lacks '%(num)d piece'"]


def test_a_guess_is_no_translation(admin):
    translate(
        admin, {"Hello": HELLO, ("%(num)d piece", "%(num)d pieces"): PIECES}, flags=("fuzzy",)
    )
    assert list(translations(admin)) == [
        "translations: zh lacks '%(num)d piece'",
        "translations: zh lacks 'Hello'",
    ]


def test_a_translation_that_was_not_compiled_is_named(admin):
    words = {"Hello": "您好", ("%(num)d piece", "%(num)d pieces"): PIECES}
    translate(admin, words, compile_too=False)
    assert list(translations(admin)) == [
        f"translations: zh is not compiled (pybabel compile -d {admin}/translations)"
    ]
