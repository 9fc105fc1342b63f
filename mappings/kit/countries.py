"""Countries, however partners name them: two letters, three, digits, or a name in English, in a
language of the order, in one that shops speak, or in the country's own. The names are Babel's;
other names in use stand in the code list `countries`.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError, localedata
from babel.core import get_global
from babel.languages import get_official_languages

_NOT_NAME = re.compile(r"[\W_]+")
_PARTS = re.compile(r"[()]")
_BESIDE = re.compile(r"[()]|\s[-/]\s")
# fmt: off
_SHOPS_SPEAK = (
    "de", "fr", "nl", "es", "it", "pt", "zh", "zh_Hant", "ja", "ko", "sv", "da", "nb", "fi", "pl",
    "cs", "tr", "th", "vi", "pt_PT", "el", "hu", "ro", "ru", "uk",
)
# fmt: on
_ENDINGS = (" SAR China", " SAR", "特别行政区", "特別行政區")  # how Babel calls Hong Kong and Macao
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
_LOADING = threading.Lock()


@lru_cache(maxsize=2_000)
def country(text: str, *languages: str | None) -> str | None:
    """The two letters of a country, None where no country is named so. Languages, such as `de-CH`,
    are asked before all others.
    """
    key = _key(text)
    coded = _coded(key.upper())
    if coded or not key:
        return coded
    asked = (_names_in(one) for one in dict.fromkeys(("en", *map(_language, languages))) if one)
    found = next((names[key] for names in asked if key in names), None)
    return found or _names_anywhere().get(key) or _twice(text, *languages)


def _twice(text: str, *languages: str | None) -> str | None:
    """Of a country that is named in two ways, `Germany (DE)` or `DE - Germany`: where both name the
    same one.
    """
    parts = [part for part in _BESIDE.split(text) if part.strip()]
    named = {country(part, *languages) for part in parts} if len(parts) == 2 else {None}
    return named.pop() if len(named) == 1 else None


def _coded(code: str) -> str | None:
    """By code: of two letters (any, as told, but those that stand for others), three, or digits."""
    if not code.isascii():
        return None
    if code.isdigit():
        code = code.zfill(3)
    meant = get_global("territory_aliases").get(code, ())
    if len(meant) == 1 and meant[0] in _codes():
        return str(meant[0])
    return code if len(code) == 2 and code.isalpha() else None


def _key(name: str) -> str:
    """A name as it is compared: without case, accents, blanks, stops and a leading `the`."""
    apart = unicodedata.normalize("NFKD", name.strip()).casefold().replace("&", "and")
    return _NOT_NAME.sub("", apart.removeprefix("the "))


def _language(tag: str | None) -> str | None:
    """A language tag as Babel writes it."""
    return tag.strip().replace("-", "_") if tag and tag.strip() else None


@cache
def _names_in(language: str) -> Mapping[str, str]:
    """Names in one language -> two letters."""
    try:
        return _keyed(_territories(language))
    except (UnknownLocaleError, ValueError):
        short = language.partition("_")[0]
        return {} if short == language else _names_in(short)


@cache
def _names_anywhere() -> Mapping[str, str]:
    """Names in the countries' own languages and in those of shops. A name that means two countries
    means none.
    """
    own: dict[str, list[str]] = {}
    for code in _codes():
        for language in get_official_languages(code, regional=True, de_facto=True):
            own.setdefault(language, []).append(code)
    found: dict[str, set[str]] = {}
    with _LOADING:
        before = set(localedata._cache)  # noqa: SLF001  # Babel keeps all it reads: 70 MB for this
        for language in dict.fromkeys((*_SHOPS_SPEAK, *own)):
            told = _territories_or_none(language)
            codes = _codes() if language in _SHOPS_SPEAK else own[language]
            for key, code in _keyed({c: told[c] for c in codes if c in told}).items():
                found.setdefault(key, set()).add(code)
            for read in set(localedata._cache) - before:  # noqa: SLF001
                del localedata._cache[read]  # noqa: SLF001
    return {key: codes.pop() for key, codes in found.items() if len(codes) == 1}


@cache
def _codes() -> tuple[str, ...]:
    named = map(str, Locale("en").territories)
    return tuple(c for c in named if len(c) == 2 and c.isalpha() and c not in _NO_COUNTRIES)


def _territories(language: str) -> Mapping[str, str]:
    return dict(Locale.parse(language).territories)


def _territories_or_none(language: str) -> Mapping[str, str]:
    try:
        return _territories(language)
    except (UnknownLocaleError, ValueError):
        return {}


def _keyed(named: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for code in _codes():
        for name in _spellings(named.get(code, "")):
            found.setdefault(_key(name), code)
    found.pop("", None)
    return found


def _spellings(name: str) -> Iterable[str]:
    """A name whole, and without what explains it: `Myanmar (Burma)`, `Hong Kong SAR China`."""
    yield name
    yield from _PARTS.split(name) if "(" in name else ()
    for ending in _ENDINGS:
        if name.endswith(ending):
            yield name.removesuffix(ending)
