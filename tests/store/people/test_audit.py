"""The audit chain: tampering with a past entry is found, and its place named (G29, S27)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from threading import Thread
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from hub.store import migrate
from hub.store.base import audit_marks
from hub.store.base.database import Database
from hub.store.people import audit_checks, audit_trail
from hub.store.people.audit_checks import Break

AT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


@pytest.fixture
def database(db_url: str) -> Iterator[Database]:
    database = Database(db_url, pool=8)
    yield database
    database.dispose()


@pytest.fixture
def owner(db_url: str) -> Iterator[sa.Engine]:
    """One who may do what the runtime role may not."""
    engine = sa.create_engine(db_url, poolclass=sa.NullPool)
    yield engine
    engine.dispose()


def write(database: Database, entries: int, chain: str = "acme") -> None:
    with database.begin() as db:
        for number in range(1, entries + 1):
            detail = {"reason": f"no. {number}", "pieces": number}
            at = AT + timedelta(seconds=number)
            audit_trail.record(db, chain, "ann", "hold", f"order-{number}", detail, at)


def tamper(owner: sa.Engine, statement: str) -> None:
    with owner.begin() as db:
        db.execute(sa.text(statement))


def breaks(database: Database, known: audit_trail.Head | None = None) -> list[Break]:
    with database.begin() as db:
        return audit_checks.verify(db, "acme", [known] if known else [])


def test_a_chain_as_it_was_written_holds(database):
    write(database, 5)
    assert breaks(database) == []


def test_an_empty_chain_holds_and_has_no_head(database):
    assert breaks(database) == []
    with database.begin() as db:
        assert audit_trail.head(db, "acme") is None


def test_each_merchant_has_a_chain_of_its_own(database):
    write(database, 2)
    write(database, 3, chain="operator")
    with database.begin() as db:
        assert audit_trail.chains(db) == ["acme", "operator"]
        heads = [audit_trail.head(db, chain) for chain in ("acme", "operator")]
    assert [head.number for head in heads if head] == [2, 3]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "UPDATE audit SET actor = 'bob' WHERE number = 2",
            [Break("acme", 2, "altered")],
        ),
        (
            """UPDATE audit SET detail = '{"reason": "none"}' WHERE number = 3""",
            [Break("acme", 3, "altered")],
        ),
        (
            "UPDATE audit SET at = at + interval '1 microsecond' WHERE number = 1",
            [Break("acme", 1, "altered")],
        ),
        (
            "DELETE FROM audit WHERE number = 2",
            [Break("acme", 2, "missing")],
        ),
        (
            "DELETE FROM audit WHERE number = 1",
            [Break("acme", 1, "missing")],
        ),
        (
            """UPDATE audit SET number = -number WHERE number IN (2, 3);
            UPDATE audit SET number = 5 + number WHERE number < 0""",
            [
                Break("acme", 2, "unlinked"),
                Break("acme", 2, "altered"),
                Break("acme", 3, "unlinked"),
                Break("acme", 3, "altered"),
                Break("acme", 4, "unlinked"),
            ],
        ),
        (
            """INSERT INTO audit SELECT chain, 6, at, actor, action, subject, detail, previous, hash
            FROM audit WHERE number = 4""",
            [Break("acme", 5, "missing"), Break("acme", 6, "altered")],
        ),
    ],
    ids=["actor", "detail", "time", "deleted", "first_deleted", "swapped", "inserted"],
)
def test_G29_tampering_is_found_and_its_place_named(database, owner, statement, expected):
    write(database, 4)
    tamper(owner, statement)
    assert breaks(database) == expected


def test_G29_a_rewritten_end_is_found_against_a_head_kept_elsewhere(database, owner):
    write(database, 4)
    with database.begin() as db:
        known = audit_trail.head(db, "acme")
    assert breaks(database, known) == []

    tamper(owner, "DELETE FROM audit WHERE number > 2")
    assert breaks(database) == []
    assert breaks(database, known) == [Break("acme", 3, "cut")]

    with database.begin() as db:
        audit_trail.record(db, "acme", "bob", "release", "order-9", {}, AT)
        audit_trail.record(db, "acme", "bob", "release", "order-9", {}, AT)
    assert breaks(database) == []
    assert breaks(database, known) == [Break("acme", 4, "altered")]


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'bob'", "DELETE FROM audit"])
def test_the_hub_itself_cannot_change_an_entry(database, statement):
    write(database, 1)
    with pytest.raises(ProgrammingError, match="permission denied"), database.begin() as db:
        db.execute(sa.text(statement))
    assert breaks(database) == []


def test_entries_written_in_parallel_follow_one_another(database):
    def one(number: int) -> None:
        with database.begin() as db:
            audit_trail.record(db, "acme", f"person {number}", "hold", "order", {}, AT)

    threads = [Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert breaks(database) == []
    with database.begin() as db:
        last = audit_trail.head(db, "acme")
    assert last is not None
    assert last.number == 8


def test_a_detail_of_any_kind_reads_back_as_it_was_hashed(database):
    detail = {
        "amount": Decimal("1.10"),
        "rate": 0.1,
        "id": UUID(int=7),
        "at": AT,
        "big": 2**70,
        "yes": True,
        "none": None,
        "list": ["b", 1, {"z": 1, "a": 2}],
        "\N{GRINNING FACE}": "nul \x00, half \ud800, \N{LATIN SMALL LETTER E WITH ACUTE}",
    }
    with database.begin() as db:
        audit_trail.record(db, "acme", "ann\x00", "hold", "order", detail, AT)
    assert breaks(database) == []


def test_canonical_json_has_one_spelling():
    tree = {"\N{EURO SIGN}": 1, "b": [True, None, "\N{LATIN SMALL LETTER E WITH ACUTE}"], "a": {}}
    expected = '{"a":{},"b":[true,null,"\N{LATIN SMALL LETTER E WITH ACUTE}"],"\N{EURO SIGN}":1}'
    assert audit_trail.canonical(tree) == expected.encode()


def test_keys_are_ordered_by_their_utf_16_units():
    """RFC 8785, 3.2.3: the emoji's first unit (D83D) comes before U+FB33."""
    assert (
        audit_trail.canonical({"\ufb33": 1, "\U0001f602": 2})
        == '{"\U0001f602":2,"\ufb33":1}'.encode()
    )


