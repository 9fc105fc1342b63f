"""What a Qimen body may not say, and where the reader says so."""

import pytest

from hub.model.errors import BadData, Ignored, UnknownCode
from mappings.kit import Context, code_lists, decode, zone
from mappings.qimen import check_topic, decoders

HEAD = (
    "<deliveryOrder><deliveryOrderCode>F-1</deliveryOrderCode>"
    "<orderConfirmTime>2026-11-24 12:00:00</orderConfirmTime></deliveryOrder>"
)


def read(topic, inside):
    at = Context("wh", codes=code_lists("qimen"), zone=zone("Asia/Shanghai"))
    return decode(decoders(), topic, f"<request>{inside}</request>".encode(), at)


def lines(inside):
    return f"{HEAD}<orderLines><orderLine>{inside}</orderLine></orderLines>"


@pytest.mark.parametrize(
    ("inside", "code", "path"),
    [
        (HEAD, "no_lines", "packages"),
        (lines("<itemCode>A</itemCode>"), "missing_field", "orderLines.0.actualQty"),
        (lines("<actualQty>1</actualQty>"), "missing_field", "orderLines.0.itemCode"),
        (lines("<itemCode>A</itemCode><actualQty>-1</actualQty>"), "bad_quantity", None),
        (lines("<itemCode>A</itemCode><actualQty>1e99</actualQty>"), "bad_number", None),
        (lines("<itemCode>A</itemCode><actualQty>many</actualQty>"), "bad_number", None),
        (lines("<itemCode>A</itemCode><actualQty>1,000</actualQty>"), "bad_number", None),
        ("<deliveryOrder/>", "no_lines", "packages"),
        (
            lines("<itemCode>A</itemCode><actualQty>1</actualQty>").replace("11-24", "02-30"),
            "bad_time",
            "deliveryOrder.orderConfirmTime",
        ),
        (
            lines("<itemCode>A</itemCode><actualQty>1</actualQty>").replace("F-1", "null"),
            "missing_field",
            "deliveryOrder.deliveryOrderCode",
        ),
    ],
)
def test_what_is_wrong_is_named_by_code_and_place(inside, code, path):
    with pytest.raises(BadData) as wrong:
        read("deliveryorder.confirm", inside)
    assert wrong.value.code == code
    if path:
        assert wrong.value.path == path


def test_an_unknown_carrier_waits_for_its_code():
    package = "<packages><package><logisticsCode>ROCKET</logisticsCode></package></packages>"
    with pytest.raises(UnknownCode) as wrong:
        read(
            "deliveryorder.confirm",
            lines("<itemCode>A</itemCode><actualQty>1</actualQty>") + package,
        )
    assert wrong.value.waits_for == "code:carriers:ROCKET"


@pytest.mark.parametrize("word", ["NEW", "OTHER", "FULFILLED"])
def test_words_that_say_nothing_of_progress_change_nothing(word):
    process = f"<process><processStatus>{word}</processStatus></process>"
    with pytest.raises(Ignored):
        read("orderprocess.report", f"<order><orderCode>F-1</orderCode></order>{process}")


def test_an_unknown_word_waits_for_its_code():
    process = "<process><processStatus>DANCING</processStatus></process>"
    with pytest.raises(UnknownCode):
        read("orderprocess.report", f"<order><orderCode>F-1</orderCode></order>{process}")


def test_progress_of_inbound_documents_changes_nothing():
    order = "<order><orderCode>I-1</orderCode><orderType>CGRK</orderType></order>"
    with pytest.raises(Ignored):
        read(
            "orderprocess.report",
            f"{order}<process><processStatus>ACCEPT</processStatus></process>",
        )


def test_a_method_that_nobody_calls_is_parked_and_a_known_one_without_use_is_not():
    check_topic("wavenum.report")
    with pytest.raises(Ignored):
        read("wavenum.report", "")
    with pytest.raises(BadData) as wrong:
        check_topic("deliveryorder.confrim")
    assert (wrong.value.path, wrong.value.code) == ("method", "unknown_code")


def test_a_body_in_a_chinese_encoding_is_read_whether_or_not_it_says_so():
    text = lines("<itemCode>茶</itemCode><actualQty>1</actualQty>")
    at = Context("wh", codes=code_lists("qimen"), zone=zone("Asia/Shanghai"))
    raw = f'<?xml version="1.0" encoding="GBK"?><request>{text}</request>'.encode("gbk")
    (shipment,) = decode(decoders(), "deliveryorder.confirm", raw, at)
    assert shipment.packages[0].lines[0].sku == "茶"
    assert at.warnings == []
    silent = raw.replace(b' encoding="GBK"', b"")
    assert decode(decoders(), "deliveryorder.confirm", silent, at) == [shipment]
    assert [one.code for one in at.warnings] == ["bad_encoding"]
