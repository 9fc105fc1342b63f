"""Which test files read the collection of recorded payloads: those that import its place, and those
that import one of these.
"""

import re
from functools import cache
from pathlib import Path

from tests.kit.fixtures import ROOT

_PLACE = ("tests.kit.fixtures", "SHARED")
_IMPORT = re.compile(r"^ *from (tests[.\w]*) import (\([^)]*\)|.*)$", re.MULTILINE)
_NAME = re.compile(r"\w+(?: as \w+)?")
_REMARK = re.compile(r"#.*$", re.MULTILINE)


@cache
def reads_collection(path: Path) -> bool:
    """Whether this file of ours does, itself or by what it imports."""
    return _reads(path, {path})


def _reads(path: Path, seen: set[Path]) -> bool:
    for module, name in _imported(path):
        if (module, name) == _PLACE:
            return True
        for found in (_file(f"{module}.{name}"), _file(module)):
            if found is not None and found not in seen:
                seen.add(found)
                if _reads(found, seen):
                    return True
    return False


@cache
def _imported(path: Path) -> frozenset[tuple[str, str]]:
    """(module, name) of each `from tests… import name`, read without a parser: every file of the
    tests is asked at every start.
    """
    return frozenset(
        (module, name.partition(" ")[0])
        for module, names in _IMPORT.findall(path.read_text("utf-8"))
        for name in _NAME.findall(_REMARK.sub("", names))
    )


@cache
def _file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return path if path.is_file() else None
