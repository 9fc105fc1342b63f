"""What an answer to hostile input must be, whatever the door."""

import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import NoReturn

from hub.model.errors import Ignored, NeedsPerson, Problem
from tests.kit.memory import from_now, peak

SECONDS, BYTES = 1.0, 200 * 1024 * 1024
"""Processor time of one input, and memory above what was in use before."""
_HANGS_S = 120
_DOCS = Path(__file__).parents[2] / "docs" / "messages.md"
_WHOLE = frozenset({
    "empty_body", "bad_json", "bad_encoding", "bad_text", "too_deep", "too_large", "bad_xml",
    "xml_forbidden", "wrong_type", "unknown_encoding", "bad_body", "bad_yaml", "bad_number",
    "bad_id", "contradiction", "nothing_in_it", "key_reused", "not_taken",
})  # fmt: skip
"""Codes of a body as a whole: a line, or nothing, is all the place that there is."""


@dataclass(frozen=True)
class Fault:
    """What went wrong with an input: the kind is the same for the same cause."""

    kind: str
    said: str


@cache
def codes() -> frozenset[str]:
    """Every code that the documentation explains."""
    return frozenset(re.findall(r"`([a-z_]{3,40})`", _DOCS.read_text("utf-8")))


def of_problems(problems: Iterable[Problem], personal: Iterable[str] = ()) -> Fault | None:
    """Whether a refusal names a code that is explained, a place and a sentence, and no person."""
    for one in problems:
        if one.code not in codes():
            return Fault(f"unexplained code {one.code}", one.message)
        if not one.message or len(one.message) > 2_000:
            return Fault(f"no sentence with {one.code}", one.message[:100])
        if not one.path and one.code not in _WHOLE:
            return Fault(f"no place with {one.code}: {one.message[:40]}", one.message)
        echoed = [value for value in personal if value in one.message or value in one.path]
        if echoed:
            return Fault(f"a personal value with {one.code}", one.message)
    return None


def of_error(error: BaseException, personal: Iterable[str] = ()) -> Fault | None:
    """Whether a reader may raise this."""
    if isinstance(error, NeedsPerson):
        return of_problems(error.problems(), personal)
    if isinstance(error, Ignored):
        return None if error.code in codes() else Fault(f"unexplained code {error.code}", "")
    return Fault(f"{type(error).__name__} at {place(error)}", str(error)[:200])


def place(error: BaseException) -> str:
    """The innermost frame of our own code."""
    found = "?"
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "site-packages" not in code.co_filename and "/hostile/" not in code.co_filename:
            found = f"{Path(code.co_filename).name}:{code.co_name}"
        trace = trace.tb_next
    return found


class TooSlow(BaseException):
    """Not an Exception: nothing on the way may take it for one."""


def _alarm(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TooSlow


@contextmanager
def no_hanging() -> Iterator[None]:
    """An input that takes far too long is interrupted."""
    before = signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(_HANGS_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def judged(work: Callable[[], Fault | None]) -> Fault | None:
    """The verdict on one input, time and memory included. One that is slow is tried once more:
    the first of its kind loads what it needs, and a busy machine is slow itself.
    """
    found = _judged_once(work)
    return _judged_once(work) if found is not None and found.kind == "slow" else found


def _judged_once(work: Callable[[], Fault | None]) -> Fault | None:
    before, began = from_now(), time.thread_time()
    try:
        found = work()
    except TooSlow:
        return Fault("hangs", f"more than {_HANGS_S} s")
    if found is None and (took := time.thread_time() - began) > SECONDS:
        found = Fault("slow", f"{took:.1f} s")
    if found is None and (grown := (peak() - before) * 1024) > BYTES:
        found = Fault("large", f"{grown >> 20} MB")
    return found


def smallest(
    raw: bytes, kind: str, judge: Callable[[bytes], Fault | None], tries: int = 400
) -> bytes:
    """An input with the same fault, as short as a bounded search finds."""
    step = len(raw) // 2
    while step and tries > 0:
        at = 0
        while at < len(raw) and tries > 0:
            shorter = raw[:at] + raw[at + step :]
            tries -= 1
            found = judge(shorter)
            if found is not None and found.kind == kind:
                raw = shorter
            else:
                at += step
        step //= 2
    return raw
