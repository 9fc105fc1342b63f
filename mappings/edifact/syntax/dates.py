"""DTM: a date in the form that its own qualifier names (2379), as the kit's reader takes it.

A form that does not fit what stands there is passed over: how many digits there are says it too.
Source: code list 2379 of D.96A to D.01B.
"""

import re

from hub.model.errors import BadData

_PERIODS = frozenset({"711", "713", "717", "718", "719"})
"""Two dates: the first counts, it is when the period begins."""
_PARTS = {
    "2": "DDMMYY",
    "3": "MMDDYY",
    "4": "DDMMCCYY",
    "101": "YYMMDD",
    "102": "CCYYMMDD",
    "106": "",
    "201": "YYMMDDhhmm",
    "202": "YYMMDDhhmmss",
    "203": "CCYYMMDDhhmm",
    "204": "CCYYMMDDhhmmss",
    "205": "CCYYMMDDhhmm",
    "301": "YYMMDDhhmm",
    "302": "YYMMDDhhmmss",
    "303": "CCYYMMDDhhmm",
    "304": "CCYYMMDDhhmmss",
    "609": "YYMM",
    "610": "CCYYMM",
    "615": "YYMM",
    "616": "CCYYWW",
    "711": "CCYYMMDD",
    "713": "YYMMDDhhmm",
    "717": "YYMMDD",
    "718": "CCYYMMDD",
    "719": "CCYYMMDDhhmm",
}
_BY_DIGITS = {
    6: "YYMMDD",
    8: "CCYYMMDD",
    10: "YYMMDDhhmm",
    12: "CCYYMMDDhhmm",
    14: "CCYYMMDDhhmmss",
}
_FIELDS = re.compile("CC|YY|MM|DD|WW|hh|mm|ss")
_TOLD = re.compile(
    r"(?P<digits>[0-9]+)(?P<zone>\s?[A-Za-z]{1,5}|\s?[+\-PM][0-9]{2}:?(?:[0-9]{2})?)?"
)
_ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "WES": 1, "WEST": 1, "CET": 1, "MEZ": 1,
          "CES": 2, "CEST": 2, "MES": 2, "MESZ": 2, "EET": 2, "EES": 3, "EEST": 3}  # fmt: skip
_SIGNS = {"+": "+", "-": "-", "P": "+", "M": "-"}
"""P and M stand in for signs that EDIFACT parts elements by."""
_CENTURY = "20"


def plain(told: str, form: str | None) -> str:
    """A date as CCYY-MM-DD, with hh:mm:ss and its zone where they are told; a month alone without
    its day. BadData where it is none.
    """
    text = told.strip()
    if form in _PERIODS:
        text = _beginning(text, form or "")
    found = _TOLD.fullmatch(text)
    if found is None:
        return text  # as people write dates: the kit's reader knows whether it is one
    digits = found["digits"]
    shape = _PARTS.get(form or "", "")
    if len(shape) != len(digits):
        shape = _BY_DIGITS.get(len(digits), "")
    if not shape:
        raise BadData("a date such as 20261124 is expected", path="DTM.2380", code="bad_time")
    return _joined(_fields(digits, shape), (found["zone"] or "").strip())


def _beginning(text: str, form: str) -> str:
    first, dash, _ = text.partition("-")
    return first if dash else text[: len(_PARTS[form])]


def _fields(digits: str, shape: str) -> dict[str, str]:
    return {it[0]: digits[it.start() : it.end()] for it in _FIELDS.finditer(shape)}


def _joined(told: dict[str, str], zone: str) -> str:
    year = told.get("CC", _CENTURY) + told["YY"]
    if "WW" in told:
        return f"{year}-W{told['WW']}-1"
    if "DD" not in told:
        return f"{year}-{told['MM']}"
    day = f"{year}-{told['MM']}-{told['DD']}"
    if "hh" not in told:
        return day
    return f"{day}T{told['hh']}:{told['mm']}:{told.get('ss', '00')}{_offset(zone)}"


def _offset(zone: str) -> str:
    """A zone as the kit reads it; nothing where it is not known: then it is the connection's."""
    if zone[:1] in _SIGNS and zone[1:2].isdecimal():
        digits = zone[1:].replace(":", "")
        return f"{_SIGNS[zone[0]]}{digits[:2]}:{digits[2:] or '00'}"
    hours = _ZONES.get(zone.upper())
    return "" if hours is None else f"+{hours:02}:00"
