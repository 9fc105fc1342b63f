"""The heads of the audit leave the machine: signed, kept, and in the security log (G29, S27)."""

from datetime import UTC, datetime

import sqlalchemy as sa
from structlog.testing import capture_logs

from hub.store import audit
from hub.store.audit import Head
from tests.engine.town import Town
from workers import sweep
from workers.witness import sign_heads


def test_G29_every_hour_the_heads_that_are_new_are_signed_and_logged(town: Town) -> None:
    store, key = town.world.store, town.world.store.vault.index_key
    assert [one.every_s for one in sweep.CHORES if one.do is sign_heads] == [3600.0]
    with store.database.begin() as db:
        audit.record(db, town.merchant, "ann", "hold", "order", {}, datetime.now(UTC))
        audit.record(db, town.merchant, "ann", "release", "order", {}, datetime.now(UTC))

    with capture_logs() as logs:
        sign_heads(store, town.world.engine.bell)
    (told,) = [one for one in logs if one.get("chain") == town.merchant]
    assert (told["event"], told["number"]) == ("audit_head", 2)
    head = Head(told["chain"], told["number"], bytes.fromhex(told["hash"]))
    assert bytes.fromhex(told["signed"]) == audit.sign(head, key)
    with store.database.begin() as db:
        assert audit.head(db, town.merchant) == head
        kept = db.scalar(
            sa.text("SELECT count(*) FROM audit_head WHERE chain = :c"), {"c": town.merchant}
        )
        assert kept == 1

    with capture_logs() as logs:
        sign_heads(store, town.world.engine.bell)
    assert logs == [], "what has not grown is not told again"
