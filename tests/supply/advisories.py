"""Known holes of the locked packages: `python -m tests.supply.advisories [LOCK...]`.

Leaves with 1 where a locked version has a known hole, with 3 where the advisories could not be
asked, for all packages or for some: that is no clean bill.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.kit.fixtures import ROOT

HOLES, NOT_ASKED = 1, 3
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bom.lock")


def audit(lock: Path) -> str | None:
    """What pip-audit says of a lock file, as JSON; None where it did not get so far."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    done = subprocess.run(
        [*command, "--progress-spinner=off", "--format=json", "-r", str(lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.stdout.startswith("{") else None


def verdict(answers: Sequence[str | None]) -> tuple[int, list[str]]:
    """The exit code, and lines for people."""
    packages: list[dict[str, Any]] = [
        one
        for answer in answers
        if answer is not None
        for one in json.loads(answer)["dependencies"]
    ]
    holes = {
        f"{one['name']} {one['version']}: {hole['id']}, mended in "
        f"{', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in packages
        for hole in one.get("vulns", ())
    }
    missed = sorted({one["name"] for one in packages if "skip_reason" in one})
    if holes:
        return HOLES, sorted(holes)
    if None in answers:
        return NOT_ASKED, ["the database of advisories cannot be reached: nothing is known"]
    if missed:
        some = ", ".join(missed[:5])
        return NOT_ASKED, [f"no advisories were given for {len(missed)} packages, such as {some}"]
    return 0, [f"no known holes in {len({one['name'] for one in packages})} packages"]


def main(*names: str) -> int:
    locks = [Path(name) for name in names] or [ROOT / name for name in LOCKS]
    code, lines = verdict([audit(lock) for lock in locks])
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