def test_the_first_hash_is_what_the_docs_say(database):
    with database.begin() as db:
        audit_trail.record(db, "acme", "ann", "hold", "order", {"b": 1, "a": "x"}, AT)
        head = audit_trail.head(db, "acme")
    text = (
        '{"action":"hold","actor":"ann","at":"2026-11-24T10:15:00+00:00","chain":"acme",'
        '"detail":{"a":"x","b":1},"number":1,"subject":"order"}'
    )
    assert head is not None
    assert head.hash == sha256(bytes(32) + text.encode()).digest()


@pytest.mark.parametrize("table", ["audit", "audit_head"])
def test_G28_a_merchant_sees_and_writes_its_own_chain_alone(database, table):
    write(database, 2)
    write(database, 3, chain="other")
    with database.begin() as db:
        audit_trail.keep_heads(db, b"key")
    seen = sa.text(f"SELECT DISTINCT chain FROM {table}")  # noqa: S608  # of this test
    with database.begin(("acme",)) as db:
        assert list(db.scalars(seen)) == ["acme"]
        audit_trail.record(db, "acme", "ann", "hold", "order", {}, AT)
    with database.begin(()) as db:
        assert list(db.scalars(seen)) == []
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        database.begin(("acme",)) as db,
    ):
        audit_trail.record(db, "other", "ann", "hold", "order", {}, AT)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_head SET number = 9", "DELETE FROM audit_head"]
)
def test_G29_the_hub_itself_cannot_change_a_kept_head(database, statement):
    write(database, 1)
    with database.begin() as db:
        audit_trail.keep_heads(db, b"key")
    with pytest.raises(ProgrammingError, match="permission denied"), database.begin() as db:
        db.execute(sa.text(statement))
    with database.begin() as db:
        assert audit_checks.verify_all(db, b"key") == []


