"""What an adapter says of itself in `manifest.toml`, read without importing it."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

from adapters.ports import Port
from hub.model.errors import BadData

Level = Literal["draft", "bronze", "silver", "gold"]


@dataclass(frozen=True, slots=True)
class Poll:
    """On what terms a topic is asked for; a connection may say otherwise. `overlap_s`: so far
    before the last change the next poll begins, since partners commit late. `look_back_s`: from
    when on the first poll asks, and one whose cursor expired. `thin`: ids come, and `fetch` brings
    each body.
    """

    every_s: float = 300
    overlap_s: float = 300
    look_back_s: float = 604_800
    thin: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """An adapter's port, what it gives and takes, and how far the partner can be relied on.

    `honours_keys`: the same key twice has one effect, so an unknown outcome may be sent again.
    `ask_after_s`: how soon after a lost answer the partner can say whether it has it.
    `settle_s`: how long after a lost answer the partner may still be working on it.
    `on_request`: those of `takes` that only a connection is told that subscribes to them by name:
    beside the others they would say the same twice.
    `batch`: the most documents in one call. `topics`: what `decode` knows. `bulk`: those of them
    that come in bulk (stock, catalogue) and let others before. `whole`: document -> the topics
    that say all there is of one: a newer one may pass an older one that nobody can read.
    `level` is not in it: it was computed from what was run, see `adapters.kit.conformance.level`.
    `polls`: the topics of `list`, and on what terms each is asked for.
    `personal`: the fields of the partner's own documents that are a person's or a secret, each with
    all beneath it, such as `email` or `customer.*`; None: nobody knows, all is masked.
    """

    name: str
    title: str
    port: Port
    api_version: str
    gives: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    on_request: tuple[str, ...] = ()
    level: Level = "draft"
    topics: tuple[str, ...] = ()
    bulk: tuple[str, ...] = ()
    honours_keys: bool = False
    ask_after_s: int = 10
    settle_s: int = 120
    batch: int = 1
    whole: Mapping[str, Sequence[str]] = field(default_factory=dict)
    polls: Mapping[str, Poll] = field(default_factory=dict)
    personal: tuple[str, ...] | None = None


_KNOWN = {field.name for field in fields(Manifest)} - {"level"}
_FIELD = re.compile(r"[^\s.*]+(\.[^\s.*]+)*(\.\*)?")
_NEEDED = ("name", "title", "port", "api_version")


def read_manifest(text: str) -> Manifest:
    """A manifest from its TOML. BadData names what is missing or unknown."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadData(f"the manifest is no TOML: {error}", path="manifest") from None
    for name in _NEEDED:
        if not isinstance(table.get(name), str):
            raise BadData("text is expected", path=f"manifest.{name}", code="missing_field")
    ports = get_args(Port)
    if table["port"] not in ports:
        raise BadData(f"one of {', '.join(ports)} is expected", path="manifest.port")
    unknown = sorted(set(table) - _KNOWN)
    if unknown:
        raise BadData(f"known are {', '.join(sorted(_KNOWN))}", path=f"manifest.{unknown[0]}")
    _check_personal(table.get("personal", []))
    polls = _polls(table.pop("polls", {}))
    given: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    return Manifest(**given, polls=polls)


def read_level(text: str) -> Level:
    """What `level.toml` says; draft where it says nothing that is known."""
    try:
        told = tomllib.loads(text).get("level")
    except tomllib.TOMLDecodeError:
        return "draft"
    return next((known for known in get_args(Level) if known == told), "draft")


def _polls(given: Any) -> dict[str, Poll]:
    if not isinstance(given, dict):
        raise BadData("topics with their terms are expected", path="manifest.polls")
    return {name: _poll(name, terms) for name, terms in given.items()}


def _poll(name: str, terms: Any) -> Poll:
    """`[polls.orders]`, with what differs from the usual terms."""
    path = f"manifest.polls.{name}"
    known = {field.name for field in fields(Poll)}
    if not isinstance(terms, dict) or set(terms) - known:
        raise BadData(f"a table of {', '.join(sorted(known))} is expected", path=path)
    seconds = [value for term, value in terms.items() if term != "thin"]
    if not all(isinstance(value, int | float) and value >= 0 for value in seconds):
        raise BadData("seconds from 0 are expected", path=path, code="bad_number")
    return Poll(**terms)


def _check_personal(given: Any) -> None:
    if not isinstance(given, list) or not all(
        isinstance(one, str) and _FIELD.fullmatch(one) for one in given
    ):
        message = "a list of fields such as customer.* or receiver.name is expected"
        raise BadData(message, path="manifest.personal")


def polls(manifest: Manifest, options: Mapping[str, Any]) -> dict[str, Poll]:
    """Topic -> its terms: the manifest's, changed by a connection's own words. `poll: {products:
    false}` leaves one out.
    """
    said = options.get("poll", {})
    return {
        topic: replace(usual, **(said.get(topic) or {}))
        for topic, usual in manifest.polls.items()
        if said.get(topic) is not False
    }
