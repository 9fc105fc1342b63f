"""Which bytes are which characters: by the syntax identifier of UNB (UNOA to UNOY), as it is meant.

What a file holds decides where it is not what it names: UTF-8 is known by itself, and what is
neither is Windows-1252, of which the declared sets are most often a misnomer.
"""

import re
from typing import NamedTuple

CHARACTER_SETS = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOW": "utf-8",
    "UNOX": "iso2022_jp_2",
    "UNOY": "utf-8",
}
"""Source: ISO 9735, data element 0001."""
_DECLARED = re.compile(rb"UNB[^A-Za-z0-9](UNO[A-Z])")
_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROLS = re.compile("[\x80-\x9f]")
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_LAST = "windows-1252"


class Characters(NamedTuple):
    """A text, the set that it was read in, and the set that it names where that is another one."""

    text: str
    read_as: str
    misnamed: str | None = None


def characters(raw: bytes) -> Characters:
    """The text of a file."""
    declared = _DECLARED.search(raw)
    name = declared[1].decode() if declared else "UNOA"
    named = CHARACTER_SETS.get(name, "ascii")
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if raw.startswith(mark):
            text = raw.decode(encoding, "replace")
            is_other = named != "utf-8" and not text.isascii()
            return Characters(text, encoding, name if is_other else None)
    if not _HIGH.search(raw) and named != CHARACTER_SETS["UNOX"]:
        return Characters(raw.decode("ascii"), "ascii")
    for encoding in dict.fromkeys(("utf-8", named)):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or not _CONTROLS.search(text):
            return Characters(text, encoding, None if encoding == named else name)
    return Characters(raw.decode(_LAST, "replace"), _LAST, name)
