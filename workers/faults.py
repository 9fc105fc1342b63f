"""Where an error of ours went through, for the log."""

import traceback


def where(error: Exception) -> str:
    """The places an error went through, the deepest first; never its words."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames[-4:])
    )
