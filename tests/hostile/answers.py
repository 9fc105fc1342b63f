"""What partners answer when they are called, spoilt: whatever they say, a telling ends in a fate.

Each adapter tells and asks what its conformance suite tells and asks; one of the answers it gets is
not what it was. No socket is opened: what goes over it is the sockets' own tests' business.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any
from unittest.mock import patch

from adapters.kit.conformance import Conformance, conformance_of
from adapters.kit.conformance.transcript import Player, scene
from adapters.kit.http import Reply, wire_tap
from adapters.kit.http.line import Line
from adapters.kit.testing.scripted_partner import Asked, Told
from adapters.ports import Receipt, cannot_be_asked
from hub.model.errors import (
    AlreadyDone,
    Ignored,
    NeedsPerson,
    NotUnderstood,
    OutcomeUnknown,
    TryLater,
)
from tests.hostile import mutate
from tests.hostile.judge import Fault, codes, place
from workers.outbound import calls

STEADY = ("erpnext", "kingdee", "odoo", "quickbooks", "xero")
"""Who reads answers in any form: elsewhere one that is stumbled over counts as not understood, and
a telling's outcome as unknown.
"""
ADAPTERS = (
    *("generic_channel", "generic_warehouse", "qimen", "shopify", "soap_erp", "tryton"),
    *STEADY,
)
_STATUSES = (200, 201, 202, 204, 206, 301, 400, 404, 409, 422, 429, 500, 503)
_FATES = (TryLater, OutcomeUnknown, AlreadyDone, NeedsPerson, Ignored)
_MOST_CALLS = 300
"""More for one document are calls without end."""
_LONGEST = 1_000


@dataclass(frozen=True)
class Telling:
    """One document that an adapter tells (or asks about), before a partner that knows its part."""

    adapter: str
    document: str
    asks: bool

    @property
    def name(self) -> str:
        """Who tells (or asks) what."""
        return f"{self.adapter}.{'find' if self.asks else 'send'}.{self.document}"

    def clean(self) -> list[Told]:
        """The answers where nothing is wrong."""
        given: list[Told] = []

        def keep(_: int, told: Told) -> Told:
            given.append(told)
            return told

        self.run(keep)
        return given

    def run(self, spoil: Callable[[int, Told], Told]) -> Any:
        """The receipt; `spoil` has each answer, and its number, before the adapter has it."""
        suite = _suite(self.adapter)
        document = suite.documents[self.document]
        script = Player(scene(suite.transcript, self.document, "has" if self.asks else "tell"))
        numbers = iter(range(_MOST_CALLS))

        def once(_: Line, method: str, target: str, raw: bytes, headers: Any, **__: Any) -> Reply:
            at = next(numbers, None)
            if at is None:
                raise EOFError("calls without end")
            told = spoil(at, script(Asked(method, target, headers, raw)))
            return Reply(told.status, told.headers, told.body)

        with patch.object(Line, "exchange", once):
            adapter = suite.connected()
            receipt = adapter.find(document) if self.asks else adapter.send(document, "key-1")
            return receipt and calls.received(receipt)

    def judge(self, at: int, status: int, headers: Any, raw: bytes) -> Fault | None:
        """What becomes of the telling where this is the answer of that number."""

        def spoil(number: int, told: Told) -> Told:
            return Told(status, raw, headers) if number == at else told

        with wire_tap.recording() as exchanges:
            try:
                receipt = self.run(spoil)
            except _FATES as error:
                return self._fate(calls.fate(error, exchanges))
            except Exception as error:  # noqa: BLE001  # that is what is judged
                stumbled = isinstance(calls.fate(error, exchanges), NotUnderstood)
                if stumbled and self.adapter not in STEADY:
                    return None
                return Fault(f"{type(error).__name__} at {place(error)}", str(error)[:200])
        return _reference(receipt.reference if isinstance(receipt, Receipt) else receipt)

    def _fate(self, fate: Exception) -> Fault | None:
        said = str(fate)
        if isinstance(fate, AlreadyDone) and (found := _reference(fate.reference)):
            return found
        code = getattr(fate, "code", None)
        if code is not None and code not in codes():
            return Fault(f"unexplained code {code}", said[:200])
        if not said or len(said) > 2 * _LONGEST:
            return Fault(f"{type(fate).__name__} says {'nothing' if not said else 'too much'}", "")
        secrets = [str(one) for one in _suite(self.adapter).secrets.values()]
        if any(secret in said for secret in secrets):
            return Fault("a secret is told", said[:200])
        return None


def _reference(reference: Any) -> Fault | None:
    """Whether a partner's own number of what it was told can be kept."""
    if reference is None:
        return None
    if not isinstance(reference, str):
        return Fault("a reference that is no text", repr(reference)[:200])
    if not reference or len(reference) > _LONGEST or "\x00" in reference:
        return Fault("a reference that cannot be kept", repr(reference)[:200])
    return None


@cache
def _suite(adapter: str) -> Conformance:
    blanks = conformance_of(adapter)
    assert blanks is not None
    return blanks


@cache
def _tellings() -> list[tuple[Telling, list[Told]]]:
    """What is told and asked, with the answers to it."""
    found = []
    for name in ADAPTERS:
        suite = _suite(name)
        asked = suite.connected().find is not cannot_be_asked
        for kind in suite.documents:
            for asks in (False, True)[: 1 + asked]:
                telling = Telling(name, kind, asks)
                found.append((telling, telling.clean()))
    return [(telling, clean) for telling, clean in found if clean]


def door(chance: Random) -> tuple[str, bytes, Callable[[bytes], Fault | None]]:
    """One telling with one answer spoilt."""
    telling, clean = chance.choice(_tellings())
    at = chance.randrange(len(clean))
    told = clean[at]
    kinds = {b"<": mutate.xml_message, b"{": mutate.json_message, b"[": mutate.json_message}
    raw = kinds.get(told.body.lstrip()[:1], mutate.any_bytes)(chance, told.body)
    status = told.status if chance.random() < 0.85 else chance.choice(_STATUSES)
    case = f"answers.{telling.name}.{at}.{status}"
    return case, raw, lambda raw: telling.judge(at, status, told.headers, raw)


def kept(name: str, raw: bytes) -> Fault | None:
    """An answer of the corpus, for the telling that its name says."""
    told, at, status = name.removeprefix("answers.").rsplit(".", 2)
    telling, clean = next(one for one in _tellings() if one[0].name == told)
    return telling.judge(int(at), int(status), clean[int(at)].headers, raw)
