"""A running hub, a shop, and a warehouse that speaks X12 or EDIFACT over a real SFTP server: an
order goes out and what left comes back; what came in is booked, as a return where it answers the
notice of one; each file is answered, and once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mappings import edifact, x12
from tests.adapters.street import Street, opened
from tests.kit import catalogue
from tests.kit.world.processes import until

pytestmark = pytest.mark.slow


def _set(kind: str, control: int, *body: str) -> str:
    """An interchange of one X12 set, as the warehouse writes it."""
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'DEPOT':15}*ZZ*{'ACME':15}"
    isa += f"*261124*0900*U*00401*{control:09}*0*P*>"
    segments = [isa, f"GS*XX*DEPOT*ACME*20261124*0900*{control}*X*004010", f"ST*{kind}*0001"]
    tail = [f"SE*{len(body) + 2}*0001", f"GE*1*{control}", f"IEA*1*{control:09}"]
    return "~\n".join([*segments, *body, *tail, ""])


def _message(kind: str, control: int, *body: str) -> str:
    """An interchange of one EDIFACT message, as the warehouse writes it."""
    head = [f"UNB+UNOC:3+DEPOT:ZZZ+ACME:ZZZ+261124:0900+{control}", f"UNH+1+{kind}:D:96A:UN"]
    return "'\n".join([*head, *body, f"UNT+{len(body) + 2}+1", f"UNZ+1+{control}", ""])


@dataclass(frozen=True)
class Talk:
    """What a warehouse says in one standard. `left` is told of an order's number, `back` of a
    return's: two pieces came, one of them broken.
    """

    adapter: str
    settings: dict[str, str]
    order: str
    returning: str
    answer: str
    stock: str
    left: str
    came: str
    back: str

    def number(self, raw: bytes, head: str = "W05") -> str:
        """By what the warehouse is to know the order, or the return, that a file tells."""
        if self.adapter == "x12":
            (told,) = x12.transactions(raw)
            number = told.first(head).at(2)
        else:
            (sent,) = edifact.interchanges(raw)
            number = sent.messages[0].first("BGM").at(2)
        assert number is not None
        return number


X12 = Talk(
    "x12",
    {"sender": "ZZ:ACME", "receiver": "ZZ:DEPOT"},
    "940_",
    "180_",
    "997_",
    _set("846", 1, "BIA*00*SI*I-1*20261124", "LIN**VN*CUP", "QTY*17*9", "LIN**VN*LID", "QTY*17*4"),
    _set("945", 2, "W06*F*{order}*20261124*SH-1", "W27*M*UPSN", "LX*1", "MAN*CP*1Z1",
         "W12*CC*2*2**EA**VN*CUP", "N9*LI*1", "W12*CC*1*1**EA**VN*LID", "N9*LI*2"),
    _set("944", 3, "W17*F*20261124*RC-1", "W07*10*EA**VN*CUP", "W13*2*EA*D"),
    _set("944", 4, "W17*F*20261124*RC-2*{number}", "W07*2*EA**VN*CUP", "W13*1*EA*D"),
)  # fmt: skip
EDIFACT = Talk(
    "edifact",
    {"sender": "ACME:ZZZ", "receiver": "DEPOT:ZZZ"},
    "ORDERS_",
    "RETANN_",
    "CONTRL_",
    _message("INVRPT", 1, "BGM+35+I-1+9", "LIN+1", "PIA+5+CUP:SA", "QTY+145:9", "LIN+2",
             "PIA+5+LID:SA", "QTY+145:4"),
    _message("DESADV", 2, "BGM+351+SH-1+9", "RFF+ON:{order}", "TDT+20++++UPS", "CPS+1",
             "PAC+1++CT", "PCI+33E", "GIN+BJ+S1", "RFF+CN:1Z1", "LIN+1", "PIA+5+CUP:SA", "QTY+12:2",
             "RFF+ON:{order}:1", "LIN+2", "PIA+5+LID:SA", "QTY+12:1", "RFF+ON:{order}:2"),
    _message("RECADV", 3, "BGM+632+RC-1+9", "DTM+50:20261124:102", "LIN+1", "PIA+5+CUP:SA",
             "QTY+48:10", "QTY+124:2"),
    _message("RECADV", 4, "BGM+632+RC-2+9", "DTM+50:20261124:102", "RFF+AAK:{number}", "LIN+1",
             "PIA+5+CUP:SA", "QTY+48:2", "QTY+124:1"),
)  # fmt: skip


@pytest.fixture(params=[X12, EDIFACT], ids=lambda talk: talk.adapter)
def talk(request: pytest.FixtureRequest) -> Talk:
    assert isinstance(request.param, Talk)
    return request.param


@pytest.fixture
def street(db_url: str, tmp_path: Path, talk: Talk) -> Iterator[Street]:
    with opened(db_url, tmp_path, talk.adapter, talk.settings, "file") as it:
        yield it


def told(street: Street, kind: str) -> list[str]:
    """The files of a kind that the warehouse was told."""
    return [it for it in street.names("in") if it.startswith(kind) and not it.endswith(".part")]


def leaves(street: Street, talk: Talk) -> str:
    """The warehouse counts, an order of two CUP and a LID goes out and leaves. Returns what the
    warehouse says of that.
    """
    street.put("1.edi", talk.stock)
    until(lambda: street.available() == {"CUP": "9", "LID": "4"}, "the shop hears what is there")
    street.order(("CUP", 2), ("LID", 1))
    until(lambda: told(street, talk.order), "the order is there")
    (name,) = told(street, talk.order)
    number = talk.number((street.server.root / "in" / name).read_bytes())
    assert number.startswith("F")
    left = talk.left.format(order=number)
    street.put("2.edi", left)
    street.hurry(lambda: street.told("shipment"), "the shop hears that it left")
    until(lambda: street.items("orders?channel_order_id=1001")[0]["status"] == "completed",
          "the order is completed")  # fmt: skip
    return left


def test_an_order_goes_out_and_what_left_and_what_came_is_booked_once(
    street: Street, talk: Talk
) -> None:
    said = leaves(street, talk)
    (left,) = street.told("shipment")
    assert left["order"]["channel_order_id"] == "1001"
    (package,) = left["packages"]
    assert (package["carrier"], package["tracking_number"]) == ("ups", "1Z1")

    street.put("3.edi", talk.came)
    street.hurry(lambda: street.available().get("CUP") == "15", "what came in good is for sale")
    street.done("3.edi")
    street.hub.wait_quiet()
    assert street.available() == {"CUP": "15", "LID": "3"}
    assert len(told(street, talk.answer)) == 3

    before = len(street.items("messages?limit=200"))
    for again, text in (("4.edi", said), ("5.edi", talk.came)):
        street.put(again, text)
        street.done(again)
    street.hub.wait_quiet()
    assert len(street.items("messages?limit=200")) == before
    assert street.available() == {"CUP": "15", "LID": "3"}
    assert len(told(street, talk.answer)) == 3
    assert street.items("messages?status=parked") == []


@pytest.mark.parametrize(
    "talk",
    [X12, pytest.param(EDIFACT, marks=pytest.mark.long)],
    indirect=True,
    ids=lambda talk: talk.adapter,
)
def test_a_receipt_that_answers_a_return_notice_is_that_of_the_return(
    street: Street, talk: Talk
) -> None:
    leaves(street, talk)
    wanted = {
        "type": "return",
        "source": {"connection": "shop"},
        "channel_order_id": "1001",
        "requested_at": f"{catalogue.DAY}T14:00:00Z",
        "lines": [{"sku": "CUP", "quantity": "2", "reason": "too_small"}],
    }
    status, answer = street.hub.ask("POST", "returns", street.key, wanted)
    assert status == 201, answer
    path = f"returns/{answer['case']['id']}"
    status, answer = street.hub.ask("POST", f"{path}/approve", street.key, {"warehouse": "depot"})
    assert (status, answer["status"]) == (200, "approved"), answer
    until(lambda: told(street, talk.returning), "the return is announced")
    (name,) = told(street, talk.returning)
    number = talk.number((street.server.root / "in" / name).read_bytes(), "BGN")

    def kept() -> Any:
        return street.hub.ask("GET", path, street.key)[1]

    back = talk.back.format(number=number)
    street.put("3.edi", back)
    street.hurry(lambda: kept()["status"] == "inspected", "the goods of the return are there")
    (line,) = kept()["lines"]
    there = {it["quality"]: it["quantity"] for it in line["dispositions"]}
    assert there == {"good": "1", "defective": "1"}
    until(lambda: street.available()["CUP"] == "8", "the good piece is for sale")
    street.done("3.edi")
    street.put("4.edi", back)
    street.done("4.edi")
    street.hub.wait_quiet()
    assert (kept()["lines"], street.available()["CUP"]) == ([line], "8")
    assert street.items("messages?status=parked") == []
