"""What statements come to: rules matched with shapes here, worked out over items in the database,
for many merchants at once.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.document import ZERO
from hub.model.errors import Contradiction
from hub.model.merchant import in_force
from hub.model.money import EXPONENT, times
from hub.rules.settlement import contract as contracts
from hub.rules.settlement import statement
from hub.rules.settlement.contract import Version
from hub.rules.settlement.matching import TURNOVER, Matcher
from hub.rules.settlement.statement import Before, Held, Line, Result
from hub.rules.settlement.terms import Rule, Terms
from hub.store.settlement import contracts as contract_store
from hub.store.settlement import holding, items, statements, working
from hub.store.settlement.holding import Cut
from hub.store.settlement.statements import StatementRow
from hub.store.settlement.working import Rate, Span, Total

_HUNDREDTH = Decimal("0.01")
_ALL = Decimal(1)
NO_TERMS = Terms(currency="XXX")


@dataclass(slots=True)
class Plan:
    """What is asked of the database. `named`: number of a rate -> merchant, version, rule; of
    turnover the rule is None and `kinds` names its kind of item.
    """

    rates: dict[int, Rate] = field(default_factory=dict)
    named: dict[int, tuple[str, int, Rule]] = field(default_factory=dict)
    kinds: dict[int, tuple[str, str]] = field(default_factory=dict)
    matches: list[tuple[UUID, int]] = field(default_factory=list)


def versions_of(
    unit: Unit, merchants: Sequence[str], until: Mapping[str, int] | None = None
) -> dict[str, list[Version]]:
    """Merchants' contracts; `until`: no newer version than this."""
    by_merchant: dict[str, list[Version]] = {merchant: [] for merchant in merchants}
    parsed: dict[str, Terms] = {}
    for row in contract_store.of(unit.db, merchants):
        if until is None or row.version <= until.get(row.merchant, row.version):
            text = json.dumps(row.terms)  # many have the same
            terms = parsed.get(text) or parsed.setdefault(text, Terms.model_validate(row.terms))
            by_merchant[row.merchant].append(Version(row.version, row.valid_from, terms))
    return by_merchant


def results(
    unit: Unit,
    rows: Sequence[StatementRow],
    known: Mapping[str, Sequence[Version]],
    *,
    alone: bool = False,
) -> dict[UUID, Result]:
    """What statements of one period and currency come to. `alone`: as if nothing was before."""
    first = rows[0]
    merchants = sorted(row.merchant for row in rows)
    before: dict[str, Before] = {}
    if not alone:
        before = _before(unit, merchants, first.currency, first.period_from)
    since = {
        merchant: first.period_from if alone or merchant in before else None
        for merchant in merchants
    }
    terms = {
        merchant: _closing(known[merchant], first.period_to, first.currency)
        for merchant in merchants
    }
    cuts = [
        Cut(
            merchant, timedelta(days=version.terms.hold_days), version.terms.delivery_days,
            first.period_from if merchant in before else None,
        )
        for merchant, version in terms.items()
        if version.terms.hold_days
    ]  # fmt: skip
    held = holding.held(unit.db, cuts, first.currency, first.period_to)
    figures: dict[UUID, Result] = {}
    for beginning in {None, first.period_from} & set(since.values()):
        group = [merchant for merchant in merchants if since[merchant] == beginning]
        span = Span(group, first.currency, beginning, first.period_to)
        lines = _charged(unit, span, known)
        adjusted = working.adjusted(unit.db, span)
        for row in rows:
            if row.merchant in group:
                version = terms[row.merchant]
                turnover, charges = lines[row.merchant]
                figures[row.id] = statement.work_out(
                    version.terms, row.period_to, turnover, charges,
                    _by_version(known[row.merchant], row.currency, version), version.number,
                    adjusted.get(row.merchant, ()), before.get(row.merchant, Before()),
                    Held(*held.get(row.merchant, (ZERO, ZERO))),
                )  # fmt: skip
    return figures


def plan(
    unit: Unit, merchants: Sequence[str], currency: str, known: Mapping[str, Sequence[Version]]
) -> Plan:
    """Rules of these merchants, matched with the shapes of what they sell."""
    made = Plan()
    matchers: dict[str, list[tuple[Matcher, list[int]]]] = {}
    ready: dict[int, Matcher] = {}
    turnover: dict[tuple[str, str], int] = {}
    for merchant in merchants:
        for kind in TURNOVER:
            number = turnover[merchant, kind] = len(made.kinds) + 1
            made.kinds[number] = (merchant, kind)
            made.rates[number] = _rate(number, Rule(name="turnover"), _ALL, currency, None, None)
    number = len(made.kinds)
    for merchant in merchants:
        matchers[merchant] = []
        for stretch in contracts.stretches(known[merchant]):
            terms = contracts.in_currency(stretch.terms, currency)
            numbers = []
            for rule in terms.rules:
                number += 1
                numbers.append(number)
                made.named[number] = (merchant, stretch.version, rule)
                made.rates[number] = _rate(
                    number, rule, times(rule.percent, _HUNDREDTH), currency, stretch.since,
                    stretch.until, half_even=terms.rounding == "half_even",
                )  # fmt: skip
            matcher = ready.get(id(terms)) or ready.setdefault(id(terms), Matcher(terms))
            matchers[merchant].append((matcher, numbers))
    for shape in items.shapes_of(unit.db, merchants):
        sold = turnover.get((shape.merchant, shape.traits["kind"]))
        if sold is not None:
            made.matches.append((shape.id, sold))
        for matcher, numbers in matchers[shape.merchant]:
            made.matches += ((shape.id, numbers[at]) for at in matcher.rules(shape.traits))
    return made


