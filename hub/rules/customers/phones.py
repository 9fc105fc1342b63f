"""A telephone number in the one form of the world (E.164), where its country is known."""

import re

# fmt: off
_CODES = {
    "AE": "971", "AR": "54", "AT": "43", "AU": "61", "BE": "32", "BG": "359", "BR": "55",
    "CA": "1", "CH": "41", "CL": "56", "CN": "86", "CO": "57", "CY": "357", "CZ": "420",
    "DE": "49", "DK": "45", "EE": "372", "EG": "20", "ES": "34", "FI": "358", "FR": "33",
    "GB": "44", "GR": "30", "HK": "852", "HR": "385", "HU": "36", "ID": "62", "IE": "353",
    "IL": "972", "IN": "91", "IS": "354", "IT": "39", "JP": "81", "KE": "254", "KR": "82",
    "LT": "370", "LU": "352", "LV": "371", "MA": "212", "MO": "853", "MT": "356", "MX": "52",
    "MY": "60", "NG": "234", "NL": "31", "NO": "47", "NZ": "64", "PE": "51", "PH": "63",
    "PK": "92", "PL": "48", "PT": "351", "RO": "40", "RS": "381", "RU": "7", "SA": "966",
    "SE": "46", "SG": "65", "SI": "386", "SK": "421", "TH": "66", "TR": "90", "TW": "886",
    "UA": "380", "US": "1", "VN": "84", "ZA": "27",
}
"""Country -> its code (ITU-T E.164)."""
_TRUNK = {"HU": "06", "LT": "8", "RU": "8", "US": "1", "CA": "1"}
"""What is dialled before a number within the country, where it is not a 0."""
_NONE = frozenset({
    "CL", "CY", "CZ", "DK", "EE", "ES", "GR", "HK", "IS", "IT", "LU", "LV", "MO", "MT", "NO", "PL",
    "PT", "SG",
})
"""Where nothing is dialled before, and a 0 at the beginning is part of the number."""
# fmt: on
_SHORTEST, _LONGEST = 8, 15
_LEAST_DIFFERENT = 3
_EXTENSION = re.compile(r"(?:ext\.?|x|#|转|-分机).*$", re.IGNORECASE)


def e164(number: str, country: str | None) -> str | None:
    """`+31201234567`; None where it is not known which country's it is, or it is nobody's
    (`0000000000`).
    """
    text = _EXTENSION.sub("", number.strip())
    digits = re.sub(r"\D", "", text)
    if text.startswith("+"):
        whole = digits
    elif digits.startswith("00"):
        whole = digits[2:]
    else:
        whole = _abroad(digits, country)
    # +44 (0)20 ... says the 0 that is dialled at home only
    if "(0)" in text and text.startswith(("+", "00")):
        whole = re.sub(r"\D", "", text.replace("(0)", "")).removeprefix("00")
    if not _SHORTEST <= len(whole) <= _LONGEST or len(set(whole[-7:])) < _LEAST_DIFFERENT:
        return None
    return f"+{whole}"


def _abroad(digits: str, country: str | None) -> str:
    code = _CODES.get(country or "")
    if code is None or country is None:
        return ""
    trunk = "" if country in _NONE else _TRUNK.get(country, "0")
    if trunk and digits.startswith(trunk):
        return code + digits[len(trunk) :]
    return code + digits
