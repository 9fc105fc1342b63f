"""The heads of the audit leave the machine: signed, kept, and in the security log (G29, S27)."""

from datetime import UTC, datetime

import sqlalchemy as sa
from structlog.testing import capture_logs

from hub.store.people import audit_trail
from hub.store.people.audit_trail import Head
from tests.kit.world import Merchant
from workers.schedule import chores
from workers.schedule.audit_anchor import sign_heads


def test_G29_every_hour_the_heads_that_are_new_are_signed_and_logged(acme: Merchant) -> None:
    store, key = acme.world.store, acme.world.store.vault.index_key
    assert [one.every_s for one in chores.CHORES if one.do is sign_heads] == [60.0]
    with store.database.begin() as db:
        audit_trail.record(db, acme.code, "ann", "hold", "order", {}, datetime.now(UTC))
        audit_trail.record(db, acme.code, "ann", "release", "order", {}, datetime.now(UTC))

    with capture_logs() as logs:
        sign_heads(store, acme.world.engine.bell)
    (told,) = [one for one in logs if one.get("chain") == acme.code]
    assert (told["event"], told["number"]) == ("audit_head", 2)
    head = Head(told["chain"], told["number"], bytes.fromhex(told["hash"]))
    assert bytes.fromhex(told["signed"]) == audit_trail.sign(head, key)
    with store.database.begin() as db:
        assert audit_trail.head(db, acme.code) == head
        kept = db.scalar(
            sa.text("SELECT count(*) FROM audit_head WHERE chain = :c"), {"c": acme.code}
        )
        assert kept == 1

    with capture_logs() as logs:
        sign_heads(store, acme.world.engine.bell)
    assert logs == [], "what has not grown is not told again"
