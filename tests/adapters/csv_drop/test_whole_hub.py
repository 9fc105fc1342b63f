"""A running hub between a shop and a warehouse that talks in files, by a real SFTP server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.street import Street, opened
from tests.kit.world.processes import until

pytestmark = pytest.mark.slow

BY_TYPE = [
    {"type": "SH", "columns": {"order": 2, "carrier": 3, "tracking_number": 4}},
    {"type": "SD", "columns": {"sku": 2, "quantity": 3}},
]


@pytest.fixture
def street(db_url: str, tmp_path: Path) -> Iterator[Street]:
    settings = {"layout": {"shipments": {"rows": BY_TYPE}}}
    with opened(db_url, tmp_path, "csv_drop", settings, "shipments", "stock", "statuses") as it:
        yield it


def test_an_order_goes_out_as_a_file_and_what_the_warehouse_drops_is_found_once(
    street: Street,
) -> None:
    rows = [f"NO-{at},many" if at == 7 else f"CUP,{at}" for at in (7, 9)]
    street.put("inv_1.csv", "\n".join(["sku,quantity", *rows, "LID,4", ""]))
    until(lambda: street.available() == {"CUP": "9", "LID": "4"}, "the shop hears what is there")
    street.done("inv_1.csv")
    until(lambda: street.items("messages?status=parked"), "the line that is none is parked")
    (parked,) = street.items("messages?status=parked")
    assert (parked["connection"], parked["topic"]) == ("depot", "stock")
    assert parked["error"]["code"] == "bad_number"
    assert "line 2.on_hand" in json.dumps(
        street.hub.ask("GET", f"messages/{parked['id']}", street.key)
    )

    written: list[tuple[str, str]] = []
    street.server.before = lambda operation, path: written.append((operation, path))
    street.order(("CUP", 2), ("LID", 1))
    until(lambda: [it for it in street.names("in") if it.endswith(".csv")], "the order is there")
    (name,) = street.names("in")
    ours = [it for it in written if it[1].startswith("in/") and it[0] in {"write", "rename"}]
    assert ours == [("write", f"in/{name}.part"), ("rename", f"in/{name}.part")]
    number = name.split("_")[1]
    assert (street.server.root / "in" / name).read_text("utf-8").count(f"\n{number},#1001,") == 2

    told = f"SH,{number},dhl,JD1\nSD,CUP,2\nSD,LID,1\n"
    (street.server.root / "out" / "shp_0.csv.part").write_text(told[:20], "utf-8")
    street.put("shp_1.csv", told)
    street.hurry(lambda: street.told("shipment"), "the shop hears that it left")
    street.done("shp_1.csv")
    (left,) = street.told("shipment")
    assert left["order"]["channel_order_id"] == "1001"
    (package,) = left["packages"]
    assert (package["carrier"], package["tracking_number"]) == ("dhl", "JD1")
    (order,) = street.items("orders?channel=shop&channel_order_id=1001")
    assert order["status"] == "completed"
    assert street.names("out") == ["shp_0.csv.part"]

    street.hub.wait_quiet()
    before = len(street.items("messages?limit=200"))
    street.put("shp_2.csv", told)
    street.done("shp_2.csv")
    street.hub.wait_quiet()
    assert len(street.items("messages?limit=200")) == before
    assert len(street.told("shipment")) == 1
    assert street.available() == {"CUP": "7", "LID": "3"}