def test_G29_heads_are_kept_as_the_chains_grow(database):
    write(database, 2)
    with database.begin() as db:
        ((first, signature),) = audit_trail.keep_heads(db, b"key")
        assert audit_trail.keep_heads(db, b"key") == []
    assert (first.chain, first.number) == ("acme", 2)
    assert signature == audit_trail.sign(first, b"key")
    assert signature != audit_trail.sign(first, b"another key")
    with database.begin() as db:
        audit_trail.record(db, "acme", "ann", "hold", "order", {}, AT)
        ((second, _),) = audit_trail.keep_heads(db, b"key")
        assert second.number == 3
        assert audit_checks.verify_all(db, b"another key") == [
            Break("acme", 2, "forged"),
            Break("acme", 3, "forged"),
        ]


KEYS = audit_marks.Keys(((b"new0", b"k" * 32), (b"old0", b"o" * 32)))
OLD = audit_marks.Keys(KEYS.known[1:])


@pytest.fixture
def marked(db_url: str) -> Iterator[Database]:
    """Sessions whose entries are marked."""
    database = Database(db_url, pool=4, options=audit_marks.options(KEYS))
    yield database
    database.dispose()


def marks(database: Database, keys: audit_marks.Keys = KEYS) -> list[Break]:
    with database.begin() as db:
        return audit_checks.verify(db, "acme", keys=keys)


def rewritten(owner: sa.Engine, keys: audit_marks.Keys | None) -> None:
    """A superuser writes the whole chain anew, by the hub's own rule, with these keys or none."""
    with owner.connect() as plain:
        db = plain.execution_options(**audit_marks.options(keys))
        db.execute(sa.text("DELETE FROM audit_head"))
        db.execute(sa.text("DELETE FROM audit"))
        for number in range(1, 4):
            audit_trail.record(db, "acme", "eve", "hold", f"order-{number}", {}, AT)
        db.commit()


def test_G29_a_chain_that_is_written_anew_before_its_first_head_is_found(marked, owner):
    write(marked, 3)
    assert marks(marked) == []
    rewritten(owner, None)
    assert breaks(marked) == []  # by its hashes alone it is a chain like any other
    assert marks(marked) == [Break("acme", 1, "unmarked")]
    rewritten(owner, audit_marks.Keys(((b"new0", b"x" * 32),)))
    assert marks(marked) == [Break("acme", at, "forged") for at in (1, 2, 3)]


def test_G29_a_mark_is_good_for_its_own_entry_alone(marked, owner):
    write(marked, 3)
    tamper(owner, "UPDATE audit SET mark = (SELECT mark FROM audit WHERE number = 1)")
    assert marks(marked) == [Break("acme", at, "forged") for at in (2, 3)]
    tamper(owner, "UPDATE audit SET mark = NULL WHERE number > 1")
    assert marks(marked) == [Break("acme", at, "unmarked") for at in (2, 3)]


def test_an_entry_of_a_replaced_key_still_holds_while_that_key_is_kept(marked, db_url):
    before = Database(db_url, pool=1, options=audit_marks.options(OLD))
    write(before, 1)
    write_from(marked, 2, 3)
    assert marks(marked) == []
    assert marks(marked, audit_marks.Keys(KEYS.known[:1])) == [Break("acme", 1, "forged")]
    before.dispose()


def write_from(database: Database, first: int, last: int) -> None:
    with database.begin() as db:
        for number in range(first, last + 1):
            audit_trail.record(db, "acme", "ann", "hold", f"order-{number}", {}, AT)


def test_entries_of_before_there_were_marks_hold_up_to_the_one_that_says_so(
    database, marked, owner
):
    write(database, 3)
    with marked.begin() as db:
        audit_trail.begin_marks(db, AT)
        audit_trail.begin_marks(db, AT)
    write_from(marked, 5, 6)
    assert (marks(marked), breaks(marked)) == ([], [])
    with marked.begin() as db:
        found = list(db.execute(sa.text("SELECT number, action FROM audit ORDER BY number")))
    assert [tuple(row) for row in found][3] == (4, audit_trail.KEYED)
    tamper(owner, "DELETE FROM audit WHERE number <= 4")
    assert Break("acme", 4, "unmarked") in marks(marked)


