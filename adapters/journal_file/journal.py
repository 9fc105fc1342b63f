"""A folder of journals that only grow.

Whoever adds holds the lock of the file. What grew is written beside it and takes its place when it
is whole, so that no reader and no crash ever leaves half an entry:

    NAME.part    being written; worth nothing
    NAME.next    whole, with all that NAME has: it takes its place, whoever sees it first
    NAME.lock    somebody adds
"""

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from uuid import uuid4

from adapters.kit.files.place import Place, Way, fated, is_plain
from adapters.ports import Receipt, takes_nothing
from hub.model.document import Document
from hub.model.errors import Rejected, TryLater
from hub.model.settlement import JournalEntry
from mappings.journal import FORMS, Terms, one_sided
from mappings.kit import Context

_ODD = re.compile(r"[^A-Za-z0-9_-]+")
_STALE_S = 15 * 60.0
"""A lock that is older was left by whoever is no more."""
Sent = tuple[Document, str]


class Journal:
    """One folder. Files of other months and merchants do not wait for each other."""

    def __init__(self, way: Way, folder: str, form: str, terms: Terms, at: Context) -> None:
        self._way, self._folder, self._form = way, folder, FORMS[form]
        self._terms, self._at = terms, at

    def check(self) -> None:
        """The folder can be listed."""
        with self._way.opened() as place:
            self._names(place)

    def send(self, document: Document, key: str) -> Receipt:
        """Add one entry, where it is not there."""
        (outcome,) = self.send_many([(document, key)])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def find(self, document: Document) -> Receipt | None:
        """Whether its file has it."""
        if not isinstance(document, JournalEntry):
            return None
        name = self._name(document)
        with self._way.opened() as place:
            return self._found(self._read(place, name), name, document)

    def send_many(self, batch: Sequence[Sent]) -> list[Receipt | Exception]:
        """Add what is not there, each file in one go."""
        outcomes: list[Receipt | Exception] = [AssertionError("not sent")] * len(batch)
        files: dict[str, list[int]] = defaultdict(list)
        for n, (document, key) in enumerate(batch):
            if isinstance(document, JournalEntry):
                files[self._name(document)].append(n)
            else:
                outcomes[n] = _refused(document, key)
        for name, places in files.items():
            entries = [it for it, _ in (batch[n] for n in places) if isinstance(it, JournalEntry)]
            for n, outcome in zip(places, self._told(name, entries), strict=True):
                outcomes[n] = outcome
        return outcomes

    def _told(self, name: str, entries: Sequence[JournalEntry]) -> list[Receipt | Exception]:
        try:
            with self._way.opened() as place:
                known = self._judged(self._read(place, name), name, entries)
                if None not in known and f"{name}.next" not in self._names(place):
                    return [it for it in known if it is not None]
                with self._locked(place, name):
                    return self._added(place, name, entries)
        except Exception as fate:  # noqa: BLE001  # one file's trouble is its own
            return [fate] * len(entries)

    def _added(
        self, place: Place, name: str, entries: Sequence[JournalEntry]
    ) -> list[Receipt | Exception]:
        """Under the lock: what is not there yet, each number once."""
        self._finish(place, name)
        before = raw = self._read(place, name)
        outcomes: list[Receipt | Exception] = []
        for entry in entries:
            known = self._judged(raw, name, [entry])[0]
            if known is None:
                raw = (raw or self._form.head) + self._form.appended(one_sided(entry), self._terms)
                known = Receipt(_reference(name, entry))
            outcomes.append(known)
        if raw != before:
            self._replace(place, name, raw)
        return outcomes

    def _judged(
        self, raw: bytes, name: str, entries: Sequence[JournalEntry]
    ) -> list[Receipt | Exception | None]:
        outcomes: list[Receipt | Exception | None] = []
        for entry in entries:
            try:
                outcomes.append(self._found(raw, name, entry))
            except Rejected as fate:
                outcomes.append(fate)
        return outcomes

    def _found(self, raw: bytes, name: str, entry: JournalEntry) -> Receipt | None:
        """None where it is not there. Rejected where another one has its number."""
        there = self._form.find(raw, entry.entry_id, self._at) if raw else None
        if there is None:
            return None
        ours = self._form.head + self._form.appended(one_sided(entry), self._terms)
        (expected,) = self._form.read(ours, self._at)
        if there != expected:
            message = f"{entry.entry_id} is in {name} with another content"
            raise Rejected(message, code="differs_at_partner")
        return Receipt(_reference(name, entry))

    def _name(self, entry: JournalEntry) -> str:
        merchant = next((it.merchant for it in entry.lines if it.merchant), self._at.merchant)
        plain = _ODD.sub("-", merchant)
        name = f"{plain}-{self._terms.day(entry):%Y-%m}.{self._form.suffix}"
        if not is_plain(name):
            raise Rejected("a merchant that can name a file is expected", path="lines.merchant")
        return name

    def _read(self, place: Place, name: str) -> bytes:
        names = self._names(place)
        whole = next((it for it in (f"{name}.next", name) if it in names), None)
        if whole is None:
            return b""
        with fated(name):
            return b"".join(place.read(self._path(whole)))

    def _replace(self, place: Place, name: str, raw: bytes) -> None:
        part, whole = self._path(f"{name}.part"), self._path(f"{name}.next")
        with fated(name, write=True):
            place.write(part, [raw])
            place.rename(part, whole)
        self._finish(place, name)

    def _finish(self, place: Place, name: str) -> None:
        """Give what is whole its name."""
        names, path = self._names(place), self._path(name)
        if f"{name}.next" in names:
            with fated(name, write=True):
                if name in names:
                    place.remove(path)
                place.rename(self._path(f"{name}.next"), path)

    @contextmanager
    def _locked(self, place: Place, name: str) -> Iterator[None]:
        """Nobody else adds meanwhile. A name is given once: that is the lock."""
        lock, mine = self._path(f"{name}.lock"), self._path(f"{name}.{uuid4().hex}.part")
        self._drop_stale(place, name)
        with fated(name):
            place.write(mine, [str(time.time()).encode()])
            try:
                place.rename(mine, lock)
            except OSError:
                place.remove(mine)
                raise TryLater(f"{name}: somebody else adds to it", retry_after=5) from None
        try:
            yield
        finally:
            with suppress(Exception):  # a lock that stays is stale soon
                place.remove(lock)

    def _drop_stale(self, place: Place, name: str) -> None:
        if f"{name}.lock" not in self._names(place):
            return
        with fated(name):
            told = b"".join(place.read(self._path(f"{name}.lock"))).decode("ascii", "replace")
            with suppress(ValueError):
                if time.time() - float(told) > _STALE_S:
                    place.remove(self._path(f"{name}.lock"))

    def _names(self, place: Place) -> set[str]:
        with fated(self._folder or "the folder"):
            return {seen.name for seen in place.list(self._folder or ".")}

    def _path(self, name: str) -> str:
        return f"{self._folder.rstrip('/')}/{name}" if self._folder else name


def _reference(name: str, entry: JournalEntry) -> str:
    return f"{name}#{entry.entry_id}"


def _refused(document: Document, key: str) -> Exception:
    try:
        takes_nothing(document, key)
    except Rejected as fate:
        return fate
    raise AssertionError("it takes nothing")
