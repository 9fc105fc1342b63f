"""Orders as files, by a real SFTP server: under which name, found where, and what nobody can know.

That a file is whole or not there, and what a broken line means, the kit's own tests show.
"""

import pytest

from adapters.kit.samples import sample
from hub.model.errors import AlreadyDone, NeedsPerson, OutcomeUnknown, Rejected
from tests.adapters.csv_drop.depot import connected, depot, names

ORDER = sample("fulfilment_order")
NAME = "ord_F-1_1_20260504100000.csv"
MOVES = {"orders": {"taken": ["read"]}}


@pytest.fixture
def server(tmp_path):
    with depot(tmp_path) as server:
        yield server


def test_an_order_and_its_cancellation_are_files_under_names_of_their_own(server):
    parts = connected(server)
    assert parts.send(ORDER, "key-1").reference == NAME
    parts.send(sample("fulfilment_cancellation"), "key-2")
    assert names(server.root / "in") == ["can_F-1_20260504110000.csv", NAME]


def test_told_again_it_is_there_and_another_content_is_refused(server):
    parts = connected(server)
    parts.send(ORDER, "key-1")
    with pytest.raises(AlreadyDone) as done:
        parts.send(ORDER, "key-1")
    assert done.value.reference == NAME
    for ask in (lambda it: parts.send(it, "key-1"), parts.find):
        with pytest.raises(Rejected):
            ask(sample("fulfilment_order", note="another"))
    assert names(server.root / "in") == [NAME]


def test_what_a_lost_line_left_half_is_not_there_and_is_written_anew(server):
    def hang_up(operation, _path):
        if operation == "rename":
            server.hang_up()
            raise OSError("the line broke")

    parts, server.before = connected(server), hang_up
    with pytest.raises(OutcomeUnknown):
        parts.send(ORDER, "key-1")
    server.before = lambda _operation, _path: None
    assert (names(server.root / "in"), parts.find(ORDER)) == ([f"{NAME}.part"], None)
    assert parts.send(ORDER, "key-1").reference == NAME
    assert names(server.root / "in") == [NAME]


def test_a_file_that_was_read_is_found_where_the_warehouse_moved_it(server):
    parts = connected(server, MOVES)
    assert parts.find(ORDER) is None
    parts.send(ORDER, "key-1")
    (server.root / "in" / NAME).rename(server.root / "read" / NAME)
    assert parts.find(ORDER).reference == NAME


def test_where_nobody_knows_whether_it_was_read_a_person_looks(server):
    with pytest.raises(NeedsPerson) as asked:
        connected(server).find(ORDER)
    assert asked.value.code == "unknown_outcome"
