"""Spoilt messages that are stored already, through the real inbound engine: no lane ever stops."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from adapters.kit import registry
from tests.hostile import readers, seeds
from tests.hostile.judge import Fault, codes
from tests.hostile.seeds import Seed
from tests.kit.world import World

BATCH = 200
_STANDS = ("done", "ignored", "waiting", "parked")
_PORTS = {name: registry.entry(name).manifest.port for name in seeds.adapters()}


class Lanes:
    """A shop and a warehouse for each adapter, whose messages are decoded by the real one."""

    def __init__(self, url: str, home: Path) -> None:
        self.world = World(url, home)
        acme = self.world.merchant()
        for name, port in _PORTS.items():
            code = self._code(name)
            if port == "channel":
                acme.shop(code, adapter=name)
            else:
                acme.warehouse(code, adapter=name, takes=("fulfilment_order",))
            made = readers.adapter(name, code)
            self.world.at(code).decode = made.decode  # type: ignore[method-assign]
        self.world.stock(self._code("qimen"), A=1000, B=1000)

    def close(self) -> None:
        self.world.close()

    @staticmethod
    def _code(name: str) -> str:
        return f"{_PORTS[name]}-{name.replace('_', '-')}"

    def put(self, seed: Seed, raw: bytes, key: str) -> UUID:
        """One message into its lane."""
        return self.world.tell_raw(self._code(seed.adapter), seed.topic, raw, key).id

    def work(self, cases: Sequence[tuple[Seed, bytes]]) -> list[Fault | None]:
        """Store all, work them, and judge where each stands."""
        ids = [self.put(seed, raw, f"k{at}") for at, (seed, raw) in enumerate(cases)]
        self.world.run()
        found = [self._judged(one, seed) for one, (seed, _) in zip(ids, cases, strict=True)]
        self.world.sql("DELETE FROM work")
        self.world.sql("DELETE FROM message_key")
        self.world.sql("UPDATE connection SET status = 'active'")
        return found

    def _judged(self, message: UUID, seed: Seed) -> Fault | None:
        row: Any = self.world.sql(
            """SELECT coalesce(work.status, message.status) AS status,
              message.error
            FROM message LEFT JOIN work USING (id) WHERE message.id = :id""",
            id=message,
        )[0]
        error = row.error or {}
        code = error.get("code", "")
        if row.status == "retry" and code == "try_later":  # an edit is asked for; nobody answers
            return None
        if row.status not in _STANDS:
            return Fault(f"{seed.adapter} {row.status} {code}", str(error)[:200])
        if row.status in ("parked", "waiting") and code not in codes():
            return Fault(f"{seed.adapter} unexplained code {code}", str(error)[:200])
        echoed = [value for value in seed.personal if value in str(error)]
        return Fault(f"{seed.adapter} a personal value with {code}", str(error)) if echoed else None


def batch(chance: Random, most: int = BATCH) -> list[tuple[Seed, bytes]]:
    """So many spoilt messages of all partners, some of them as they should be."""
    found = []
    for _ in range(most):
        seed = chance.choice([one for one in seeds.everything() if len(one.raw) < 20_000])
        whole = chance.random() < 0.05
        found.append((seed, seed.raw if whole else readers.spoilt(chance, seed)))
    return found
