"""Several tracking numbers in one field are several; what is one number is never cut.

Commas, semicolons, bars, line ends and the Chinese comma part numbers always. Blanks and slashes
stand within numbers too (`1Z 999 AA1 01 2345 6784`): they part only what is whole on both sides.
"""

import re

from hub.model.document import clean

_ALWAYS = re.compile(r"[,;|、\r\n\t]+")
_PERHAPS = re.compile(r"[\s/\\+&]+")
_WHOLE = re.compile(r"(?=.*[0-9])[A-Za-z0-9-]+", re.ASCII)
_SERIES = re.compile(r"([A-Za-z]{2,})[0-9]+", re.ASCII)
_LONG_ENOUGH = 10
_WIDE_COMMAS = str.maketrans("，；｜／", ",;|/")  # noqa: RUF001


def tracking_numbers(text: str | None) -> tuple[str, ...]:
    """The numbers of a field, each once, in their order."""
    if not text:
        return ()
    parts = _ALWAYS.split(text.translate(_WIDE_COMMAS))
    found = (clean(number) for part in parts for number in _perhaps_several(clean(part)))
    return tuple(dict.fromkeys(number for number in found if number))


def _perhaps_several(text: str) -> list[str]:
    parts = [part for part in _PERHAPS.split(text) if part]
    if len(parts) < 2 or not all(map(_WHOLE.fullmatch, parts)):
        return [text]
    series = [match and match[1].upper() for match in map(_SERIES.fullmatch, parts)]
    alike = series[0] is not None and len(set(series)) == 1
    whole = all(len(part) >= _LONG_ENOUGH for part in parts)
    return parts if alike or whole else [text]
