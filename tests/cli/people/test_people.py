"""user and key, as one types them; and each in the audit."""

from uuid import UUID

import sqlalchemy as sa

from hub.store.base.database import Database
from hub.store.people import accounts, api_keys, audit_checks
from tests.cli.conftest import Run

GOOD = "a tram to the seaside"


def audited(db_url: str, chain: str = "operator") -> list[str]:
    database = Database(db_url)
    try:
        with database.begin() as db:
            assert audit_checks.verify(db, chain) == []
            rows = db.execute(
                sa.text("SELECT action, actor FROM audit WHERE chain = :c ORDER BY number"),
                {"c": chain},
            ).all()
    finally:
        database.dispose()
    assert all(row.actor.startswith("cli:") for row in rows)
    return [row.action for row in rows]


def may_log_in(db_url: str, login: str, password: str) -> bool:
    database = Database(db_url)
    try:
        with database.begin() as db:
            return accounts.check(db, login, password) is not None
    finally:
        database.dispose()


def test_a_user_is_added_listed_and_given_a_new_password(on_database: Run, db_url):
    done = on_database("user", "add", "ann", "--role", "operator", "--name", "Ann", stdin=GOOD)
    assert (done.code, done.out) == (0, "done: ann\n")
    assert may_log_in(db_url, "ann", GOOD)
    assert on_database("user", "list").out.splitlines()[1].split() == [
        "ann",
        "Ann",
        "operator",
        "all",
        "active",
    ]

    changed = on_database("user", "passwd", "ann", "--generate", "--json")
    assert changed.code == 0
    assert not may_log_in(db_url, "ann", GOOD)
    assert may_log_in(db_url, "ann", changed.json["password"])
    assert audited(db_url) == ["user.add", "user.passwd"]


def test_a_user_that_cannot_be_is_refused(on_database: Run, db_url):
    weak = on_database("user", "add", "ann", "--role", "operator", stdin="password1234\n")
    assert (weak.code, weak.errors) == (65, {"password": "weak_password"})
    nobody = on_database("user", "passwd", "nobody", stdin=GOOD)
    assert (nobody.code, nobody.errors) == (65, {"": "not_found"})
    merchant = on_database("user", "add", "m", "--role", "merchant", stdin=GOOD)
    assert (merchant.code, merchant.errors) == (65, {"merchants": "missing_field"})
    assert on_database("user", "list", "--json").json == {"items": []}
    assert audited(db_url) == []


def test_a_key_is_printed_once_listed_and_revoked(on_database: Run, db_url):
    assert (
        on_database("apply", "-", stdin="merchants: [{code: acme, name: A, currency: EUR}]").code
        == 0
    )
    made = on_database("key", "add", "--scopes", "orders:read,orders:write", "--merchant", "acme")
    assert made.code == 0
    text = made.out.strip()
    assert api_keys.looks_like_one(text)

    listed = on_database("key", "list", "--json").json["items"]
    assert [(one["scopes"], one["merchant"]) for one in listed] == [
        (["orders:read", "orders:write"], "acme")
    ]
    assert text not in on_database("key", "list").out

    revoked = on_database("key", "revoke", listed[0]["id"])
    assert revoked.code == 0
    again = on_database("key", "revoke", listed[0]["id"])
    assert (again.code, again.errors) == (65, {"": "not_found"})
    database = Database(db_url)
    with database.begin() as db:
        assert api_keys.find(db, text) is None
    database.dispose()
    assert audited(db_url, "acme")[-1] == "key.add"
    assert audited(db_url)[-1] == "key.revoke"


def test_an_operators_key_has_all_scopes_and_may_end_by_itself(on_database: Run):
    made = on_database("key", "add", "--scopes", "all", "--days", "7", "--json")
    assert made.code == 0
    assert made.json["scopes"] == sorted(api_keys.SCOPES)
    assert made.json["merchant"] is None
    assert made.json["expires_at"] is not None
    assert UUID(made.json["id"])


def test_a_key_acts_for_who_is_named_or_for_nobody(on_database: Run):
    assert on_database("user", "add", "ann", "--role", "finance", stdin=GOOD).code == 0
    add = ("key", "add", "--scopes", "all", "--json")
    owners = [on_database(*add, *more).json["owner"] for more in ((), (), ("--for", "ann"))]
    assert owners == ["", "", "user:ann"]
    listed = on_database("key", "list", "--json").json["items"]
    assert sorted(it["owner"] for it in listed) == sorted(owners)
    nobody = on_database(*add, "--for", "zoe")
    assert (nobody.code, nobody.errors) == (65, {"for": "unknown_code"})


def test_a_key_that_cannot_be_is_refused(on_database: Run):
    scope = on_database("key", "add", "--scopes", "orders:eat")
    assert (scope.code, list(scope.errors)) == (65, ["scopes"])
    merchant = on_database("key", "add", "--scopes", "all", "--merchant", "nobody")
    assert (merchant.code, merchant.errors) == (65, {"merchant": "unknown_code"})
    assert on_database("key", "list").out == "no keys\n"
