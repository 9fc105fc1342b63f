"""The running gateway against its own description: schemathesis makes requests of every operation,
as the description has them and as it forbids them, and sees whether the answers are as promised.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tests.gateway.server.process import serving
from tests.hostile.judge import Fault
from tests.hostile.web import Web

OPERATIONS = 36
"""About so many there are: what each gets is its part of the inputs."""
_REFUSED = ["4xx", "503"]
_DIGITS = re.compile(r"was (string|null), became (integer|number)")
"""Digits where text is expected are read as text: partners send both."""
_SETTINGS: dict[str, Any] = {
    "generation": {"allow-x00": False},
    "phases": {"stateful": {"enabled": False}},
    "checks": {
        # A description knows no totals, no stock, no states: what it allows may well be refused.
        "positive_data_acceptance": {"enabled": False},
        "negative_data_rejection": {"expected-statuses": _REFUSED},
        # GET of `messages/replay` is there: a message of that name, which is not.
        "allow_header_conformance": {"enabled": False},
    },
}


def through(
    url: str, home: Path, most: int, seed: int, only: str = ""
) -> Iterator[tuple[str, bytes, Fault]]:
    """Have about so many requests made, and those of all corners: where they are fewer than the
    operations, of so many of these. Yields the operation, how to ask it again, and what is wrong
    with the answer; at the end, where hardly one was let in. `only`: how the paths begin that are
    asked for.
    """
    web, answers = Web(url, home), Counter[int]()
    try:
        with serving(url, home) as (port, process):
            schema = _schema(web, port, most, seed).include(
                lambda asked: _is_among(asked.operation.label, most, seed), path_regex=f"^{only}"
            )
            for event in from_schema(schema).execute():
                if isinstance(event, events.ScenarioFinished):
                    found = event.recorder.interactions.values()
                    answers.update(one.response.status_code for one in found if one.response)
                yield from _faults(event)
            if process.poll() is not None:
                yield "gateway", b"", Fault("the server died", "")
        if not answers[200] or answers[429] > answers.total() / 10:
            yield "gateway", b"", Fault("it was hardly asked", str(dict(answers)))
    finally:
        web.close()


def _schema(web: Web, port: int, most: int, seed: int) -> Any:
    generation = {**_SETTINGS["generation"], "max-examples": max(1, most // OPERATIONS)}
    config = SchemathesisConfig.from_dict({**_SETTINGS, "seed": seed, "generation": generation})
    where = f"http://127.0.0.1:{port}/api/v1/openapi.json"
    schema = schemathesis.openapi.from_url(where, config=config)

    @schema.auth(refresh_interval=None)
    class OneOfTheKeys:
        def get(self, _case: Any, _context: Any) -> str:
            return web.key()

        def set(self, case: Any, key: str, _context: Any) -> None:
            case.headers["Authorization"] = f"Bearer {key}"

    @schema.hook
    def map_path_parameters(_context: Any, made: dict[str, Any] | None) -> dict[str, Any] | None:
        return made and {name: _known(web, str(value)) for name, value in made.items()}

    return schema


def _is_among(operation: str, most: int, seed: int) -> bool:
    """Whether an operation's turn comes: all of them, or another part with each seed."""
    parts = max(1, OPERATIONS // most)
    return zlib.crc32(operation.encode()) % parts == seed % parts


def _is_slowed(check: str, said: str) -> bool:
    """Whoever guesses a while is slowed down: that too lets nobody in."""
    return check == "ignored_auth" and "429 Too Many Requests" in said


def _known(web: Web, made: str) -> str:
    """Half of what is made up becomes something that there is."""
    at = zlib.crc32(made.encode("utf-8", "replace"))
    return made if at % 2 else web.ids[at // 2 % len(web.ids)]


def _faults(event: events.EngineEvent) -> Iterator[tuple[str, bytes, Fault]]:
    if isinstance(event, events.NonFatalError | events.FatalError):
        said = str(getattr(event, "value", None) or getattr(event, "exception", ""))
        yield "schemathesis", said.encode(), Fault("it cannot be asked", said)
    if not isinstance(event, events.ScenarioFinished):
        return
    for checks in event.recorder.checks.values():
        for check in checks:
            said = str(check.failure_info.failure) if check.failure_info else ""
            if said and not _DIGITS.search(said) and not _is_slowed(check.name, said):
                again = check.failure_info.code_sample.encode()
                yield event.recorder.label, again, Fault(check.name, said)
