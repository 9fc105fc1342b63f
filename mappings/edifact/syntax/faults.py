"""What can be wrong with an envelope, with the codes by which a CONTRL tells of it (0085)."""

from typing import NamedTuple

from hub.model.errors import BadData

CUT_SHORT = "22"
MISSING, MISPLACED, NUMBERS_DIFFER, WRONG_COUNT = "13", "33", "28", "29"
WHY = {
    MISSING: "it is missing: the file may be cut short",
    MISPLACED: "a segment stands outside of every message",
    NUMBERS_DIFFER: "its reference is not that of the header",
    WRONG_COUNT: "its count is not what came",
    CUT_SHORT: "a release character stands at the end and releases nothing",
}


class Fault(NamedTuple):
    """What is wrong with a message or interchange: the code of 0085, and the segment it is in."""

    code: str
    path: str

    @property
    def may_be_read_over(self) -> bool:
        """Whether partners may agree to read what counts wrongly all the same."""
        return self.code in {NUMBERS_DIFFER, WRONG_COUNT}

    def error(self) -> BadData:
        """As it is told to people."""
        return BadData(WHY[self.code], path=self.path, code="bad_envelope")
