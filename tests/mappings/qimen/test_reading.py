"""What a Qimen body may not say, and where the reader says so."""

import pytest

from hub.model.errors import BadData, Ignored, UnknownCode
from mappings.kit import Context, code_lists, decode, zone
from mappings.qimen import check_topic, decoders, topic_of

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


@pytest.mark.parametrize(
    ("code", "name", "carrier"),
    [
        ("STO2", "", "sto"),
        ("YTO_1", "", "yto"),
        ("ROCKET2", "中通快递", "zto"),
        ("SFTH", "", "sf_express"),
        ("ROCKET", "Rocket Express", None),
        ("", "Rocket Express", None),
    ],
)
def test_a_carrier_is_known_by_its_name_and_its_code_may_bear_the_number_of_an_account(
    code, name, carrier
):
    package = (
        f"<packages><package><logisticsCode>{code}</logisticsCode>"
        f"<logisticsName>{name}</logisticsName></package></packages>"
    )
    (shipment,) = read(
        "deliveryorder.confirm", lines("<itemCode>A</itemCode><actualQty>1</actualQty>") + package
    )
    assert [it.carrier for it in shipment.packages] == [carrier]


SPELT = {
    "snake_case": """<request><delivery_order><delivery_order_code>F-1</delivery_order_code>
      <order_confirm_time>2026-11-24 10:00:00</order_confirm_time>
      <extendProps><our_key>1</our_key></extendProps></delivery_order>
      <order_lines><order_line><item_code>A</item_code><actual_qty>2</actual_qty></order_line>
      </order_lines></request>""",
    "capitals": """<Request><DeliveryOrder><DeliveryOrderCode>F-1</DeliveryOrderCode>
      <OrderConfirmTime>2026-11-24 10:00:00</OrderConfirmTime>
      <extendProps><our_key>1</our_key></extendProps></DeliveryOrder>
      <OrderLines><OrderLine><ItemCode>A</ItemCode><ActualQty>2</ActualQty></OrderLine>
      </OrderLines></Request>""",
    "a root of its own": """<root><orderLines><orderLine><orderLineNo/><itemCode>A</itemCode>
      <actualQty>2</actualQty></orderLine></orderLines><deliveryOrder><deliveryOrderCode>F-1
      </deliveryOrderCode><operateTime>2026-2-3 9:08:07</operateTime>
      <extendProps><our_key>1</our_key></extendProps></deliveryOrder></root>""",
    "JSON made of XML": """{"deliveryOrder": {"deliveryOrderCode": "F-1", "deliveryOrderId": [],
      "extendProps": {"our_key": "1"}}, "packages": {"package": {"expressCode": "Y1",
      "packageMaterialList": [], "items": {"item": {"itemCode": "A", "quantity": "2"}}}},
      "orderLines": {"orderLine": {"orderLineNo": [], "itemCode": "A", "actualQty": "2"}}}""",
    "JSON": """{"Request": {"DeliveryOrder": {"DeliveryOrderCode": "F-1",
      "order_confirm_time": "2026-11-24 10:00:00", "extendProps": {"our_key": "1"}},
      "order_lines": {"order_line": [{"item_code": "A", "actual_qty": 2}]}}}""",
}


@pytest.mark.parametrize("spelling", SPELT)
def test_names_are_those_of_the_protocol_however_a_program_spells_them(spelling):
    at = Context("wh", codes=code_lists("qimen"), zone=zone("Asia/Shanghai"))
    (shipment,) = decode(decoders(), "deliveryorder.confirm", SPELT[spelling].encode(), at)
    (package,) = shipment.packages
    assert [(it.sku, it.quantity) for it in package.lines] == [("A", 2)]
    assert shipment.attributes == {"extendProps": {"our_key": "1"}}


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


@pytest.mark.parametrize("prefix", ["", "taobao.qimen.", "jingdong.hufu."])
def test_a_method_is_known_by_what_follows_the_name_of_the_gateway(prefix):
    assert topic_of(f"{prefix}stockout.confirm") == "stockout.confirm"


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
