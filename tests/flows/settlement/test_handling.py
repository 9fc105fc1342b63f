"""What warehouses handle is charged a day at a time, and once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hub.flows.settlement import contracts, handling, statements
from hub.rules.settlement.handling import items
from hub.rules.settlement.matching import Matcher
from hub.rules.settlement.terms import Terms
from hub.store.base.ids import floor_id
from hub.store.settlement import entries
from hub.store.settlement import statements as store
from hub.store.stock import stock_levels
from hub.store.stock.stock_levels import Movement

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
TERMS = {
    "currency": "EUR",
    "rules": [
        {"name": "in", "charge": "handling", "on": "receipt", "fixed": "0.10"},
        {"name": "back", "charge": "returns", "on": "return", "fixed": "0.75"},
        {"name": "shelf", "charge": "storage", "on": "storage", "fixed": "0.003"},
    ],
}


def agreed(acme, **changes):
    with acme.world.unit() as unit:
        since = TODAY - timedelta(days=400)
        contracts.agree(unit, acme.code, Terms.model_validate({**TERMS, **changes}), since, "ann")


def moved(acme, days_ago, reason, delta, quality="good", sku="A"):
    """A line of the stock ledger of some day."""
    movement = Movement(
        acme.code,
        acme.at_wh.code,
        sku,
        Decimal(delta),
        reason,
        f"{reason}:{quality}:{days_ago}",
        quality,
    )
    world = acme.world
    with world.store.database.begin() as db:
        stock_levels.move(db, [movement])
    at = TODAY - timedelta(days=days_ago) + timedelta(hours=9)
    world.sql(
        """UPDATE ledger SET id = CAST(:low AS uuid) WHERE document = :document
        AND merchant_id = :merchant""",
        low=str(floor_id(at + timedelta(seconds=len(reason) + len(quality)))),
        document=movement.document, merchant=acme.code,
    )  # fmt: skip


def began(acme, days_ago):
    """Nothing was booked since so many days."""
    acme.world.sql("DELETE FROM posting WHERE name = 'goods'")
    acme.world.sql(
        "INSERT INTO posting (name, after) VALUES ('goods', :after)",
        after=floor_id(TODAY - timedelta(days=days_ago)),
    )


def booked(acme):
    """What is booked a minute after today began, though the tests may run past its end."""
    while True:
        with acme.world.unit() as unit:
            margin_s = (unit.at - TODAY).total_seconds() - 60
            if not handling.book_day(unit, margin_s=margin_s):
                break
    with acme.world.store.database.begin() as db:
        found = [it.entry for it in entries.between(db, merchant=acme.code)]
    return {
        (entry.document.removeprefix("goods:"), entry.reason): entry
        for entry in found
        if entry.document.startswith("goods:")
    }


def pieces(acme, days_ago, kind):
    entry = booked(acme)[(TODAY - timedelta(days=days_ago)).date().isoformat(), kind]
    return {
        row.line: row.quantity
        for row in acme.world.sql(
            """SELECT item.line, item.quantity FROM charge_item AS item
            JOIN entry ON entry.id = item.entry_id WHERE entry.merchant_id = :merchant
            AND entry.document = :document AND entry.reason = :reason""",
            merchant=acme.code, document=entry.document, reason=kind,
        )
    }  # fmt: skip


def test_what_came_in_came_back_and_lay_there_is_charged_to_the_cent_and_once(new_merchant):
    acme = new_merchant(A=0, B=0)
    agreed(acme)
    began(acme, 2)
    moved(acme, 2, "goods_receipt", 40)
    moved(acme, 2, "goods_receipt", 3, "defective")
    moved(acme, 1, "return", 2)
    moved(acme, 1, "shipment", -12)
    place = f"{acme.at_wh.code}:A"
    assert pieces(acme, 2, "receipt") == {place: 43}
    assert pieces(acme, 2, "storage") == {place: 43}
    assert pieces(acme, 1, "return") == {place: 2}
    assert pieces(acme, 1, "storage") == {place: 33}
    before = booked(acme)
    assert len(before) == 4
    began(acme, 2)
    assert booked(acme) == before
    since, until = TODAY - timedelta(days=2), TODAY
    with acme.world.unit() as unit:
        opened = statements.open_period(unit, acme.code, "EUR", since, until, "ann")
        statements.calculate(unit, [opened], "ann")
        (lines,) = store.lines_of(unit.db, [opened]).values()
    charges = {line.code: line.amount for line in lines if line.rule}
    assert charges == {
        "handling": Decimal("-4.30"),
        "returns": Decimal("-1.50"),
        "storage": Decimal("-0.23"),  # 0.129 and 0.099, each rounded for itself
    }


def test_who_is_not_charged_for_it_has_no_entries(new_merchant):
    acme = new_merchant(A=0)
    agreed(acme, rules=TERMS["rules"][:1])
    began(acme, 1)
    moved(acme, 1, "return", 2)
    assert booked(acme) == {}


def test_a_rule_may_charge_some_warehouses_only():
    rules = [{"name": "ours", "on": "storage", "warehouses": ["wh-ours"], "fixed": "1"}]
    matcher = Matcher(Terms.model_validate({**TERMS, "rules": rules}))
    ours, theirs = items("storage", [("wh-ours", "A", Decimal(1)), ("wh", "A", Decimal(1))], {})
    shapes = [{"kind": it.kind, **it.traits} for it in (ours, theirs)]
    assert [[*matcher.rules(shape)] for shape in shapes] == [[0], []]


def test_a_day_that_is_not_over_waits(new_merchant):
    acme = new_merchant(A=0)
    agreed(acme)
    began(acme, 0)
    moved(acme, 0, "goods_receipt", 5)
    assert booked(acme) == {}
