"""What every adapter must hold, as a class to inherit; its tests run against a loopback server.

Fill in the blanks in `adapters/<name>/conformance.py` as `class Conforms(Conformance)`; the test
suite inherits from it, and `score(name)` runs the same checks for console and command line.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, ClassVar

from adapters.kit.holding import always, fails, flipped, holds, identity, record, same
from adapters.kit.hostile import HOSTILE
from adapters.kit.http import Transport
from adapters.kit.loopback import SILENCE, Asked, Loopback, Told
from adapters.kit.manifest import Manifest
from adapters.kit.registry import entry, make
from adapters.kit.tap import recording
from adapters.ports import Adapter, Call
from hub.model.document import Document
from hub.model.errors import (
    AlreadyDone,
    Ignored,
    NeedsPerson,
    NotAuthentic,
    NotAuthorised,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from mappings.kit import Context, code_lists

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
_MIB = 1024 * 1024


STATUSES: Mapping[int, type[Exception]] = {
    302: Rejected,
    400: Rejected,
    401: NotAuthorised,
    403: NotAuthorised,
    408: TryLater,
    422: Rejected,
    429: TryLater,
    500: OutcomeUnknown,
    502: OutcomeUnknown,
    503: TryLater,
    504: OutcomeUnknown,
}
"""What a status means to a write, unless the adapter's partner is known to mean something else."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A message of a partner: its topic and its bytes."""

    topic: str
    raw: bytes


