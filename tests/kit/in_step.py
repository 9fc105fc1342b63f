"""`python -m tests.kit.in_step`: migrations make the tables that the code knows, and every
sentence of the console stands in every language. Prints what differs; exit 1 if anything does.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from hub.store import migrate
from tests.kit.database import find_servers, open_embedded, temporary_database
from tests.kit.fixtures import ROOT

SOURCES = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "N_": None}


def migrations() -> Iterator[str]:
    """Say where the tables of a migrated database differ from the code's."""
    server = find_servers(dict(os.environ)).database
    if server is None:
        with open_embedded() as url:
            yield from _differences(url)
    else:
        yield from _differences(server)


def _differences(server: str) -> Iterator[str]:
    with temporary_database(server, "template0") as url:
        migrate.upgrade(url)
        yield from (f"migrations: {found}" for found in migrate.differences(url))


def translations(admin: Path) -> Iterator[str]:
    """Say which sentence lacks a translation, in which language, or is not compiled."""
    found = [message for _, _, message, *_ in extract_from_dir(admin, SOURCES, keywords=KEYWORDS)]
    names = sorted({it if isinstance(it, str) else it[0] for it in found})
    for path in sorted(admin.glob("translations/*/LC_MESSAGES/*.po")):
        language = path.parents[1].name
        with path.open("rb") as file:
            words = read_po(file, locale=language)
        missing = [name for name in names if not _translated(words.get(name))]
        yield from (f"translations: {language} lacks {name!r}" for name in missing)
        if not missing and not _compiled(path.with_suffix(".mo"), words, names):
            yield f"translations: {language} is not compiled (pybabel compile -d {path.parents[2]})"


def _translated(found: Message | None) -> bool:
    if found is None or found.fuzzy:
        return False
    return all(found.string) if isinstance(found.string, tuple | list) else bool(found.string)


def _compiled(path: Path, words: Catalog, names: list[str]) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        compiled = read_mo(file)
    return all(_string(compiled, name) == _string(words, name) for name in names)


def _string(words: Catalog, name: str) -> object:
    found = words.get(name)
    text = found.string if found else None
    return list(text) if isinstance(text, tuple) else text


def main() -> int:
    found = [*migrations(), *translations(ROOT / "admin")]
    for line in found:
        sys.stderr.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
