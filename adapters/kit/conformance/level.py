"""How far an adapter is, computed from what was run and kept beside it as `level.toml`.

draft; bronze: it holds the conformance suite; silver: and its tests read what the real system sent;
gold: and its tests talked to the real system.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from adapters.kit.conformance import GOOD, ScoreCard
from adapters.kit.manifest import Level

_HEAD = "# Written from what was run (`make levels`), never by hand.\n"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was run and passed: the score card, and how many tests read real samples or talked to
    the real system.
    """

    card: ScoreCard
    real_samples: int = 0
    real_system: int = 0

    @property
    def passed(self) -> int:
        """How many checks leave nothing to be done."""
        return sum(result in GOOD for result in self.card.values())

    @property
    def level(self) -> Level:
        """What that comes to."""
        if not self.card or self.passed < len(self.card):
            return "draft"
        if self.real_system:
            return "gold"
        return "silver" if self.real_samples else "bronze"

    def toml(self) -> str:
        """As it is kept."""
        return (
            f'{_HEAD}level = "{self.level}"\n'
            f"checks_passed = {self.passed}\nchecks = {len(self.card)}\n"
            f"tests_with_real_samples = {self.real_samples}\n"
            f"tests_with_the_real_system = {self.real_system}\n\n[card]\n"
        ) + "".join(
            f"{json.dumps(text)} = {json.dumps(result)}\n" for text, result in self.card.items()
        )


def write(folder: Path, evidence: Evidence) -> None:
    """Keep it beside the adapter."""
    (folder / "level.toml").write_text(evidence.toml(), "utf-8")
