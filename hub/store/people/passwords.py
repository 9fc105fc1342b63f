"""Passwords: argon2id, at least 12 characters, none of those that everybody tries first."""

import re
import unicodedata
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.model.errors import BadData

SHORTEST, LONGEST = 12, 256
_FEWEST_DIFFERENT = 5
_HASHER = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
"""46 MiB, two passes: about 0.1 s, which a login can wait for and a guesser cannot."""

_COMMON = frozenset(
    """
    abc abcd abcdef abcdefg abcdefgh access account admin administrator alexander andrew angel
    apple asdf asdfg asdfgh asdfghjkl autumn azerty bailey banana barcelona baseball
    basketball batman buster chelsea changeme charlie cheese chocolate computer corporate
    correct cowboys daniel default demo diamond dragon elephant facebook flower football
    forever freedom friend friends george ginger google hannah harley hello hockey horse
    battery staple hunter iloveu iloveyou internet jennifer jessica jordan joshua justin
    killer letmein liverpool login london love master matrix matthew mercedes merlin michael
    michelle monday monkey mustang mypassword nicole office operator orange orderhub order hub
    pass passw passphrase passwd password passwort pepper pokemon princess purple qazwsx qwer
    qwert qwerty qwertyuiop qwertz ranger robert root samsung secret secure security server
    service shadow soccer spring starwars strawberry summer sunshine superman support system
    temp test testing thomas thunder tigger trustno unknown user warehouse welcome whatever
    winter wizard worldcup yankees zaq zxcvbn zxcvbnm
    """.split()  # noqa: SIM905  # readable as a text, not as a list
)
"""Words that make up the passwords that are tried first, alone or strung together."""
_LEET = str.maketrans("01345@$!", "oleasasi")
_NOT_LETTERS = re.compile(r"[\W\d_]+")


def digest(password: str) -> str:
    """The password as it is stored."""
    return _HASHER.hash(_normal(password))


def matches(stored: str, password: str) -> bool:
    """Whether it is the password, in the time that takes."""
    try:
        return _HASHER.verify(stored, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether it was stored with less effort than we take today."""
    return _HASHER.check_needs_rehash(stored)


@cache
def nobodys() -> str:
    """What an unknown login's password is compared with: it takes as long as a known one's."""
    return _HASHER.hash("of nobody at all")


def check(password: str, login: str) -> None:
    """Refuse a password that is too short or that anybody would guess."""
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        message = f"{SHORTEST} to {LONGEST} characters are expected, it has {len(plain)}"
        raise BadData(message, path="password", code="weak_password")
    if _is_common(plain.casefold(), login.casefold()):
        message = "it is one of those that are guessed first; a sentence of several words is not"
        raise BadData(message, path="password", code="weak_password")


def _is_common(password: str, login: str) -> bool:
    if len(set(password)) < _FEWEST_DIFFERENT or _is_run(password) or _repeats(password):
        return True
    words = _COMMON | {login, *_NOT_LETTERS.split(login)} - {""}
    texts = {_NOT_LETTERS.sub("", text) for text in (password, password.translate(_LEET))} - {""}
    return any(_made_of(text, words) for text in texts)


def _made_of(text: str, words: frozenset[str]) -> bool:
    """Whether the text is nothing but these words, one after the other (at most four of them)."""
    starts = {0}
    for _ in range(4):
        starts = {
            start + len(word) for start in starts for word in words if text.startswith(word, start)
        }
        if len(text) in starts:
            return True
    return False


def _is_run(text: str) -> bool:
    """`abcdefghijkl`, `123456789012`, `987654321098`: each character next to the one before."""
    steps = {
        (ord(after) - ord(before)) % 10 if text.isdigit() else ord(after) - ord(before)
        for before, after in pairwise(text)
    }
    return steps in ({1}, {-1}, {9})


def _repeats(text: str) -> bool:
    """`secretsecret`, `a1b2a1b2a1b2`: a short piece again and again."""
    return any(
        text == (text[:size] * (len(text) // size + 1))[: len(text)]
        for size in range(1, len(text) // 2 + 1)
    )


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