def test_a_database_of_before_is_marked_by_the_migration(empty_db_url):
    migrate.upgrade(empty_db_url)
    plain = Database(empty_db_url, pool=1)
    write(plain, 2)
    with sa.create_engine(empty_db_url, poolclass=sa.NullPool).begin() as db:
        db.execute(sa.text("ALTER TABLE audit DROP COLUMN mark"))
        db.execute(sa.text("ALTER TABLE api_key DROP COLUMN owner; DROP TABLE poll"))
        db.execute(sa.text("DROP TABLE numbering"))
        db.execute(sa.text("DROP TABLE safety_stock"))
        db.execute(sa.text("DROP TABLE stock_share"))
        db.execute(sa.text("DROP TABLE kit_part"))
        db.execute(sa.text("ALTER TABLE fulfilment_line DROP COLUMN order_line, DROP COLUMN kit"))
        db.execute(sa.text("ALTER TABLE shipment DROP COLUMN withheld"))
        db.execute(sa.text("DROP TABLE stock_batch"))
        db.execute(sa.text("ALTER TABLE stock_level DROP COLUMN by_batch, DROP COLUMN expiring"))
        db.execute(sa.text("ALTER TABLE stock_level DROP COLUMN stale"))
        for later in ("batch", "expires_on", "happened_at"):
            db.execute(sa.text(f"ALTER TABLE ledger DROP COLUMN {later}"))
        db.execute(sa.text("ALTER TABLE level_told DROP COLUMN at, DROP COLUMN message_id"))
        for goods_in in ("notice", "line"):
            db.execute(sa.text(f"DROP TABLE inbound_{goods_in}"))
        db.execute(sa.text("DROP TABLE goods_receipt, receipt_line, receipt_difference"))
        db.execute(sa.text("DROP TABLE stocktake, stocktake_line, stocktake_count"))
        db.execute(sa.text("DROP TABLE review"))
        db.execute(sa.text("DROP TABLE entry, entry_line, charge_shape, charge_item, contract"))
        db.execute(sa.text("DROP TABLE adjustment, statement, statement_line, posting, transfer"))
        db.execute(sa.text("DROP TABLE book_entry, book_telling, book_lock"))
        db.execute(sa.text("DROP FUNCTION orderhub_only_added, orderhub_balanced"))
        db.execute(sa.text("DROP FUNCTION orderhub_scratch, orderhub_scratch_analyzed"))
        db.execute(
            sa.text("DROP TABLE provider_report, provider_row, expected_money, expected_open")
        )
        db.execute(sa.text("DROP TABLE money_match, chargeback"))
        db.execute(sa.text("DROP TABLE invoice_seller, invoice_counter, invoice"))
        db.execute(sa.text("DROP TABLE customer_return, return_line, return_receipt, return_piece"))
        db.execute(sa.text("DROP TABLE return_money, return_policy"))
        db.execute(sa.text("ALTER TABLE refund DROP COLUMN ours, DROP COLUMN partner_refund_id"))
        db.execute(sa.text("DROP TABLE customer, customer_mark, customer_order, customer_due"))
        db.execute(sa.text("DROP TABLE customer_consent, customer_pair, customer_retention"))
        db.execute(sa.text("ALTER TABLE sales_order DROP COLUMN erased_at"))
        db.execute(sa.text("ALTER TABLE fulfilment_order DROP COLUMN ship_by"))
        db.execute(sa.text("ALTER TABLE fulfilment_order DROP COLUMN delivered_at"))
        for merging in ("merged_into", "line_offset", "recipient"):
            db.execute(sa.text(f"ALTER TABLE fulfilment_order DROP COLUMN {merging}"))
        db.execute(sa.text("DROP INDEX fulfilment_order_unshipped"))
        db.execute(sa.text("ALTER TABLE sales_order DROP COLUMN customer"))
        db.execute(sa.text("DROP INDEX sku_reference_code"))
        db.execute(sa.text("DROP TABLE routing_version"))
        db.execute(sa.text("ALTER TABLE routing DROP COLUMN version"))
        db.execute(
            sa.text(
                """ALTER TABLE routing_decision DROP COLUMN rules_owner, DROP COLUMN rules_version,
                DROP COLUMN facts"""
            )
        )
        db.execute(sa.text("UPDATE alembic_version SET version_num = '0012'"))
    migrate.upgrade(empty_db_url, KEYS)
    assert marks(plain) == []
    with plain.begin() as db:
        assert audit_trail.head(db, "acme").number == 3
    plain.dispose()
