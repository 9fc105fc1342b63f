"""A batch of histories in one database: each round takes one step of every one of them, what
partners say in one batch as a worker does, and looks at all invariants of the database once.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from hub import flows
from hub.flows.unit import Told, Unit
from hub.model.catalogue import read
from hub.store import invariants
from hub.store.base.ids import new_id
from hub.store.invariants import Invariant
from tests.histories.moves import REFUSED, Asked, History, Move, Said
from tests.kit.world import World

SETTLED = (2, 6)
"""After these rounds the database counts its rows: its plans are for tables as they are."""


class Broken(AssertionError):
    """What does not hold, and of which histories it may be."""

    def __init__(self, seeds: Sequence[int], what: str) -> None:
        super().__init__(what)
        self.seeds, self.what = seeds, what


@dataclass
class Batch:
    """Histories that are played together. A kind of them adds what it looks at."""

    world: World
    histories: Sequence[History]
    watched: Sequence[Invariant]
    rounds: int = 0
    steps: int = 0
    looked: int = 0
    """How often an invariant was looked at, for all histories."""
    notes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        """What is set up before the first step."""

    def play(self) -> None:
        """Play all of them to their ends. Broken where something does not hold, or fails."""
        try:
            self._play()
        except Broken:
            raise
        except Exception as error:
            raise self.broken(f"{type(error).__name__}: {error}"[:2000]) from error

    def _play(self) -> None:
        live = {one: one.play() for one in self.histories}
        self._see()
        while live:
            self.rounds += 1
            wave = {one: move for one, its in live.items() if (move := next(its, None))}
            live = {one: its for one, its in live.items() if one in wave}
            before = {one: one.seen for one in wave}
            self._do(wave)
            self.after_round(last=not live)
            self._see()
            for one in wave:
                self._own(one, before[one])
            self.look()
            if self.rounds in SETTLED:
                self._count_rows()
        self.at_end()

    def after_round(self, *, last: bool) -> None:
        """What the hub does by itself between two steps."""

    def at_end(self) -> None:
        """What is looked at when all is over."""

    def look(self) -> None:
        """Every invariant of the whole database."""
        with invariants.snapshot(self.world.store) as db:
            for one in self.watched:
                found = list(db.scalars(sa.text(one.query)))
                self.looked += 1
                if found:
                    raise self.broken(f"{one.number} {one.title}: {found[:5]}")

    def broken(self, what: str, one: History | None = None) -> Broken:
        """What to raise."""
        seeds = [one.seed] if one else [it.seed for it in self.histories]
        told = f"{self.histories[0].KIND} histories, round {self.rounds}: {what}"
        if one is not None or len(self.histories) == 1:
            one = one or self.histories[0]
            told += f"; seed {one.seed}, step {one.step}: {', '.join(one.done)}"
        return Broken(seeds, told)

    def _own(self, one: History, before: Any) -> None:
        try:
            one.holds(before)
        except AssertionError as error:
            raise self.broken(f"{error}", one) from error

    def _do(self, wave: dict[History, Move]) -> None:
        """One transaction of what partners say, then one of what people ask for."""
        said = [(one, move) for one, move in wave.items() if isinstance(move, Said)]
        asked = [(one, move) for one, move in wave.items() if isinstance(move, Asked)]
        self.steps += len(wave)
        for one in wave:
            one.step += 1
        if said:
            self._say(said)
        if asked:
            self._ask(asked)

    def _say(self, said: list[tuple[History, Said]]) -> None:
        connections = self.world.store.directory().connections
        told = []
        for one, move in said:
            document = read(str(move.tree["type"]), move.tree)
            told.append((one, move, Told(document, connections[move.by], new_id(), new_id())))
        with self.world.unit() as unit:
            self._take(unit, told)
        again = [it for it in told if it[1].times > 1]
        if again:
            with self.world.unit() as unit:
                self._take(unit, again, note=False)

    def _take(
        self, unit: Unit, told: Sequence[tuple[History, Said, Told]], *, note: bool = True
    ) -> None:
        verdicts = flows.take(unit, [it for _, _, it in told])
        for (one, move, _), verdict in zip(told, verdicts, strict=True):
            if note:
                one.refused = verdict.status not in ("done", "ignored")
                one.done.append(f"{move.tree['type']} {verdict.code or verdict.status}")
                self.notes[f"{move.tree['type']} {verdict.code or verdict.status}"] += 1

    def _ask(self, asked: list[tuple[History, Asked]]) -> None:
        with self.world.store.database.begin() as db:
            directory = self.world.store.directories.read(db)
            for one, move in asked:
                unit = Unit(db, self.world.store.vault, directory, one.now)
                try:
                    with db.begin_nested():
                        said = move.do(unit)
                    one.refused = False
                    word = f"{move.word} {said}" if isinstance(said, str) else move.word
                except REFUSED as error:
                    one.refused, word = True, f"{move.word}: {_why(error)}"
                directory = unit.directory
                one.done.append(word)
                self.notes[word] += 1

    def _see(self) -> None:
        """Have each history see what is so now."""
        queries = type(self.histories[0]).SEES
        by_merchant: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        with self.world.store.database.begin() as db:
            for name, query in queries.items():
                for row in db.execute(sa.text(query)):
                    by_merchant[row.merchant_id][name].append(row)
        for one in self.histories:
            mine = by_merchant[one.code]
            one.seen = {name: tuple(mine[name]) for name in queries}

    def _count_rows(self) -> None:
        with self.world.store.database.begin() as db:
            db.execute(sa.text("SET LOCAL ROLE NONE"))
            db.execute(sa.text("ANALYZE"))


def _why(error: Exception) -> str:
    return str(getattr(error, "code", "not now"))
