"""What a partner posts: who sent it, and what it says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest import SkipTest

from adapters.kit.conformance.stage import NOW, Conformance
from adapters.kit.testing.holding import always, fails, flipped, holds, same
from adapters.kit.testing.hostile import HOSTILE
from adapters.kit.testing.scripted_partner import Told
from adapters.ports import Cursor, Listed, documents_of, posts_nothing
from hub.model.errors import Ignored, NeedsPerson, NotAuthentic, TryLater

NOT_SIGNED, NOTHING_POSTED, NOT_POLLED = "not signed", "posts nothing", "not polled"
_ZONES = ("UTC", "Asia/Tokyo")


def what_the_partner_signed_is_authentic_and_a_repeat_has_the_same_id(it: Conformance) -> None:
    parts = _posting(it)
    for one in it.samples:
        call = it.signed(one)
        first, again = parts.verify(call, NOW), parts.verify(call, NOW)
        same(first.topic, one.topic, "topic")
        holds(bool(first.id), "a delivery has an id")
        same((first.id, first.key), (again.id, again.key), "id and key of a repeat")


def a_forged_signature_is_refused(it: Conformance) -> None:
    parts = _posting(it)
    for message in it.samples:
        good = it.signed(message)
        bodies = (b"", good.body + b" ", flipped(good.body)) if it.signs_bodies else ()
        forged = [replace(good, body=body) for body in bodies]
        for call in (it.signed(message, it.OTHER), *forged):
            with fails(NotAuthentic):
                parts.verify(call, NOW)


def a_delivery_without_its_signature_is_refused(it: Conformance) -> None:
    parts = _posting(it)
    for one in it.samples:
        with fails(NotAuthentic):
            parts.verify(it.unsigned(it.signed(one)), NOW)


def an_old_or_future_delivery_is_refused_where_its_time_is_signed(it: Conformance) -> None:
    parts = _posting(it)
    if it.tolerance is None:
        raise SkipTest(NOT_SIGNED)
    second = timedelta(seconds=1)
    for message in it.samples:
        for at in (NOW - it.tolerance - second, NOW + it.tolerance + second):
            with fails(NotAuthentic):
                parts.verify(it.signed(message, at=at), NOW)
        near = it.signed(message, at=NOW - it.tolerance + second)
        same(parts.verify(near, NOW).topic, message.topic, "topic")


def every_sample_is_decoded_into_what_the_manifest_gives(it: Conformance) -> None:
    parts, seen = it.connected(), set[str]()
    for message in it.samples:
        documents = parts.decode(message.topic, message.raw)
        holds(bool(documents), f"{message.topic} gives a document")
        same(documents, parts.decode(message.topic, message.raw), "a second decoding")
        seen |= {document.type for document in documents}
        same({each.source.connection for each in documents}, {"conformance"}, "connection")
    same(seen, set(it.manifest.gives), "what the samples show and the manifest gives")


def times_are_moments_whatever_the_zone_of_the_connection(it: Conformance) -> None:
    """A time without its zone is read in the connection's; one with it never moves by another."""
    for one in it.samples:
        here, there = ([*_times(it, one.topic, one.raw, zone)] for zone in _ZONES)
        same(len(here), len(there), "the times of both")
        moved = {a - b for a, b in zip(here, there, strict=True)}
        holds(moved <= {timedelta(0), timedelta(hours=9)}, f"{one.topic} moves by {moved}")


def hostile_bodies_end_in_a_fate_and_never_in_another_error(it: Conformance) -> None:
    parts = it.connected()
    for topic in (*it.manifest.topics, "", "no.such.topic", "x" * 500):
        for raw in HOSTILE:
            with fails(NeedsPerson, Ignored):
                documents_of(parts, topic, raw)


def what_is_listed_is_named_and_read_alike_each_time(it: Conformance) -> None:
    """Polled a second time it is the same; and where the partner is away, that is later's."""
    if it.connected().list is None:
        raise SkipTest(NOT_POLLED)
    holds(bool(it.manifest.polls), "the manifest names the topics of list")
    for topic in it.manifest.polls:
        first, again = _listed(it, topic), _listed(it, topic)
        holds(bool(first), f"the transcript lists something of {topic}")
        same([change.delivery for change in first], [change.delivery for change in again], topic)
        for change in first:
            if change.raw is not None:
                documents = it.connected().decode(change.delivery.topic, change.raw)
                holds(bool(documents), f"{change.delivery.id} gives a document")
        for status in () if it.files else (500, 503):
            with it.partner(always(Told(status))) as (_, parts), fails(TryLater):
                list(parts.list(topic, Cursor()) if parts.list else ())


def _listed(it: Conformance, topic: str) -> list[Listed]:
    with it.plays(topic, "list") as (partner, parts):
        pages = parts.list(topic, Cursor()) if parts.list else ()
        changes = [change for page in pages for change in page.changes]
    same(it.writes(partner.asked), [], "writes of a list")
    return changes


def _posting(it: Conformance) -> Any:
    parts = it.connected()
    if parts.verify is posts_nothing:
        raise SkipTest(NOTHING_POSTED)
    holds(bool(it.samples), "there are samples of what is posted")
    return parts


def _times(it: Conformance, topic: str, raw: bytes, zone: str) -> Iterator[datetime]:
    def walk(value: Any) -> Iterator[datetime]:
        if isinstance(value, datetime):
            yield value
        elif isinstance(value, dict):
            for part in value.values():
                yield from walk(part)
        elif isinstance(value, list | tuple):
            for part in value:
                yield from walk(part)

    for document in it.connected(time_zone=zone).decode(topic, raw):
        for at in walk(document.model_dump()):
            holds(at.tzinfo is not None, f"{topic} has a time without a zone")
            yield at


CHECKS = (
    what_the_partner_signed_is_authentic_and_a_repeat_has_the_same_id,
    a_forged_signature_is_refused,
    a_delivery_without_its_signature_is_refused,
    an_old_or_future_delivery_is_refused_where_its_time_is_signed,
    every_sample_is_decoded_into_what_the_manifest_gives,
    times_are_moments_whatever_the_zone_of_the_connection,
    hostile_bodies_end_in_a_fate_and_never_in_another_error,
    what_is_listed_is_named_and_read_alike_each_time,
)
