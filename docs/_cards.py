"""docs/cards.md: what each adapter holds, from what was run (`level.toml` beside it)."""

import tomllib
from typing import Any

from adapters.kit import registry
from adapters.kit.conformance import checks
from docs._markdown import table

_INTRODUCTION = """# Score cards

What each adapter of this repository holds, written by `make levels` from what was run.

**bronze**: it holds the [conformance suite](adapters.md#4-conformance). **silver**: and tests of
its own read what the real system sent. **gold**: and they talked to the real system. **draft**: it
does not hold the suite yet.
"""


def page() -> str:
    """The page."""
    kept = {name: _kept(name) for name in sorted(registry.entries())}
    head = ("adapter", "level", "checks", "tests that read real samples", "with the real system")
    rows = [
        (
            f"`{name}`",
            f"**{shown['level']}**",
            f"{shown['checks_passed']} of {shown['checks']}",
            str(shown["tests_with_real_samples"]),
            str(shown["tests_with_the_real_system"]),
        )
        for name, shown in kept.items()
    ]
    cards = [
        (text, *(_mark(shown["card"].get(text, "not run")) for shown in kept.values()))
        for text in checks()
    ]
    named = ("check", *(f"`{name}`" for name in kept))
    return "\n\n".join([_INTRODUCTION.rstrip(), table(head, rows), table(named, cards)])


def _kept(name: str) -> dict[str, Any]:
    file = registry.entry(name).folder() / "level.toml"
    return tomllib.loads(file.read_text("utf-8"))


def _mark(result: str) -> str:
    return "yes" if result == "passed" else result
