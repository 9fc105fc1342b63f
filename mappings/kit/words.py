"""Words of a partner's: states, kinds, units, and what stands for nothing. Case and blanks around
or within say nothing.
"""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

NO_WORDS = frozenset({"", "null", "none", "undefined", "nil", "nan", "n/a"})
"""What programs write where there is nothing."""
LONGEST_NO_WORD = max(map(len, NO_WORDS))


def word(text: str) -> str:
    """A word as tables hold it: small letters, single blanks."""
    if text.isascii() and text.isidentifier() and text.islower():
        return str(text)  # as most are
    return " ".join(text.split()).casefold()


def existing(number: str | None) -> str | None:
    """The id of something that is there: 0 means that there is none."""
    return None if number == "0" else number


def folded(table: Mapping[str, T]) -> dict[str, T]:
    """A table by words in small letters; of two that are one word then, the first counts."""
    found: dict[str, T] = {}
    for name, one in table.items():
        found.setdefault(word(name), one)
    return found


def laid_over(own: Mapping[str, T], common: Mapping[str, T]) -> dict[str, T]:
    """Both tables as one: a word that the own has, in whatever case, means what it means there."""
    known = {word(name) for name in own}
    return {**own, **{name: one for name, one in common.items() if word(name) not in known}}