def tiered(unit: Unit, span: Span, made: Plan) -> None:
    """Give rules with tiers the percent of what the period comes to under them."""
    wanted = {number for number, (_, _, rule) in made.named.items() if rule.tiers}
    if not wanted:
        return
    rates = [made.rates[number] for number in sorted(wanted)]
    matches = [match for match in made.matches if match[1] in wanted]
    for number, total in working.totals(unit.db, span, rates, matches).items():
        rule, rate = made.named[number][2], made.rates[number]
        percent = statement.tier_percent(rule, total.base, total.quantity)
        made.rates[number] = replace(rate, factor=times(percent, _HUNDREDTH))


def _charged(
    unit: Unit, span: Span, known: Mapping[str, Sequence[Version]]
) -> dict[str, tuple[list[Line], list[Line]]]:
    """Merchant -> its lines of turnover, and of charges."""
    made = plan(unit, span.merchants, span.currency, known)
    tiered(unit, span, made)
    totals = working.totals(unit.db, span, list(made.rates.values()), made.matches)
    by_merchant: dict[str, tuple[list[Line], list[Line]]] = {
        name: ([], []) for name in span.merchants
    }
    for number in sorted(totals):
        if number in made.kinds:
            merchant, kind = made.kinds[number]
            by_merchant[merchant][0].append(_turnover(kind, totals[number]))
        else:
            merchant, version, rule = made.named[number]
            percent = times(made.rates[number].factor, Decimal(100))
            by_merchant[merchant][1].append(_charge(rule, version, percent, totals[number]))
    return by_merchant


def _turnover(kind: str, total: Total) -> Line:
    return Line(
        statement.TURNOVER.get(kind, statement.SALES), kind, total.amount, None, None,
        total.items, total.quantity, total.base,
    )  # fmt: skip


def _charge(rule: Rule, version: int, percent: Decimal, total: Total) -> Line:
    return Line(
        statement.CHARGE, rule.charge, -total.amount, rule.name, version, total.items,
        total.quantity, total.base, percent.normalize() if percent else None,
    )  # fmt: skip


def _rate(
    number: int, rule: Rule, factor: Decimal, currency: str, since: datetime | None,
    until: datetime | None, *, half_even: bool = False,
) -> Rate:  # fmt: skip
    return Rate(
        number, since, until, factor, rule.fixed, rule.per_kg, rule.minimum, rule.maximum,
        rule.net, rule.given_back, EXPONENT.get(currency, 2), half_even,
    )  # fmt: skip


def _closing(versions: Sequence[Version], until: datetime, currency: str) -> Version:
    """What is in force as a period ends."""
    version = in_force(versions, until - timedelta(microseconds=1))
    if version is None:
        return Version(0, until, NO_TERMS.model_copy(update={"currency": currency}))
    terms = contracts.in_currency(version.terms, currency)
    return Version(version.number, version.valid_from, terms)


def _by_version(versions: Sequence[Version], currency: str, closing: Version) -> dict[int, Terms]:
    named = {it.number: contracts.in_currency(it.terms, currency) for it in versions}
    return {**named, closing.number: closing.terms}


def _before(
    unit: Unit, merchants: Sequence[str], currency: str, period_from: datetime
) -> dict[str, Before]:
    """What statements before this period left, of merchants that have any."""
    by_merchant: dict[str, list[object]] = {}
    for row in statements.before(unit.db, merchants, currency, period_from):
        if not row.final:
            message = "a statement of an earlier period is not approved yet"
            raise Contradiction(message, code="period_open")
        by_merchant.setdefault(row.merchant_id, []).append(row)
    return {merchant: _left(rows) for merchant, rows in by_merchant.items()}


def _left(rows: Sequence[object]) -> Before:
    lines = [(line, row) for row in rows for line in _lines(row)]
    last = rows[-1]
    return Before(
        carried=last.carried_out,  # type: ignore[attr-defined]
        held=-sum(
            (Decimal(line["amount"]) for line in _lines(last) if line["kind"] == "hold_out"), ZERO
        ),
        reserved=[
            (datetime.fromisoformat(line["code"]), -Decimal(line["amount"]))
            for line, _ in lines
            if line["kind"] == "reserve_out"
        ],
        released=sum(
            (Decimal(line["amount"]) for line, _ in lines if line["kind"] == "reserve_in"), ZERO
        ),
    )


def _lines(row: object) -> Iterator[Mapping[str, str]]:
    yield from row.lines  # type: ignore[attr-defined]
