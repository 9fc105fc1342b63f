"""A contract over time: which version is in force when, and its rules as they are worked out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.model.document import ZERO
from hub.model.merchant import in_force
from hub.rules.settlement.terms import Terms


@dataclass(frozen=True, slots=True)
class Version:
    """Terms with their number, and from when on they are in force."""

    number: int
    valid_from: datetime
    terms: Terms


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which one version is in force."""

    version: int
    terms: Terms
    since: datetime
    until: datetime | None


def stretches(versions: Sequence[Version]) -> Iterator[Stretch]:
    """The times of a contract, without a gap from its first day on."""
    bounds = sorted({version.valid_from for version in versions})
    for at, since in enumerate(bounds):
        until = bounds[at + 1] if at + 1 < len(bounds) else None
        newest = in_force(versions, since)
        if newest is not None:
            yield Stretch(newest.number, newest.terms, since, until)


def in_currency(terms: Terms, currency: str) -> Terms:
    """Terms for what is sold in another currency than the contract's: what is said in percent."""
    if terms.currency == currency:
        return terms
    plain = {"fixed": ZERO, "per_kg": ZERO, "minimum": None, "maximum": None, "tiers": ()}
    rules = tuple(rule.model_copy(update=plain) for rule in terms.rules)
    return terms.model_copy(
        update={"currency": currency, "rules": rules, "fees": (), "minimum_payout": ZERO}
    )
