"""EDIFACT by SFTP against a real server: orders out, advices in, each interchange answered once."""

import pytest

from adapters.kit.samples import sample
from hub.model.errors import AlreadyDone, BadData, Ignored
from tests.adapters.edi import opened
from tests.kit.fixtures import ROOT
from tests.mappings.edifact.told import ADVICE, message

SAMPLES = ROOT / "adapters" / "edifact" / "samples"
ORDER, CANCEL, NOTICE = map(
    sample, ("fulfilment_order", "fulfilment_cancellation", "inbound_notice")
)


@pytest.fixture
def depot(tmp_path):
    with opened("edifact", tmp_path) as connect:
        yield connect


def test_each_telling_is_one_file_under_a_reference_that_never_comes_again(depot):
    wh = depot(taken=["read"])
    assert wh.parts.find(ORDER) is None
    assert wh.parts.send(ORDER, "k").reference == "ORDERS_000000001.edi"
    with pytest.raises(AlreadyDone):
        wh.parts.send(ORDER, "k")
    (wh.root / "in" / "ORDERS_000000001.edi").rename(wh.root / "read" / "ORDERS_000000001.edi")
    assert wh.parts.find(ORDER).reference == "ORDERS_000000001.edi"
    for document in (sample("fulfilment_order", revision=2), CANCEL, NOTICE):
        wh.parts.send(document, "k2")
    told = {name: wh.told(name) for name in wh.names("in")}
    assert [(name, it.first("BGM").at(2), it.first("BGM").at(3)) for name, it in told.items()] == [
        ("DESADV_000000005.edi", "N000000006", "9"),
        ("ORDERS_000000003.edi", "F000000002", "5"),
        ("ORDERS_000000004.edi", "F000000002", "1"),
    ]
    references = [it.envelope.number for it in told.values()]
    assert references == ["5", "3", "4"]


def test_advices_speak_of_our_documents_by_the_numbers_the_warehouse_knows(depot):
    wh = depot(acknowledge="never")
    wh.parts.send(ORDER, "k")
    wh.parts.send(NOTICE, "k")
    order = wh.told("ORDERS_000000001.edi").first("BGM").at(2)
    notice = wh.told("DESADV_000000003.edi").first("BGM").at(2)
    assert (order, notice) == ("F000000002", "N000000004")
    wh.drop("1.edi", (SAMPLES / "DESADV.edi").read_bytes().replace(b"F-1", order.encode()))
    wh.drop("2.edi", (SAMPLES / "RECADV.edi").read_bytes().replace(b"I-1", notice.encode()))
    left, came = wh.poll()
    assert [left.delivery.key, came.delivery.key] == [order, notice]
    (shipment,) = wh.parts.decode(left.delivery.topic, left.raw)
    (receipt,) = wh.parts.decode(came.delivery.topic, came.raw)
    assert shipment.fulfilment_order_id == ORDER.fulfilment_order_id
    assert receipt.inbound_notice_id == NOTICE.inbound_notice_id
    assert (wh.names("out"), wh.names("done")) == ([], ["1.edi", "2.edi"])


def test_an_acknowledgement_finds_the_order_and_a_notices_says_nothing(depot):
    wh = depot()
    wh.parts.send(ORDER, "k")
    wh.parts.send(NOTICE, "k")
    refused = message("CONTRL", "UCI+{}+ACME:14+DEPOT:14+4+23", version="D:3:UN")
    (status,) = wh.parts.decode("CONTRL", refused.format(1).encode())
    assert (status.fulfilment_order_id, status.status) == ("F-1", "exception")
    with pytest.raises(Ignored):
        wh.parts.decode("CONTRL", refused.format(3).encode())


def test_each_interchange_is_answered_once_and_an_answer_never(depot):
    wh = depot()
    several = (SAMPLES / "file.edi").read_bytes()
    wh.drop("1.edi", several)
    first = [it.delivery for it in wh.poll()]
    assert [(it.topic, it.key) for it in first] == [("DESADV", "F-1"), ("DESADV", "F-2")]
    assert wh.names("in") == ["CONTRL_000000001.edi"]
    answer = wh.told("CONTRL_000000001.edi")
    assert answer.first("UCI").at(1) == "504"
    assert answer.first("UCI").at(4) == "7"
    wh.drop("again.edi", several)
    assert [it.delivery.content for it in wh.poll()] == [it.content for it in first]
    wh.drop("ack.edi", (wh.root / "in" / "CONTRL_000000001.edi").read_bytes())
    assert [it.delivery.topic for it in wh.poll()] == ["CONTRL"]
    assert wh.names("in") == ["CONTRL_000000001.edi"]


@pytest.mark.parametrize(
    ("when", "asks", "answers"), [("asked", "1", 1), ("asked", "", 0), ("never", "1", 0)]
)
def test_an_answer_is_given_when_it_was_agreed(depot, when, asks, answers):
    wh = depot(acknowledge=when)
    wh.drop("1.edi", message("DESADV", *ADVICE).replace("+77'", f"+77++++{asks}'", 1).encode())
    assert len(wh.poll()) == 1
    assert len(wh.names("in")) == answers


def test_an_interchange_that_is_not_whole_is_one_message_and_nothing_of_it_is_taken(depot):
    wh = depot()
    whole = (SAMPLES / "file.edi").read_bytes()
    wh.drop("cut.edi", whole[: whole.index(b"UNZ")])
    (cut,) = wh.poll()
    assert cut.delivery.topic == "file"
    with pytest.raises(BadData) as wrong:
        wh.parts.decode("file", cut.raw)
    assert (wrong.value.path, wrong.value.code) == ("UNZ", "bad_envelope")
    refused = wh.told("CONTRL_000000001.edi").first("UCI")
    assert (refused.at(4), refused.at(5), refused.at(6)) == ("4", "13", "UNZ")
    wh.drop("whole.edi", whole)
    assert [it.delivery.topic for it in wh.poll()] == ["DESADV", "DESADV"]
    assert wh.told("CONTRL_000000002.edi").first("UCI").at(4) == "7"


def test_a_message_that_is_not_whole_is_parked_alone_and_answered(depot):
    wh = depot()
    wh.drop("1.edi", (SAMPLES / "file.edi").read_bytes().replace(b"UNT+12+2", b"UNT+11+2"))
    good, bad = wh.poll()
    assert [it.type for it in wh.parts.decode(good.delivery.topic, good.raw)] == ["shipment"]
    with pytest.raises(BadData):
        wh.parts.decode(bad.delivery.topic, bad.raw)
    answer = wh.told("CONTRL_000000001.edi")
    assert (answer.first("UCI").at(4), answer.first("UCM").at(1), answer.first("UCM").at(4)) == (
        "7", "2", "29",
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"sender": ""}, {"receiver": "A+B:14"}, {"version": "96A"}, {"syntax": "UTF-8"},
     {"order_by": "INSDES"}],
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused(depot, wrong):
    with pytest.raises(ValueError, match=r"such as 4012345000009:14|pattern|INSDES"):
        depot(**wrong)
