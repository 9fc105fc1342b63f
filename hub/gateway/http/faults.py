"""An error of ours in the log: its kind and place, never its words, which may quote a payload."""

import traceback

_DEEPEST = 12


def where(error: BaseException) -> dict[str, object]:
    """The kind of an error and the frames it went through, as fields of a log event."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    return {
        "error": type(error).__name__,
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