class Conformance:
    """Inherit, fill in the blanks; the tests come with it."""

    name: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]] = {}
    secrets: ClassVar[Mapping[str, Any]] = {}
    other_secrets: ClassVar[Mapping[str, Any]] = {}
    url_setting: ClassVar[str | None] = "api_url"
    samples: ClassVar[Sequence[Sample]] = ()
    documents: ClassVar[Sequence[Document]] = ()
    statuses: ClassVar[Mapping[int, type[Exception]]] = {}
    tolerance: ClassVar[timedelta] = timedelta(seconds=300)
    finds: ClassVar[bool] = True

    # --- the blanks

    def sign(self, sample: Sample, secrets: Mapping[str, Any], at: datetime) -> Call:
        """The call in which the partner delivers a sample, signed with a secret."""
        raise NotImplementedError

    def accept(self, asked: Asked) -> Told:
        """The partner's answers when all is well, and it has what it was told."""
        raise NotImplementedError

    def unknown(self, asked: Asked) -> Told:
        """The partner's answer when it is asked for what it does not have."""
        raise NotImplementedError

    def unsigned(self, call: Call) -> Call:
        """The call without its signature."""
        return replace(call, query="", headers={})

    # --- the tests

    def test_what_the_partner_signed_is_authentic_and_a_repeat_has_the_same_id(self) -> None:
        adapter = self._adapter()
        for sample in self.samples:
            call = self.sign(sample, self.secrets, NOW)
            first, again = adapter.verify(call, NOW), adapter.verify(call, NOW)
            same(first.topic, sample.topic, "topic")
            holds(bool(first.id), "a delivery has an id")
            same((first.id, first.key), (again.id, again.key), "id and key of a repeat")

    def test_what_somebody_else_signed_is_refused(self) -> None:
        adapter = self._adapter()
        for sample in self.samples:
            good = self.sign(sample, self.secrets, NOW)
            with fails(NotAuthentic):
                adapter.verify(self.sign(sample, self.other_secrets, NOW), NOW)
            with fails(NotAuthentic):
                adapter.verify(self.unsigned(good), NOW)
            for body in (b"", good.body + b" ", flipped(good.body)):
                with fails(NotAuthentic):
                    adapter.verify(replace(good, body=body), NOW)

    def test_an_old_or_future_delivery_is_refused_where_its_time_is_signed(self) -> None:
        if self.tolerance == timedelta.max:
            return
        adapter = self._adapter()
        late = self.tolerance + timedelta(seconds=1)
        for sample in self.samples:
            for at in (NOW - late, NOW + late):
                with fails(NotAuthentic):
                    adapter.verify(self.sign(sample, self.secrets, at), NOW)
            near = self.sign(sample, self.secrets, NOW - self.tolerance + timedelta(seconds=1))
            same(adapter.verify(near, NOW).topic, sample.topic, "topic")

    def test_every_sample_is_decoded_into_what_the_manifest_gives(self) -> None:
        adapter, given = self._adapter(), set(self._manifest().gives)
        seen: set[str] = set()
        for sample in self.samples:
            documents = adapter.decode(sample.topic, sample.raw)
            holds(bool(documents), f"{sample.topic} gives a document")
            same(documents, adapter.decode(sample.topic, sample.raw), "a second decoding")
            seen |= {document.type for document in documents}
            same({one.source.connection for one in documents}, {"conformance"}, "connection")
        same(seen, given, "what the samples show and the manifest gives")

    def test_hostile_bodies_end_in_a_fate_and_never_in_another_error(self) -> None:
        adapter = self._adapter()
        for topic in (*self._manifest().topics, "", "no.such.topic", "x" * 500):
            for raw in HOSTILE:
                with fails(NeedsPerson, Ignored):
                    adapter.decode(topic, raw)

    def test_every_document_taken_is_sent_and_its_repeat_bears_the_same_key(self) -> None:
        taken = set(self._manifest().takes)
        same({one.type for one in self.documents}, taken, "what is sent and the manifest takes")
        for document in self.documents:
            with self._partner(self.accept) as (partner, adapter):
                first = adapter.send(document, "key-1")
                writes = len(partner.asked)
                again = adapter.send(document, "key-1")
            holds(bool(first.reference), "a receipt has a reference")
            same(first.reference, again.reference, "reference of a repeat")
            sent, repeated = partner.asked[:writes], partner.asked[writes:]
            holds(bool(sent), "something is sent")
            told = [[identity(one) for one in calls] for calls in (sent, repeated)]
            same(told[0], told[1], "calls of a repeat")

    def test_each_status_has_its_fate(self) -> None:
        for document in self.documents:
            for status, expected in {**STATUSES, **self.statuses}.items():
                with (
                    self._partner(always(Told(status))) as (_, adapter),
                    fails(expected, what=f"{document.type} answered {status}"),
                ):
                    adapter.send(document, "key-1")

    def test_an_answer_that_is_late_lost_or_garbage_leaves_the_outcome_unknown(self) -> None:
        answers = {
            "late": Told(pause_s=0.4),
            "lost": SILENCE,
            "garbage": Told(200, b"\x00\x01 no answer", {"content-type": "text/plain"}),
            "cut": Told(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", close=True),
            "huge": Told(200, b" " * (5 * _MIB + 1)),
        }
        for document in self.documents:
            for what, told in answers.items():
                if what == "garbage" and not self.reads_answers:
                    continue
                limit = 0.2 if what == "late" else 5
                with (
                    self._partner(always(told), timeout_s=limit) as (_, adapter),
                    fails(OutcomeUnknown, what=f"{document.type}, answer {what}"),
                ):
                    adapter.send(document, "key-1")

    reads_answers: ClassVar[bool] = True
    """Whether what a 2xx says matters: if not, any 2xx will do."""

    def test_after_a_lost_answer_the_partner_is_asked(self) -> None:
        if not self.finds:
            holds(self._manifest().honours_keys, "the partner honours keys or can be asked")
            return
        for document in self.documents:
            with self._partner(self.accept) as (_, adapter):
                found = adapter.find(document)
                holds(found is not None and bool(found.reference), "what the partner has is found")
            with self._partner(self.unknown) as (_, adapter):
                same(adapter.find(document), None, "what the partner does not have")
            for status in (500, 503):
                with (
                    self._partner(always(Told(status))) as (_, adapter),
                    fails(TryLater),
                ):
                    adapter.find(document)

    def test_no_secret_is_in_an_error_a_record_or_a_repr(self) -> None:
        secrets = [one for value in self.secrets.values() for one in str(value).splitlines()]
        echo = " ".join(secrets).encode()
        shown: list[str] = []
        for document in self.documents:
            with (
                recording() as exchanges,
                self._partner(always(Told(400, echo))) as (_, adapter),
            ):
                try:
                    adapter.send(document, "key-1")
                except (NeedsPerson, AlreadyDone, TryLater, OutcomeUnknown) as fate:
                    shown += [str(fate), repr(fate)]
                shown += [repr(adapter), *(record(one) for one in exchanges)]
        with self._partner(self.accept) as (_, adapter), recording() as exchanges:
            for document in self.documents:
                adapter.send(document, "key-1")
            shown += [record(one) for one in exchanges]
        for secret in secrets:
            holds(not any(secret in text for text in shown), "no secret is shown")

    # --- the stage

    def _manifest(self) -> Manifest:
        return entry(self.name).manifest

    def _adapter(self, url: str = "http://127.0.0.1:9", timeout_s: float = 5) -> Adapter:
        at = Context("conformance", codes=code_lists(self.name))
        settings = dict(self.settings)
        if self.url_setting:
            settings[self.url_setting] = url
        return make(self.name, settings, self.secrets, at, Transport.local(timeout_s))

    @contextmanager
    def _partner(
        self, script: Callable[[Asked], Told], timeout_s: float = 5
    ) -> Iterator[tuple[Loopback, Adapter]]:
        with Loopback(script) as partner:
            yield partner, self._adapter(partner.url, timeout_s)


ScoreCard = dict[str, str]
"""Test, as a sentence -> `passed`, or what went wrong."""


def score(name: str) -> ScoreCard:
    """Run an adapter's conformance and say what it holds. Empty where it brings none."""
    module = entry(name).target.partition(":")[0]
    try:
        suite = import_module(f"{module}.conformance").Conforms()
    except ModuleNotFoundError:
        return {}
    tests = sorted(test for test in dir(suite) if test.startswith("test_"))
    return {
        test.removeprefix("test_").replace("_", " "): _result(getattr(suite, test))
        for test in tests
    }


def _result(test: Callable[[], None]) -> str:
    try:
        test()
    except Exception as error:  # noqa: BLE001  # whatever goes wrong is what the card shows
        return str(error).partition("\n")[0] or type(error).__name__
    return "passed"


def main(argv: Sequence[str]) -> int:
    """`python -m adapters.kit.conformance NAME`: the score card, and 0 where all is passed."""
    card = score(argv[0])
    for test, result in card.items():
        sys.stdout.write(f"{'ok  ' if result == 'passed' else 'FAIL'} {test}")
        sys.stdout.write("\n" if result == "passed" else f": {result}\n")
    return 0 if card and all(result == "passed" for result in card.values()) else 1


__all__ = ["NOW", "STATUSES", "Conformance", "Sample", "ScoreCard", "fails", "score"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
