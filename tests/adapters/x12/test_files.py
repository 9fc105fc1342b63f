"""X12 by SFTP against a real server: orders out, advices in, each group answered once."""

import pytest

from adapters.kit.samples import sample
from hub.model.errors import AlreadyDone, Ignored
from tests.adapters.edi import opened
from tests.kit.fixtures import ROOT

SAMPLES = ROOT / "adapters" / "x12" / "samples"
ORDER, CANCEL = sample("fulfilment_order"), sample("fulfilment_cancellation")


@pytest.fixture
def depot(tmp_path):
    with opened("x12", tmp_path) as connect:
        yield connect


def test_an_order_is_one_file_under_its_control_number_however_often_it_is_told(depot):
    wh = depot(taken=["read"])
    assert wh.parts.find(ORDER) is None
    assert wh.parts.send(ORDER, "k").reference == "940_000000001.x12"
    with pytest.raises(AlreadyDone):
        wh.parts.send(ORDER, "k")
    assert wh.parts.find(ORDER).reference == "940_000000001.x12"
    (wh.root / "in" / "940_000000001.x12").rename(wh.root / "read" / "940_000000001.x12")
    assert wh.parts.find(ORDER).reference == "940_000000001.x12"
    wh.parts.send(sample("fulfilment_order", revision=2), "k2")
    wh.parts.send(CANCEL, "k3")
    assert wh.names("in") == ["940_000000003.x12", "940_000000004.x12"]
    heads = [wh.told(name).first("W05") for name in wh.names("in")]
    assert [tuple(head[1:3]) for head in heads] == [("R", "F000000002"), ("C", "F000000002")]


def test_an_advice_speaks_of_our_order_by_the_number_the_warehouse_knows(depot):
    wh = depot(acknowledge=False)
    wh.parts.send(ORDER, "k")
    number = wh.told("940_000000001.x12").first("W05").at(2)
    wh.drop("a.x12", (SAMPLES / "945.x12").read_bytes().replace(b"F-1", number.encode()))
    (listed,) = wh.poll()
    (shipment,) = wh.parts.decode(listed.delivery.topic, listed.raw)
    assert shipment.fulfilment_order_id == ORDER.fulfilment_order_id
    assert (wh.names("out"), wh.names("done")) == ([], ["a.x12"])


def test_a_return_is_told_and_comes_back_under_the_number_the_warehouse_knows(depot):
    wh = depot()
    back = sample("return", return_id="R-longer-than-any-warehouse-takes-of-us")
    wh.parts.send(back, "k1")
    wh.parts.send(back.model_copy(update={"tracking_number": "3SRET1"}), "k2")
    wh.parts.send(back.model_copy(update={"status": "cancelled"}), "k3")
    heads = [wh.told(name).first("BGN") for name in wh.names("in")]
    assert [(it.at(1), it.at(2)) for it in heads] == [
        ("00", "M000000002"), ("00", "M000000002"), ("01", "M000000002"),
    ]  # fmt: skip
    raw = (ROOT / "tests/mappings/x12/cases/180.return.in.x12").read_bytes()
    (receipt,) = wh.parts.decode("180", raw.replace(b"RMA-7", b"M000000002"))
    assert receipt.return_id == back.return_id


def test_an_acknowledgement_finds_the_order_and_a_cancellations_says_nothing(depot):
    wh = depot()
    for document in (ORDER, CANCEL):
        wh.parts.send(document, "k")
    text = "ST*997*0001~AK1*OW*{0}~AK2*940*{0:09}~AK5*{1}~AK9*{1}*1*1*1~SE*6*0001~"
    (status,) = wh.parts.decode("997", text.format(1, "R").encode())
    assert (status.fulfilment_order_id, status.status) == ("F-1", "exception")
    with pytest.raises(Ignored):
        wh.parts.decode("997", text.format(3, "A").encode())


def test_each_group_is_answered_once_and_an_answer_never(depot):
    wh = depot()
    several = (SAMPLES / "file.x12").read_bytes()
    wh.drop("1.x12", several)
    first = [it.delivery for it in wh.poll()]
    assert [it.topic for it in first] == ["945", "846", "945"]
    assert [it.key for it in first] == ["F-1", None, "F-2"]
    assert wh.names("in") == [f"997_{number:09}.x12" for number in (1, 2, 3)]
    answer = wh.told("997_000000002.x12")
    assert ["*".join(it) for it in answer.segments[1:-1]] == [
        "AK1*IB*504", "AK2*846*0001", "AK5*A", "AK9*A*1*1*1",
    ]  # fmt: skip
    wh.drop("again.x12", several)
    assert [it.delivery.content for it in wh.poll()] == [it.content for it in first]
    wh.drop("ack.x12", (wh.root / "in" / "997_000000001.x12").read_bytes())
    assert [it.delivery.topic for it in wh.poll()] == ["997"]
    assert len(wh.names("in")) == 3


def test_faults_of_the_envelope_and_unknown_sets_are_answered_and_not_lost(depot):
    wh = depot()
    raw = (SAMPLES / "945.x12").read_bytes()
    wh.drop("count.x12", raw.replace(b"SE*13*", b"SE*12*"))
    assert len(wh.poll()) == 1
    assert "AK5*E*4" in ["*".join(it) for it in wh.told("997_000000001.x12").segments]
    wh.drop("850.x12", raw.replace(b"ST*945", b"ST*850").replace(b"000000501", b"000000601"))
    (unknown,) = wh.poll()
    with pytest.raises(Ignored):
        wh.parts.decode(unknown.delivery.topic, unknown.raw)
    assert "AK5*R*1" in ["*".join(it) for it in wh.told("997_000000002.x12").segments]


@pytest.mark.parametrize(
    "wrong", [{"sender": "ACME"}, {"receiver": "Z:DEPOT"}, {"version": "4010"}]
)
def test_settings_that_do_not_fit_are_refused(depot, wrong):
    with pytest.raises(ValueError, match=r"such as ZZ:ACME|pattern"):
        depot(**wrong)
