"""Sections `safety` and `shares` of the connections file."""

import sqlalchemy as sa

from hub.flows.config import applying
from tests.flows.config.test_applying import CONTRACT, KNOWN, database, refused, run, unit

__all__ = ["database"]
SECTIONS = """
safety:
  - {merchant: acme, pieces: 1}
  - {merchant: acme, warehouse: wh-ams, sku: MUG, pieces: 4}
shares:
  - merchant: acme
    rules:
      - {percent: 60, channel: shop-eu}
      - {priority: [shop-eu]}
"""


def test_they_are_applied_once_and_audited(database):
    run(database, CONTRACT)
    outcome = run(database, CONTRACT + SECTIONS)
    assert [str(change) for change in outcome.changes] == [
        "+ safety acme * *",
        "+ safety acme wh-ams MUG",
        "+ shares acme",
    ]
    assert run(database, CONTRACT + SECTIONS).changes == ()
    with database.begin() as db:
        rows = db.execute(sa.text("SELECT sku, safety FROM stock_level ORDER BY 1")).all()
        actions = db.scalars(
            sa.text("SELECT action FROM audit WHERE chain = 'acme' AND action ~ '^s[ah]'")
        ).all()
        assert unit(db).directory.shares["acme"][0] == {"percent": 60, "channel": "shop-eu"}
    assert [(row.sku, int(row.safety)) for row in rows] == [("MUG", 4), ("TSHIRT-M", 1)]
    assert sorted(actions) == ["safety.add", "safety.add", "shares.add"]


def test_they_hold_for_stock_that_the_same_file_opens(database):
    run(database, CONTRACT + SECTIONS)
    with database.begin() as db:
        rows = db.execute(sa.text("SELECT sku, safety FROM stock_level ORDER BY 1")).all()
    assert [(row.sku, int(row.safety)) for row in rows] == [("MUG", 4), ("TSHIRT-M", 1)]


def test_they_come_back_in_the_export(database):
    run(database, CONTRACT + SECTIONS)
    with database.begin() as db:
        tree = applying.export(unit(db), KNOWN)
    assert tree["safety"] == [
        {"merchant": "acme", "pieces": 1},
        {"merchant": "acme", "warehouse": "wh-ams", "sku": "MUG", "pieces": 4},
    ]
    assert run(database, applying.as_yaml(tree)).changes == ()


def test_what_is_wrong_in_them_is_said_with_its_place(database):
    wrong = """
safety:
  - {merchant: acme, pieces: 1}
  - {merchant: acme, pieces: 2}
  - {merchant: nobody, pieces: 1}
  - {merchant: acme, warehouse: shop-eu, pieces: 1}
  - {merchant: acme, pieces: -1}
shares:
  - {merchant: acme, rules: [{priority: [wh-ams]}]}
"""
    assert refused(database, CONTRACT + wrong) == {
        "safety.1": "duplicate_key",
        "safety.2.merchant": "unknown_code",
        "safety.3.warehouse": "unknown_code",
        "safety.4.pieces": "bad_quantity",
        "shares.0.rules.0.priority.0": "unknown_code",
    }
