"""Where JSON and XML stop being what they should be."""

import json
from dataclasses import dataclass

from lxml import etree

from hub.doors.lexing import json_pieces


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a text stops being what it should be. `ends`: it is cut off there."""

    line: int
    column: int
    ends: bool


def of_json(text: str) -> tuple[Fault | None, int]:
    """Where JSON breaks, and how many characters stand before it: more than there are where it does
    not, less than none where it is too deep to say.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        at = len(text) if error.pos >= len(text.rstrip()) else error.pos
        return Fault(error.lineno, error.colno, at == len(text) or _is_cut(text, at)), at
    except (ValueError, RecursionError):
        return None, -1
    return None, len(text) + 1


def of_xml(raw: bytes) -> tuple[Fault, int] | None:
    """Where XML breaks, and how many characters stand before it; None where it is well formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        text = raw.decode("utf-8-sig", "replace")
        lines = text.splitlines(keepends=True)
        at = sum(map(len, lines[: max(0, line - 1)])) + max(0, column - 1)
        return Fault(line, max(1, column), at >= len(text.rstrip())), at
    except (ValueError, LookupError):
        return None
    return None


def _is_cut(text: str, at: int) -> bool:
    """Whether what stands at the fault runs to the text's end without an end of its own."""
    return text[at] == '"' and next(json_pieces(text[at:])).text == text[at:].rstrip()
