"""From when on a disk is low, and full: the same for the door that refuses, the sweep that tells
people, and the doctor.
"""

from typing import Literal

LOW_BYTES, LOW_SHARE = 500_000_000, 0.10
"""A disk with less free than this, or than this part of it, is low."""
FULL_BYTES = 200_000_000
"""With less free than this nothing is taken in."""


def judged(free: float, whole: float) -> Literal["ok", "low", "full"]:
    """What so much free space of a disk means."""
    if free < FULL_BYTES:
        return "full"
    return "low" if free < LOW_BYTES or free < whole * LOW_SHARE else "ok"
