"""Each check of the conformance suite bites: an adapter with one fault fails it, and says why."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, repeat
from typing import Any

import pytest

from adapters.kit.conformance import Conformance, checks, conformance_of
from adapters.kit.conformance.transcript import Exchange, Player
from adapters.kit.manifest import Poll
from adapters.kit.testing.scripted_partner import Asked
from adapters.ports import Cursor, Delivery, Listed, Page, Parts, Receipt, cannot_be_asked
from hub.model.errors import Rejected, TryLater

Spoil = Callable[[Parts], Parts]


def anybody(call: Any, _: Any) -> Delivery:
    return Delivery(call.headers.get("x-shopify-topic", ""), "1")


def blind(parts: Parts) -> Parts:
    def send(document: Any, key: str) -> Receipt:
        try:
            return parts.send(document, key)
        except Exception as error:  # noqa: BLE001  # that is the fault
            raise TryLater(f"it did not work: {error}") from None

    return replace(parts, send=send)


def gossip(parts: Parts) -> Parts:
    def send(document: Any, key: str) -> Receipt:
        try:
            return parts.send(document, key)
        except Rejected:
            raise Rejected("it refused shpat-conformance") from None

    return replace(parts, send=send)


FAULTS: dict[str, tuple[str, Spoil]] = {
    "it believes anybody": (
        "a forged signature is refused",
        lambda parts: replace(parts, verify=anybody),
    ),
    "it asks for no signature": (
        "a delivery without its signature is refused",
        lambda parts: replace(parts, verify=anybody),
    ),
    "it reads nothing": (
        "every sample is decoded into what the manifest gives",
        lambda parts: replace(parts, decode=lambda *_: []),
    ),
    "it stumbles": (
        "hostile bodies end in a fate and never in another error",
        lambda parts: replace(parts, decode=lambda _, raw: [raw["id"]]),
    ),
    "it tells nothing": (
        "every document taken is told and a repeat tells it once",
        lambda parts: replace(parts, send=lambda *_: Receipt("told")),
    ),
    "it takes each failure for a pause": ("each status of a write has its fate", blind),
    "it takes a lost answer for none": (
        "an answer that is late lost or garbage leaves the outcome unknown",
        blind,
    ),
    "it does not hear that a token expired": (
        "an expired token is said and nothing is told",
        blind,
    ),
    "it hears no pause": (
        "a partner that is busy says when to come again",
        blind,
    ),
    "it cannot be asked and honours no keys": (
        "after a lost answer the partner is asked",
        lambda parts: replace(parts, find=cannot_be_asked),
    ),
    "it finds everything": (
        "after a lost answer the partner is asked",
        lambda parts: replace(parts, find=lambda _: Receipt("9")),
    ),
    "it tells secrets": ("no secret is in an error a record or a repr", gossip),
    "it loses half": (
        "half a batch has a fate for each",
        lambda parts: replace(parts, send_many=lambda batch: [Receipt("1")] * len(batch)),
    ),
    "it checks nothing": (
        "a check of the connection changes nothing",
        lambda parts: replace(parts, check=lambda: 1 / 0),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_its_check(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sentence, spoil = FAULTS[fault]
    blanks, right = conformance_of("shopify"), Conformance.connected
    assert blanks is not None
    monkeypatch.setattr(
        Conformance, "connected", lambda *given, **more: spoil(right(*given, **more))
    )
    with pytest.raises((AssertionError, ZeroDivisionError)):
        checks()[sentence](blanks)


def test_a_partner_that_is_told_twice_under_two_keys_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blanks, right = conformance_of("generic_channel"), Conformance.connected
    assert blanks is not None
    made: list[int] = []

    def connected(*given: Any, **more: Any) -> Parts:
        made.append(1)
        parts = right(*given, **more)
        return replace(parts, send=lambda document, _: parts.send(document, f"k{len(made)}"))

    monkeypatch.setattr(Conformance, "connected", connected)
    with pytest.raises(AssertionError, match="reference of a repeat"):
        checks()["every document taken is told and a repeat tells it once"](blanks)


def polled(monkeypatch: pytest.MonkeyPatch, ids: Iterator[str]) -> Conformance:
    """A shop that is polled too, its ids told as they come."""
    right = Conformance.connected
    blanks = conformance_of("shopify")
    assert blanks is not None
    raw = next(one.raw for one in blanks.samples if one.topic == "products/update")

    def connected(*given: Any, **more: Any) -> Parts:
        parts = right(*given, **more)

        def listed(_: str, since: Cursor) -> Iterator[Page]:
            parts.check()
            told = Delivery("products/update", next(ids))
            yield Page([Listed(told, raw)], since)

        return replace(parts, list=listed)

    monkeypatch.setattr(Conformance, "connected", connected)
    made = replace(blanks)
    made.__dict__["manifest"] = replace(blanks.manifest, polls={"orders": Poll()})
    made.__dict__["transcript"] = {"orders": {"list": blanks.transcript["*"]["check"]}}
    return made


LIST = "what is listed is named and read alike each time"


def test_what_is_listed_is_read_and_named_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    checks()[LIST](polled(monkeypatch, repeat("1")))


def test_ids_that_a_second_poll_tells_otherwise_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="orders: "):
        checks()[LIST](polled(monkeypatch, map(str, count())))


def test_a_player_answers_in_turn_and_names_what_it_does_not_know() -> None:
    player = Player([Exchange("GET /a", answer="1"), Exchange("GET /a", answer="2")])
    told = [player(Asked("GET", "/a", {}, b"")).body for _ in range(3)]
    assert told == [b"1", b"2", b"2"]
    assert player(Asked("GET", "/b?x=1", {}, b"")).status == 404
    assert player.unknown == ["GET /b?x=1 b''"]
