"""Where real partner payloads lie: beside the checkout, never inside it.

Whoever has only the repository does not have them: then each test that reads them runs on our own
samples. `ORDERHUB_TEST_COLLECTION` names another folder, or hides it with `none`.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = "none"
_NAMED = os.environ.get("ORDERHUB_TEST_COLLECTION")
_NOWHERE = ROOT / ".no-collection"


def collection(named: str | None, beside: Path = ROOT.parent) -> Path:
    """The folder; one that is not there where there is none. A named one must be there."""
    if named == HIDDEN:
        return _NOWHERE
    if named and not Path(named).is_dir():
        raise ValueError(f"ORDERHUB_TEST_COLLECTION: there is no folder {named}")
    return Path(named).resolve() if named else beside / "shared" / "fixtures"


SHARED = collection(_NAMED)
"""Folder of real payloads, `<port>/<partner>/…`; each partner's SOURCES.md says whence they are."""


def report(folder: Path = SHARED) -> str:
    """One line: what the tests that read recorded payloads run on."""
    if not folder.is_dir():
        return "recorded payloads: none here, our own samples stand in"
    count = sum(path.is_file() for path in folder.rglob("*"))
    return f"recorded payloads: {count} files of {os.path.relpath(folder, ROOT)}"
