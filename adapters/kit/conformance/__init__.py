"""What every adapter must hold. Its blanks are filled in `adapters/<name>/conformance.py`, as
`CONFORMS = Conformance(...)`; the tests run `checks()`, console and command line `score(name)`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from unittest import SkipTest

from adapters.kit.conformance import reading, telling
from adapters.kit.conformance.contract import Contract
from adapters.kit.conformance.stage import IN_FILES, NOW, Conformance, Sample
from adapters.kit.conformance.telling import STATUSES
from adapters.kit.registry import entry

ScoreCard = dict[str, str]
"""Check, as a sentence -> `passed`, why there is nothing to be passed, or what is wrong."""
GOOD = frozenset(
    {
        "passed",
        IN_FILES,
        reading.NOT_SIGNED,
        reading.NOTHING_POSTED,
        reading.NOT_POLLED,
        telling.NOTHING_TOLD,
        telling.NOT_ASKED,
        telling.ONE_BY_ONE,
    }
)
"""Results that leave nothing to be done."""
Check = Callable[[Conformance], None]


def checks() -> Mapping[str, Check]:
    """All that is checked, by its sentence."""
    return {one.__name__.replace("_", " "): one for one in (*reading.CHECKS, *telling.CHECKS)}


def conformance_of(name: str, contracts: Path | None = None) -> Conformance | None:
    """An adapter's blanks; None where it brings none. `contracts`: where published ones lie."""
    module = f"{entry(name).target.partition(':')[0]}.conformance"
    try:
        blanks: Conformance = import_module(module).CONFORMS
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None
    return replace(blanks, contracts_at=contracts)


def score(name: str, contracts: Path | None = None) -> ScoreCard:
    """Run an adapter's conformance and say what it holds. Empty where it brings none."""
    blanks = conformance_of(name, contracts)
    return {} if blanks is None else {text: _result(one, blanks) for text, one in checks().items()}


def _result(check: Check, blanks: Conformance) -> str:
    try:
        check(blanks)
    except SkipTest as why:
        return str(why)
    except Exception as error:  # noqa: BLE001  # whatever goes wrong is what the card shows
        return str(error).partition("\n")[0] or type(error).__name__
    return "passed"


__all__ = [
    "GOOD",
    "NOW",
    "STATUSES",
    "Conformance",
    "Contract",
    "Sample",
    "ScoreCard",
    "checks",
    "conformance_of",
    "score",
]
