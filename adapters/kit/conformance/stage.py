"""What an adapter's author says of its partner, and the stage on which the checks play it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Protocol
from unittest import SkipTest

from adapters.kit.conformance.contract import Contract
from adapters.kit.conformance.files import place
from adapters.kit.conformance.transcript import Player, Transcript, read_transcript, scene
from adapters.kit.http import Transport
from adapters.kit.manifest import Manifest
from adapters.kit.registry import entry, make
from adapters.kit.samples import sample
from adapters.kit.testing.holding import holds
from adapters.kit.testing.scripted_partner import Asked, Loopback, Told
from adapters.kit.tokens import InProcess
from adapters.ports import Call, Parts
from hub.model.document import Document
from mappings.kit import Context, code_lists, zone

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
IN_FILES = "talks in files"
Script = Callable[[Asked], Told]


class Partner(Protocol):
    """Who was asked, and what."""

    @property
    def asked(self) -> Sequence[Asked]: ...


@dataclass(frozen=True, slots=True)
class Sample:
    """A message of a partner: its topic and its bytes."""

    topic: str
    raw: bytes


Sign = Callable[[Sample, str, datetime], Call]
"""The call in which the partner delivers a sample at a time, signed with a secret."""


def by_method(asked: Asked) -> bool:
    """Whether a request changes something, where its method says it."""
    return asked.method not in {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Conformance:
    """The blanks of the suite. Payloads (`samples/`) and answers (`transcript.yaml`) lie beside the
    adapter; documents to tell come from `adapters.kit.samples`.

    `signed_by`: the secret that signs deliveries. `more`: documents to tell beside one of each type
    that the manifest takes. `tolerance`: how old what is signed may be; None: no time is signed.
    `is_write`: whether a request changes something at the partner. `reads_answers`: whether what a
    2xx says matters. `signs_bodies`: false where a secret comes along that is no signature of what
    is posted. `statuses`: what a status means to a write, where it is not the usual.
    `contract`: where the partner's own published contract is. `files`: of a partner that talks in
    files, the folders it has -> the samples that lie in it, `topic=name` each.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    url_setting: str = "api_url"
    signed_by: str = "webhook_secret"
    sign: Sign | None = None
    tolerance: timedelta | None = None
    more: Mapping[str, Document] = field(default_factory=dict)
    is_write: Callable[[Asked], bool] = by_method
    reads_answers: bool = True
    signs_bodies: bool = True
    statuses: Mapping[int, type[Exception]] = field(default_factory=dict)
    contract: Contract | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    contracts_at: Path | None = None
    """Where published contracts are, beside the adapter's own folder."""

    OTHER: ClassVar[str] = "somebody-else-s-secret"

    @cached_property
    def manifest(self) -> Manifest:
        return entry(self.name).manifest

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """What the partner is told, by the name that its transcript has for it."""
        return {**{kind: sample(kind) for kind in self.manifest.takes}, **self.more}

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """What the partner says: `samples/<topic>.json`, with a dot for a slash."""
        named = {topic.replace("/", "."): topic for topic in self.manifest.topics}
        files = sorted((entry(self.name).folder() / "samples").glob("*"))
        return tuple(Sample(named[file.stem], file.read_bytes()) for file in files)

    @cached_property
    def transcript(self) -> Transcript:
        return read_transcript(entry(self.name).folder())

    def connected(
        self,
        url: str = "http://127.0.0.1:9",
        timeout_s: float = 5,
        time_zone: str = "UTC",
        **account: Any,
    ) -> Parts:
        """The parts of a connection to that address; `account`: where files are, and for whom."""
        at = Context("conformance", codes=code_lists(self.name), zone=zone(time_zone))
        address = {self.url_setting: url} if self.url_setting else {}
        settings = {**self.settings, **address, **account}
        transport = replace(Transport.local(timeout_s), tokens=InProcess())  # ports come again
        return make(self.name, settings, self.secrets, at, transport, lambda: NOW)

    def signed(self, one: Sample, secret: str | None = None, at: datetime = NOW) -> Call:
        """A delivery, by default under the oldest secret that still holds."""
        own = self.secrets[self.signed_by].splitlines()[-1]
        holds(self.sign is not None, "sign says how the partner signs")
        return self.sign(one, secret or own, at)  # type: ignore[misc]  # it holds

    @contextmanager
    def partner(self, script: Script, timeout_s: float = 5) -> Iterator[tuple[Loopback, Parts]]:
        """A partner that does as the script says, and a connection to it. What it is asked is held
        to its contract.
        """
        if self.files:
            raise SkipTest(IN_FILES)
        with Loopback(script) as partner:
            yield partner, self.connected(partner.url, timeout_s)
        if self.contract is not None:
            self.contract.check_all(partner.asked, entry(self.name).folder(), self.contracts_at)

    @contextmanager
    def plays(self, kind: str, name: str) -> Iterator[tuple[Partner, Parts]]:
        """A partner that plays a scene, and was asked for nothing else."""
        if self.files:
            with place(self, kind, name) as played:
                yield played
            return
        player = Player(scene(self.transcript, kind, name))
        with self.partner(player) as (partner, parts):
            yield partner, parts
        holds(not player.unknown, f"the transcript of {kind}, {name}, has {player.unknown}")

    def spoilt(self, kind: str, answer: Told, at_write: int = 1) -> Script:
        """A partner that plays `tell`, but for its answer to that write."""
        player, writes = Player(scene(self.transcript, kind, "tell")), count(1)

        def script(asked: Asked) -> Told:
            if self.is_write(asked) and next(writes) >= at_write:
                return answer
            return player(asked)

        return script

    def writes(self, asked: Sequence[Asked]) -> list[Asked]:
        """The requests that change something."""
        return [one for one in asked if self.is_write(one)]

    def unsigned(self, call: Call) -> Call:
        """The call without its signature."""
        return replace(call, query="", headers={})
