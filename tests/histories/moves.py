"""What a history is made of: what partners say, and what people ask for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, ClassVar

from hub.flows.unit import Unit
from hub.model.errors import BadData, Contradiction, IllegalTransition
from tests.kit.world import World

REFUSED = (BadData, Contradiction, IllegalTransition)
"""How the hub says that something may not be done now; nothing else may fail."""


@dataclass(frozen=True, slots=True)
class Said:
    """A document from a partner; `times`: partners repeat themselves."""

    by: str
    tree: Mapping[str, Any]
    times: int = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for, in a word. It is refused or done whole."""

    word: str
    do: Callable[[Unit], Any]


Move = Said | Asked
Rows = Mapping[str, Sequence[Any]]
"""What a history sees of itself: a name of its `SEES`, and the rows."""


class History:
    """What happens to one merchant, by chance: the same for a seed, alone or among others.

    `play` yields what is done next and sees in `seen` what became of it; `refused` says whether the
    last was. It is over where it ends.
    """

    KIND: ClassVar[str]
    SEES: ClassVar[Mapping[str, str]]
    """Name -> query of rows with a `merchant_id`, of all histories in one."""

    def __init__(self, world: World, seed: int) -> None:
        self.seed, self.chance = seed, Random(seed)  # noqa: S311  # the same each time
        self.code = f"h{seed}"
        self.world = world
        self.now = datetime.now(UTC)
        self.step = 0
        self.refused = False
        self.done: list[str] = []
        self.seen: Rows = {}

    def play(self) -> Iterator[Move]:
        """Everything that happens."""
        raise NotImplementedError

    def holds(self, before: Rows) -> None:
        """What must hold of this history alone after what was done; AssertionError."""

    def at(self, role: str) -> str:
        """The connection that has a role: `wh`, `shop`, `erp`."""
        return f"{role}-{self.code}"

    def maybe(self, odds: float) -> bool:
        return self.chance.random() < odds
