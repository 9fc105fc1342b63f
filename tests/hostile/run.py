"""Send so many inputs through doors, collect what fails, keep the shortest form of it."""

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from hub.store.migrate import upgrade
from tests.hostile import engine, readers, sockets, web
from tests.hostile.judge import Fault, judged, no_hanging, smallest
from tests.hostile.readers import Door

CORPUS = Path(__file__).parent / "corpus"
SHARES: dict[str, float] = {
    "strict": 0.24, "generic": 0.25, "shopify": 0.11, "qimen": 0.18, "samples": 0.09,
    "answers": 0.05, "apply": 0.02, "decode": 0.01, "open_api": 0.02, "webhooks": 0.02,
    "sockets": 0.005, "engine": 0.005, "described": 0.005,
}  # fmt: skip
"""What part of the inputs goes through each door."""
_TOLD_ONLY = frozenset({"open_api", "webhooks", "sockets", "described"})
"""What fails there depends on what the hub knows: no file of the corpus can play it again."""


@dataclass
class Run:
    """One run: what went through, what failed."""

    seed: int
    keep: bool
    count: dict[str, int] = field(default_factory=dict)
    failed: list[dict[str, str]] = field(default_factory=list)

    def chance(self, door: str) -> Random:
        """The source of all that happens at a door."""
        return Random(f"{self.seed}:{door}")  # noqa: S311  # repeatable, not secret

    def fault(self, door: str, case: str, fault: Fault, raw: bytes) -> None:
        """Remember a failure; the first of its kind is told and kept."""
        told = {"door": door, "case": case, "kind": fault.kind}
        if any(told.items() <= one.items() for one in self.failed):
            return
        self.failed.append({**told, "said": fault.said, "raw": str(raw[:300])})
        sys.stderr.write(f"{door} {case}: {fault.kind}: {fault.said[:150]} <- {raw[:300]!r}\n")
        if self.keep and door not in _TOLD_ONLY:
            CORPUS.mkdir(exist_ok=True)
            name = f"{case}.{hashlib.sha256(raw).hexdigest()[:8]}.bin"
            (CORPUS / name).write_bytes(raw)


def through(inputs: int, seed: int, doors: Iterable[str], *, keep: bool = False) -> dict[str, Any]:
    """Inputs by door, seconds, and faults by door and kind with one example each."""
    run, began = Run(seed, keep), time.monotonic()
    for name in doors:
        run.count[name] = max(1, round(inputs * SHARES[name]))
        at(name, run.count[name], run)
        sys.stderr.write(f"{name}: {run.count[name]}, {time.monotonic() - began:.0f} s\n")
    took = round(time.monotonic() - began, 1)
    return {"seed": seed, "inputs": run.count, "seconds": took, "failed": run.failed}


def at(name: str, most: int, run: Run, place: tuple[str, Path] | None = None) -> None:
    """So many inputs through one door. `place`: a database that nobody else uses, and a home."""
    if name in readers.DOORS:
        one_by_one(name, readers.DOORS[name], most, run)
    elif place is not None:
        _WITH_DATABASE[name](most, run, *place)
    else:
        with _database() as made:
            _WITH_DATABASE[name](most, run, *made)


def one_by_one(name: str, door: Door, most: int, run: Run) -> None:
    """A door that takes one input at a time."""
    chance = run.chance(name)
    for _ in range(most):
        case, raw, judge = door(chance)
        with no_hanging():
            fault = judged(lambda judge=judge, raw=raw: judge(raw))  # type: ignore[misc]
        if fault is not None:
            known = any(one["case"] == case and one["kind"] == fault.kind for one in run.failed)
            short = raw if known or fault.kind == "hangs" else smallest(raw, fault.kind, judge)
            run.fault(name, case, fault, short)


def _app(name: str) -> Callable[[int, Run, str, Path], None]:
    def through_it(most: int, run: Run, url: str, home: Path) -> None:
        with web.opened(url, home) as doors:
            one_by_one(name, doors[name], most, run)

    return through_it


def _sockets(most: int, run: Run, url: str, home: Path) -> None:
    from tests.gateway.server.process import serving  # noqa: PLC0415  # imports the server

    with web.opened(url, home), serving(url, home) as (port, process):
        chance = run.chance("sockets")
        for _ in range(most):
            raw = sockets.request(chance)
            fault = sockets.judge(port, raw)
            if fault is None and process.poll() is not None:
                fault = Fault("the server died", "")
            if fault is not None:
                run.fault("sockets", "socket", fault, raw)


def _described(most: int, run: Run, url: str, home: Path) -> None:
    from tests.hostile import described  # noqa: PLC0415  # imports much

    for operation, again, fault in described.through(url, home, most, run.seed):
        run.fault("described", operation, fault, again)


def _engine(most: int, run: Run, url: str, home: Path) -> None:
    lanes, chance = engine.Lanes(url, home), run.chance("engine")
    try:
        for left in range(most, 0, -engine.BATCH):
            cases = engine.batch(chance, min(left, engine.BATCH))
            for (seed, raw), fault in zip(cases, lanes.work(cases), strict=True):
                if fault is not None:
                    run.fault(
                        "engine", f"{seed.adapter}.{seed.topic.replace('/', '.')}", fault, raw
                    )
    finally:
        lanes.close()


_WITH_DATABASE: dict[str, Callable[[int, Run, str, Path], None]] = {
    "open_api": _app("open_api"),
    "webhooks": _app("webhooks"),
    "sockets": _sockets,
    "described": _described,
    "engine": _engine,
}


@contextmanager
def _database() -> Iterator[tuple[str, Path]]:
    from tests.kit.database import find_servers, temporary_database  # noqa: PLC0415  # imports pytest

    server = find_servers(dict(os.environ)).database
    if server is None:
        raise SystemExit("a PostgreSQL server is needed: set ORDERHUB_TEST_DATABASE_URL")
    with temporary_database(server, "template0") as url, tempfile.TemporaryDirectory() as home:
        upgrade(url)
        yield url, Path(home)
