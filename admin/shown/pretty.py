"""Payloads as text: laid out to be read and edited without touching a value, and compared."""

import difflib
import re
from dataclasses import dataclass

from hub.doors.masking import clear

_NOT_EDITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]|\r(?!\n)")
"""What a browser's text field would lose or change."""
_CONTEXT = 3
MOST_LINES = 4000


def text(raw: bytes) -> str | None:
    """The payload as text; None where it is none."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def editable(raw: bytes) -> str | None:
    """The payload as text that comes back from a form as it was, laid out where it is JSON in one
    line; None where that is not possible."""
    found = text(raw)
    if found is None or _NOT_EDITABLE.search(found) or found.startswith("\ufeff"):
        return None
    return laid_out(found).replace("\r\n", "\n")


def submitted(given: str, original: bytes) -> bytes:
    """The bytes of a text that came from a form, with the line ends that the original has."""
    plain = given.replace("\r\n", "\n").replace("\r", "\n")
    if b"\r\n" in original:
        plain = plain.replace("\n", "\r\n")
    return plain.encode("utf-8", "replace")


def laid_out(found: str) -> str:
    """JSON in one line with line breaks and indents; every value stays as it was written."""
    return clear(found).text


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison. `mark`: `+` new, `-` gone, `…` left out, blank the same."""

    mark: str
    text: str


def compare(before: str, after: str) -> list[Line]:
    """What differs, with a few lines around it; empty where nothing does."""
    old, new = before.splitlines(), after.splitlines()
    diff = difflib.unified_diff(old, new, lineterm="", n=_CONTEXT)
    lines = []
    for at, line in enumerate(diff):
        if at < 2:
            continue
        if line.startswith("@@"):
            lines.append(Line("…", ""))
        else:
            lines.append(Line(line[0].strip(), line[1:]))
        if len(lines) >= MOST_LINES:
            break
    return lines
