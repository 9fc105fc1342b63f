"""Every sentence that an error, a warning, a hold or an incident can say, read from the code, as
templates with `{0}`, `{1}`, … where values stand.

`python -m tests.kit.sentences` prints what admin/shown/sentences.py lacks or has too much; with
`--write` it brings that list in step.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from admin.shown.sentences import TEMPLATES
from hub.model.plain import EXPECTED, FOUND
from tests.kit.fixtures import ROOT

BEGIN, END = "# --- sentences of the code", "# --- end"
ROOMS = ("hub", "mappings", "adapters", "workers")
_ELSEWHERE = re.compile(
    r"hub/(cli|store/embedded|settings|logs|model/plain)|conformance|loopback|kit/hostile|gateway/openapi"
)
_SAY = frozenset({
    "BadData", "Problem", "PydanticCustomError", "Rejected", "EndpointMissing", "NotAuthorised",
    "TryLater", "OutcomeUnknown", "NotUnderstood", "AlreadyDone", "Ignored", "UnknownCode",
    "Contradiction", "Verdict", "Incident", "Refusal", "Stop", "Refused", "warn", "_wrong",
    "_refuse", "_refused", "_error", "_unknown_outcome", "incident", "contradiction", "HalfApplied",
    "PayloadGone", "Judgement", "refuse_same",
})  # fmt: skip
"""What is called with a sentence for people."""
_NAMES = frozenset({"message", "sentence", "why", "words", "text", "said", "LATER"})
"""What such a sentence is kept in before."""
_SENTENCE = re.compile(r"[a-zA-Z]+.* [a-zA-Z]+")


def templates() -> set[str]:
    """Every sentence of the code."""
    found = {_numbered(text) for text in (*EXPECTED.values(), *FOUND.values())}
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            if not _ELSEWHERE.search(str(file.relative_to(ROOT))):
                found |= set(_said(file))
    return found


def _said(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and _name(node.func) in _SAY:
            values = [*node.args, *(word.value for word in node.keywords)]
        elif isinstance(node, ast.Assign) and any(_name(one) in _NAMES for one in node.targets):
            values = [node.value]
        else:
            continue
        for value in values:
            yield from _texts(value)


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            parts = [text]
        case ast.JoinedStr(values=values):
            parts = [one.value if isinstance(one, ast.Constant) else "{}" for one in values]  # type: ignore[misc]
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body)
            yield from _texts(other)
            return
        case _:
            return
    whole = "".join(str(part) for part in parts)
    for part in whole.split("; "):
        if _SENTENCE.search(part.replace("{}", "")) and "SELECT " not in part:
            yield _numbered(part.strip())


def _numbered(text: str) -> str:
    """With the places of values counted."""
    pieces = re.split(r"\{\w*\}", text)
    return "".join(f"{piece}{{{at}}}" for at, piece in enumerate(pieces[:-1])) + pieces[-1]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def write(wanted: list[str]) -> None:
    """Bring the list in admin/shown/sentences.py in step."""
    path = ROOT / "admin" / "shown" / "sentences.py"
    head, _, rest = path.read_text("utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    lines = "".join(f"    N_({json.dumps(text, ensure_ascii=False)}),\n" for text in wanted)
    path.write_text(f"{head}{BEGIN}\n{lines}{END}{tail}", "utf-8")


def main() -> int:
    """Print what differs; 1 where anything does."""
    wanted, there = templates(), set(TEMPLATES)
    for text in sorted(wanted - there):
        sys.stdout.write(f"+ {text}\n")
    for text in sorted(there - wanted):
        sys.stdout.write(f"- {text}\n")
    if there != wanted and "--write" in sys.argv:
        write(sorted(wanted))
    return 0 if wanted == there else 1


if __name__ == "__main__":
    sys.exit(main())
