"""How much memory this process took at most, in KiB.

Not by `getrusage`: after a fork that counts what the parent held, and shows no growth below it. Nor
since the process began: what it once took would hide what it takes now.
"""

import re
import resource
from contextlib import suppress
from pathlib import Path

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_PEAK = "5"
"""What is written there to have the peak begin anew (proc(5))."""


def peak() -> int:
    """Of this process alone where the system says so; what `getrusage` says elsewhere."""
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text("ascii", "replace"))
    return int(found[1]) if found else 0


def from_now() -> int:
    """The peak, which begins anew: what it is now, where the system forgets what it was."""
    with suppress(OSError):
        _FORGET.write_text(_PEAK)
    return peak()
