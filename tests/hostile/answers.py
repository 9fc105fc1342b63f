"""What partners answer when they are called, spoilt: whatever they say, a telling ends in a fate.

Each adapter tells and asks what its conformance suite tells and asks; one of the answers it gets is
not what it was. No socket is opened: what goes over it is the sockets' own tests' business.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from random import Random
from typing import Any
from unittest.mock import patch

from adapters.kit import tap
from adapters.kit.http import Http, Reply
from adapters.kit.loopback import Asked, Told
from adapters.ports import Receipt
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
from workers import calls

ADAPTERS = ("generic_channel", "generic_warehouse", "qimen", "shopify", "tryton")
_STATUSES = (200, 201, 202, 204, 206, 301, 400, 404, 409, 422, 429, 500, 503)
_FATES = (TryLater, OutcomeUnknown, AlreadyDone, NeedsPerson, Ignored)
_MOST_CALLS = 300
"""More for one document are calls without end."""
_LONGEST = 1_000


@dataclass(frozen=True)
class Telling:
    """One document that an adapter tells (or asks about), before a partner that knows its part."""

    adapter: str
    document: int
    asks: bool

    @property
    def name(self) -> str:
        """Who tells (or asks) what."""
        kind = _suite(self.adapter).documents[self.document].type
        return f"{self.adapter}.{'find' if self.asks else 'send'}.{kind}"

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
        ledger = getattr(suite, "_ledger", None)
        script = ledger(document).answer if ledger else suite.accept
        numbers = iter(range(_MOST_CALLS))

        def once(_: Http, method: str, target: str, raw: bytes, headers: Any, **__: Any) -> Reply:
            at = next(numbers, None)
            if at is None:
                raise EOFError("calls without end")
            try:
                told = script(Asked(method, target, headers, raw))
            except Exception:  # noqa: BLE001  # a partner that is asked for what it never had
                told = Told(500)
            told = spoil(at, told)
            return Reply(told.status, told.headers, told.body)

        with patch.object(Http, "_once", once):
            adapter = suite._adapter("http://127.0.0.1:9")
            receipt = adapter.find(document) if self.asks else adapter.send(document, "key-1")
            return receipt and calls.received(receipt)

    def judge(self, at: int, status: int, headers: Any, raw: bytes) -> Fault | None:
        """What becomes of the telling where this is the answer of that number."""

        def spoil(number: int, told: Told) -> Told:
            return Told(status, raw, headers) if number == at else told

        with tap.recording() as exchanges:
            try:
                receipt = self.run(spoil)
            except _FATES as error:
                return self._fate(calls.fate(error, exchanges))
            except Exception as error:  # noqa: BLE001  # that is what is judged
                if isinstance(calls.fate(error, exchanges), NotUnderstood):
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
def _suite(adapter: str) -> Any:
    return import_module(f"adapters.{adapter}.conformance").Conforms()


@cache
def _tellings() -> list[tuple[Telling, list[Told]]]:
    """What is told and asked, with the answers to it."""
    found = []
    for name in ADAPTERS:
        suite = _suite(name)
        for at in range(len(suite.documents)):
            for asks in (False, True)[: 1 + suite.finds]:
                telling = Telling(name, at, asks)
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
