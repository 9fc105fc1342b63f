"""A warehouse's files, by a real SFTP server: kept, then moved, no bad line in the way."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from adapters.ports import Cursor
from hub.model.errors import BadData, NotAuthorised, UnknownCode
from tests.adapters.csv_drop.depot import changes, connected, decoded, depot, names
from tests.kit.fixtures import ROOT

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def server(tmp_path):
    with depot(tmp_path) as server:
        yield server


def put(server, name, raw, at=AT):
    path = server.root / "out" / name
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    os.utime(path, (at.timestamp(), at.timestamp()))


def why(parts, one):
    with pytest.raises(BadData) as wrong:
        parts.decode(one.delivery.topic, one.raw)
    return wrong.value.path, str(wrong.value)


def test_each_shipment_is_a_delivery_of_its_order_and_the_file_moves_when_all_are_kept(server):
    put(server, "shp_1.csv", "order,sku,quantity\nF-1,CUP,1\nF-2,LID,1\nF-1,BOWL,2\n")
    put(server, "other.csv", "order,sku,quantity\nF-9,CUP,1\n")
    parts = connected(server)
    assert list(parts.list("shipments", Cursor())) == []  # it may still be written
    pages = parts.list("shipments", Cursor())
    page = next(pages)
    assert [one.delivery.key for one in page.changes] == ["F-1", "F-2"]
    assert page.after == Cursor(AT)
    assert names(server.root / "out") == ["other.csv", "shp_1.csv"]  # nobody said it is kept
    assert list(pages) == []
    assert (names(server.root / "out"), names(server.root / "done")) == (
        ["other.csv"],
        ["shp_1.csv"],
    )
    first, _ = decoded(parts, page.changes)
    assert first.shipped_at == AT
    assert [line.sku for line in first.packages[0].lines] == ["CUP", "BOWL"]


def test_a_poll_that_broke_off_is_told_the_same_again(server):
    put(server, "shp_1.csv", "order,sku,quantity\nF-1,CUP,1\n")
    parts = connected(server)
    list(parts.list("shipments", Cursor()))
    first = next(parts.list("shipments", Cursor()))
    assert next(parts.list("shipments", Cursor())) == first


def test_the_same_file_sent_again_is_known_by_what_it_says(server):
    told = "order,sku,quantity\nF-1,CUP,1\n"
    put(server, "shp_1.csv", told)
    parts = connected(server)
    (first,) = changes(parts, "shipments")
    put(server, "shp_2.csv", told + "F-2,CUP,1\n", AT.replace(hour=10))
    again, new = changes(parts, "shipments")
    assert again.delivery.content == first.delivery.content != new.delivery.content
    put(server, "shp_1.csv", told)
    changes(parts, "shipments")
    assert len(names(server.root / "done")) == 3


def test_a_count_told_again_later_is_a_count_of_its_own(server):
    put(server, "inv.csv", "sku,qty\nCUP,5\n")
    parts = connected(server)
    (first,) = changes(parts, "stock")
    put(server, "inv.csv", "sku,qty\nCUP,5\n", AT.replace(hour=10))
    (later,) = changes(parts, "stock")
    assert first.delivery.content != later.delivery.content
    one, two = decoded(parts, [first, later])
    assert (one.at.hour, two.at.hour, one.complete) == (9, 10, False)
    assert one.report_id != two.report_id


def test_one_bad_line_stands_alone_with_its_number_and_the_rest_goes_on(server):
    lines = [f"SKU-{at},{at % 7}" for at in range(2_000)]
    lines[700], lines[900], lines[1_500] = "SKU-700,many", "half a li", 'SKU-1500,"1'
    put(server, "inv_1.csv", "sku,qty\n" + "\n".join(lines))
    parts = connected(server)
    found = changes(parts, "stock")
    good, bad = found[:-3], found[-3:]
    reports = decoded(parts, good)
    assert [len(report.lines) for report in reports] == [500, 500, 500, 497]
    assert len({report.report_id for report in reports}) == 4
    assert sum(line.on_hand for report in reports for line in report.lines) == sum(
        at % 7 for at in range(2_000) if at not in {700, 900, 1_500}
    )
    assert [why(parts, one) for one in bad] == [
        (
            "line 702.on_hand",
            "a decimal number of at most 14 digits and 6 places is expected, such as 12.50",
        ),
        ("line 902", "2 columns are expected, it has 1: half a li"),
        ("line 1502", 'its quotation marks do not close: SKU-1500,"1'),
    ]
    assert names(server.root / "done") == ["inv_1.csv"]


def test_below_a_header_that_cannot_be_read_nothing_comes_to_stand_under_the_order_before(server):
    rows = [
        {"type": "H", "columns": {"order": 2}},
        {"type": "D", "columns": {"sku": 2, "quantity": 3}},
    ]
    raw = 'H,F-1\nD,CUP,1\nD,LID,x\nH,"F-2\nD,BOWL,9\nH,F-3\nD,CUP,3\nD,LID,1\n'
    put(server, "shp_1.csv", raw)
    parts = connected(server, {"shipments": {"rows": rows}})
    found = changes(parts, "shipments")
    first, last = (
        decoded(parts, [one for one in found if one.delivery.key == "F-3"][:1]),
        found[-2:],
    )
    assert [line.sku for it in first for line in it.packages[0].lines] == ["CUP", "LID"]
    assert [why(parts, one) for one in last] == [
        ("line 4", 'its quotation marks do not close: H,"F-2'),
        ("line 5", "what is above it cannot be read: D,BOWL,9"),
    ]


def test_all_rows_of_an_article_are_in_one_report_wherever_they_stand(server):
    rows = [f"SKU-{at},1,L1" for at in range(1_200)] + [f"SKU-{at},2,L2" for at in range(1_200)]
    put(server, "inv_1.csv", "sku,qty,batch\n" + "\n".join(rows))
    parts = connected(server)
    reports = decoded(parts, changes(parts, "stock"))
    assert [len(report.lines) for report in reports] == [500, 500, 500, 500, 400]
    skus = [{line.sku for line in report.lines} for report in reports]
    assert sum(map(len, skus)) == len(set.union(*skus)) == 1_200


def test_a_code_that_nobody_knows_keeps_its_own_rows_waiting_only(server):
    put(server, "inv_1.csv", "sku,qty,quality\nCUP,5,good\nLID,1,dented\n")
    parts = connected(server)
    found = changes(parts, "stock")
    assert len(found) == 2
    fine, waits = sorted(found, key=lambda one: b"dented" in one.raw)
    assert len(decoded(parts, [fine])) == 1
    with pytest.raises(UnknownCode):
        decoded(parts, [waits])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "the file is empty"),
        (b"artikel;menge\nCUP;5\n", "the columns sku, on_hand are expected, the file has"),
        ("sku,qty\nCUP,5\n".encode("utf-16"), "utf-8 is expected, the file is written in utf-16"),
        ("sku,qty\nGröße,5\n".encode("cp1252"), "no text in utf-8"),
        (b"sku,qty\n5,CUP\n7,LID\n", "a decimal number"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_delivery_as_it_is(server, raw, said):
    put(server, "inv_1.csv", raw)
    parts = connected(server)
    (one,) = changes(parts, "stock")
    assert one.raw == raw
    assert said in why(parts, one)[1]
    assert names(server.root / "done") == ["inv_1.csv"]


@pytest.mark.slow
def test_of_a_large_one_its_fault_is_kept_and_it_can_be_put_again(server):
    raw = b"artikel,menge\n" + b"".join(b"CUP-%d,5\n" % at for at in range(100_000))
    put(server, "inv_1.csv", raw)
    parts = connected(server)
    (one,) = changes(parts, "stock")
    assert len(one.raw) < 1_000
    assert "Mend the layout, then put the file into its folder again" in why(parts, one)[1]
    put(server, "inv_1.csv", raw)
    mended = connected(server, {"stock": {"columns": {"sku": "artikel", "on_hand": "menge"}}})
    found = changes(mended, "stock")
    assert sum(len(report.lines) for report in decoded(mended, found)) == 100_000
    assert one.delivery.content not in {each.delivery.content for each in found}


def test_of_a_row_nothing_is_kept_but_what_the_layout_names(server):
    put(server, "shp_1.csv", "order,buyer,sku,quantity\nF-1,Ada Bakker,CUP,1\n")
    (one,) = changes(connected(server), "shipments")
    assert json.loads(one.raw) == {
        "file": "shp_1.csv",
        "changed_at": "2026-11-24T09:00:00+00:00",
        "rows": [{"line": 2, "cells": {"order": "F-1", "sku": "CUP", "quantity": "1"}}],
    }


def test_what_the_layout_does_not_have_is_not_looked_for_and_no_rows_say_nothing(server):
    put(server, "sta_1.csv", "order,status\n")
    assert changes(connected(server, "dropstream"), "statuses") == []
    assert names(server.root / "out") == ["sta_1.csv"]
    assert changes(connected(server), "statuses") == []
    assert names(server.root / "done") == ["sta_1.csv"]


def test_a_server_of_another_key_is_not_talked_to(server):
    with pytest.raises(NotAuthorised, match="which is not the known one"):
        connected(server, host_keys=["SHA256:other"]).check()


_LARGE = """
import sys
from pathlib import Path
from adapters.ports import Cursor
from tests.adapters.csv_drop.depot import connected, depot
from tests.kit.memory import from_now, peak
root = Path(sys.argv[1])
with depot(root) as server:
    with (root / "out" / "inv_1.csv").open("wb") as file:
        file.write(b"sku,title,quantity\\n")
        for at in range(int(sys.argv[2])):
            file.write(b'SKU-%d,"A cup, blue",%d\\n' % (at, at % 100))
    parts = connected(server)
    list(parts.list("stock", Cursor()))
    before = from_now()
    rows = deliveries = longest = 0
    for page in parts.list("stock", Cursor()):
        for one in page.changes:
            deliveries += 1
            longest = max(longest, len(one.raw))
            rows += one.raw.count(b'"line"')
    grown = peak() - before
    print(rows, deliveries, longest, grown)
"""


LINES = 150_000


@pytest.mark.slow
def test_a_large_file_by_sftp_is_listed_in_bounded_memory(tmp_path):
    told = subprocess.run(
        [sys.executable, "-c", _LARGE, str(tmp_path), str(LINES)],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    ).stdout
    print("rows, deliveries, bytes of the longest, KiB more at the peak, server included:", told)
    rows, deliveries, longest, grown = map(int, told.split())
    assert rows == LINES
    assert LINES / 500 <= deliveries < LINES / 500 + 60
    assert longest < 128 * 1024
    assert grown < 60 * 1024
