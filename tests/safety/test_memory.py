"""What the hub takes of the machine's memory on embedded defaults, at rest.

`python -m tests.safety.test_memory` prints the table for a hub that it starts.
"""

import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from hub.embedded import host
from tests.kit.database import open_folder
from tests.kit.world.running import RunningHub

MOST = 350_000_000
REST_S = 10.0


class Share(NamedTuple):
    """A process and its share of memory: its own pages, and its part of those it shares."""

    pss: int
    command: str


def shares(hub: RunningHub) -> list[Share]:
    """Every process of the hub, those of its database included, the largest first."""
    (up,) = hub.processes
    ours = [psutil.Process(up.pid)]
    ours += ours[0].children(recursive=True)
    for pid in host.at_home(hub.home / "postgres"):
        with suppress(psutil.NoSuchProcess):
            ours.append(psutil.Process(pid))
    known = {one.pid: one for one in ours}
    found = []
    for one in known.values():
        with suppress(psutil.NoSuchProcess):  # PostgreSQL starts some for a moment
            found.append(Share(one.memory_full_info().pss, " ".join(one.cmdline()).strip()[-60:]))
    return sorted(found, reverse=True)


def at_rest(folder: Path) -> list[Share]:
    """Start a hub with nothing set, let it rest, and look."""
    with RunningHub(folder / "var") as hub:
        hub.start("up")
        hub.wait_ready()
        time.sleep(REST_S)
        return shares(hub)


def table(found: list[Share]) -> str:
    rows = [f"{one.pss / 1e6:8.1f} MB  {one.command}" for one in found]
    return "\n".join([*rows, f"{sum(one.pss for one in found) / 1e6:8.1f} MB  in all"])


@pytest.mark.slow
def test_at_rest_all_of_it_takes_less_than_350_mb() -> None:
    with open_folder() as folder:
        found = at_rest(folder)
    print(table(found))  # shown with -s, and where the test fails
    commands = [one.command for one in found]
    assert sum(command.endswith("hub.cli up") for command in commands) == 2
    assert any("postgres" in command for command in commands)
    assert sum(one.pss for one in found) < MOST


if __name__ == "__main__":
    with open_folder() as place:
        print(table(at_rest(place)))
