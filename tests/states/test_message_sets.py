"""The named sets of statuses are those of the tables, and those that the indexes were made for."""

import re

import pytest

from hub.states import message
from hub.states.machine import allowed
from hub.states.message import INBOX, OUTBOX, In, InEvent, Out, OutEvent
from hub.store.base import statuses
from hub.store.tables import work
from tests.kit.fixtures import ROOT

MIGRATIONS = ROOT / "hub" / "store" / "migrations" / "versions"


@pytest.mark.parametrize(
    ("named", "those"),
    [
        ("FINAL", "done ignored delivered superseded discarded"),
        (
            "UNFINISHED",
            "received pending behind processing sending retry unknown waiting",
        ),
        ("WORKABLE", "received pending retry"),
        ("CLAIMABLE", "received pending retry unknown"),
        ("IN_HAND", "processing sending"),
        ("REPLACEABLE", "pending behind retry waiting parked"),
        ("REVOCABLE", "pending behind retry waiting"),
    ],
)
def test_each_set_is_the_one_its_name_promises(named, those):
    assert getattr(message, named) == {*those.split()}


def test_what_is_claimed_is_in_hand():
    claims = {
        str(row.then)
        for table in (INBOX, OUTBOX)
        for row in table.rows
        if row.event in (InEvent.CLAIM, OutEvent.CLAIM)
    }
    assert claims == message.IN_HAND


def test_every_status_is_new_unfinished_parked_or_final():
    assert {*map(str, In), *map(str, Out)} == (
        message.UNFINISHED | message.FINAL | {"new", "parked"}
    )
    assert not message.UNFINISHED & message.FINAL


def test_nothing_in_hand_or_in_doubt_is_replaced_and_nothing_that_ended():
    spared = message.IN_HAND | message.FINAL | {"unknown"}
    assert not message.REPLACEABLE & spared
    assert message.REVOCABLE < message.REPLACEABLE


def test_what_no_worker_may_take_has_ended_or_waits_for_something_else():
    left = message.UNFINISHED - message.CLAIMABLE - message.IN_HAND
    assert left == {"behind", "waiting"}
    assert allowed(OUTBOX, Out.UNKNOWN) == (), "an unknown outcome is asked about"


@pytest.mark.parametrize(
    ("index", "named"), [("work_claim", "CLAIMABLE"), ("work_held", "IN_HAND")]
)
def test_a_partial_index_holds_what_statements_ask_for(index, named):
    sql = "".join(file.read_text("utf-8") for file in sorted(MIGRATIONS.glob("*.sql")))
    made = re.findall(rf"CREATE INDEX {index} ON work .* WHERE status IN (\(.*\));", sql)
    assert made == [getattr(statuses, named)]
    (table,) = [one for one in work.indexes if one.name == index]
    assert str(table.dialect_options["postgresql"]["where"]) == f"status IN {made[0]}"
