"""Every adapter holds what each must hold, keeps to its partner's own contract, and its level says
just that. An adapter's suite is run once, whoever asks of it.
"""

import tomllib
from functools import cache
from unittest.mock import patch

import pytest

from adapters.kit import registry, repeats
from adapters.kit.conformance import GOOD, ScoreCard, checks, score
from adapters.kit.conformance.level import Evidence
from tests.kit.fixtures import SHARED

pytestmark = pytest.mark.slow
NAMES = sorted(registry.entries())


@pytest.mark.parametrize("check", checks())
@pytest.mark.parametrize("name", NAMES)
def test_an_adapter_conforms(name: str, check: str) -> None:
    result = _card(name)[check]
    if result != "passed" and result in GOOD:
        pytest.skip(result)
    assert result == "passed"


@pytest.mark.parametrize("name", NAMES)
def test_an_adapters_level_is_that_of_today(name: str) -> None:
    kept = tomllib.loads((registry.entry(name).folder() / "level.toml").read_text("utf-8"))
    told = Evidence(
        _card(name), kept["tests_with_real_samples"], kept["tests_with_the_real_system"]
    )
    assert tomllib.loads(told.toml()) == kept
    assert registry.entry(name).manifest.level == told.level


@cache
def _card(name: str) -> ScoreCard:
    """Between two repeats of a read nobody waits: how long is `test_session`'s to say."""
    with patch.object(repeats._REPEATS, "sleep", lambda _: None):
        return score(name, SHARED / "schemas")
