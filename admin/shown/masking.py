"""What is shown of a person to whom has not asked for it: shapes, initials and dots."""

from hub.doors.masking import DOTS, MOST_SHOWN

__all__ = ["DOTS", "MOST_SHOWN", "NOTHING", "bare", "email"]

NOTHING = "\N{EN DASH}"


def bare(text: str | None) -> str:
    """An initial and dots: enough to tell two apart, not to know who it is."""
    return f"{text[0]}{DOTS}" if text else NOTHING


def email(text: str | None) -> str:
    """An initial, dots, and the domain's end."""
    if not text:
        return NOTHING
    return f"{text[0]}{DOTS}@{DOTS}.{text.rpartition('.')[2][:6]}" if "." in text else bare(text)
