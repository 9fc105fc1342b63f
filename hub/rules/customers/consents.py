"""What a customer allowed: the newest word counts, and every word is kept."""

from collections.abc import Iterable
from typing import NamedTuple

from hub.model.order import SalesOrder
from hub.model.people import Consent

MARKETING = "marketing"


class Given(NamedTuple):
    """A consent in the order in which words count."""

    consent: Consent

    @property
    def order(self) -> tuple[float, bool]:
        """Later counts; of two at one moment the one that takes it back."""
        return self.consent.at.timestamp(), not self.consent.granted


def of_order(channel: str, order: SalesOrder) -> Consent | None:
    """What an order says of mail that advertises; None where it says nothing."""
    told = order.customer and order.customer.accepts_marketing
    if told is None:
        return None
    at = order.source.occurred_at or order.placed_at
    return Consent(purpose=MARKETING, granted=told, at=at, source=channel)


def current(said: Iterable[Consent]) -> tuple[Consent, ...]:
    """The one that counts for each purpose."""
    newest: dict[str, Consent] = {}
    for it in sorted(said, key=lambda one: Given(one).order):
        newest[it.purpose] = it
    return tuple(newest[purpose] for purpose in sorted(newest))


def news(said: Iterable[Consent], known: Iterable[Consent]) -> list[Consent]:
    """Those worth keeping: what the word before them, from the same source, did not say already."""
    kept, fresh = list(known), list[Consent]()
    for it in sorted(said, key=lambda word: Given(word).order):
        before = [
            word
            for word in kept
            if (word.purpose, word.source) == (it.purpose, it.source) and word.at <= it.at
        ]
        last = max(before, key=lambda word: Given(word).order, default=None)
        if last is None or last.granted != it.granted:
            fresh.append(it)
            kept.append(it)
    return fresh
