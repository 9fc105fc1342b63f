"""The blanks of the conformance suite for Qimen: samples of our own, and a polite warehouse."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from adapters.kit.conformance import NOW, Conformance, Sample
from adapters.kit.loopback import Asked, Told
from adapters.kit.signature import top_sign
from adapters.ports import Call
from adapters.qimen.door import stamp
from hub.model.document import Address, Source
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder

_SOURCE = Source(connection="shop", id="1", occurred_at=datetime(2026, 11, 24, tzinfo=UTC))
ORDER = FulfilmentOrder(
    source=_SOURCE,
    fulfilment_order_id="F-1",
    order_number="#1001",
    channel_order_id="4507",
    merchant="acme",
    warehouse="wh-ams",
    created_at=NOW,
    ship_to=Address(
        name="Ann Example",
        lines=("Keizersgracht 1",),
        city="Amsterdam",
        region="NH",
        postal_code="1015 AA",
        country="NL",
        phone="+31200000000",
    ),
    lines=(
        FulfilmentLine(line_no=1, sku="TSHIRT-M", quantity=Decimal(2), title="T-shirt <M> & co"),
    ),
)
CANCELLATION = FulfilmentCancellation(
    source=_SOURCE, fulfilment_order_id="F-1", warehouse="wh-ams", requested_at=NOW
)


def _xml(inside: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><request>{inside}</request>'.encode()


_LINE = "<itemCode>TSHIRT-M</itemCode><actualQty>2</actualQty>"
_SAMPLES = {
    "deliveryorder.confirm": (
        "<deliveryOrder><deliveryOrderCode>F-1</deliveryOrderCode><confirmType>0</confirmType>"
        "<orderConfirmTime>2026-11-24 18:00:00</orderConfirmTime></deliveryOrder>"
        "<packages><package><logisticsCode>SF</logisticsCode><expressCode>SF1</expressCode><items><item>"
        "<itemCode>TSHIRT-M</itemCode><quantity>2</quantity></item></items></package></packages>"
        f"<orderLines><orderLine>{_LINE}</orderLine></orderLines>"
    ),
    "deliveryorder.batchconfirm": (
        "<orders><order><deliveryOrder><deliveryOrderCode>F-1</deliveryOrderCode>"
        "<orderConfirmTime>2026-11-24 18:00:00</orderConfirmTime></deliveryOrder>"
        f"<orderLines><orderLine>{_LINE}</orderLine></orderLines></order></orders>"
    ),
    "stockout.confirm": (
        "<deliveryOrder><deliveryOrderCode>T-1</deliveryOrderCode><orderType>DBCK</orderType>"
        "<orderConfirmTime>2026-11-24 18:00:00</orderConfirmTime></deliveryOrder>"
        f"<orderLines><orderLine>{_LINE}</orderLine></orderLines>"
    ),
    "orderprocess.report": (
        "<order><orderCode>F-1</orderCode></order><process><processStatus>PICK</processStatus>"
        "<operateTime>2026-11-24 17:00:00</operateTime></process>"
    ),
    "itemlack.report": (
        "<deliveryOrderCode>F-1</deliveryOrderCode><createTime>2026-11-24 17:00:00</createTime>"
        "<outBizCode>L1</outBizCode><items><item><itemCode>TSHIRT-M</itemCode><planQty>2</planQty>"
        "<lackQty>1</lackQty></item></items>"
    ),
    "entryorder.confirm": (
        "<entryOrder><entryOrderCode>I-1</entryOrderCode><operateTime>2026-11-24 17:00:00"
        f"</operateTime></entryOrder><orderLines><orderLine>{_LINE}</orderLine></orderLines>"
    ),
    "returnorder.confirm": (
        "<returnOrder><returnOrderCode>R-1</returnOrderCode><orderConfirmTime>2026-11-24 17:00:00"
        "</orderConfirmTime></returnOrder><orderLines><orderLine><inventoryType>CC</inventoryType>"
        f"{_LINE}</orderLine></orderLines>"
    ),
    "inventory.report": (
        "<warehouseCode>AMS1</warehouseCode><checkOrderCode>C-1</checkOrderCode><ownerCode>ACME"
        "</ownerCode><checkTime>2026-11-24 17:00:00</checkTime><outBizCode>C1</outBizCode><items>"
        "<item><itemCode>TSHIRT-M</itemCode><quantity>-1</quantity><totalQty>99</totalQty></item>"
        "</items><adjustType>CHECK</adjustType>"
    ),
    "stockchange.report": (
        "<items><item><ownerCode>ACME</ownerCode><warehouseCode>AMS1</warehouseCode><orderCode>S-1"
        "</orderCode><orderType>QTCK</orderType><outBizCode>S1</outBizCode><itemCode>TSHIRT-M"
        "</itemCode><quantity>-3</quantity><changeTime>2026-11-24 17:00:00</changeTime></item>"
        "</items>"
    ),
}


class Conforms(Conformance):
    """Qimen."""

    name = "qimen"
    settings: ClassVar[Mapping[str, Any]] = {
        "app_key": "21000000",
        "customer_id": "c0001",
        "owner_code": "ACME",
        "warehouse_code": "AMS1",
    }
    secrets: ClassVar[Mapping[str, Any]] = {"app_secret": "new-app-secret\nold-app-secret"}
    other_secrets: ClassVar[Mapping[str, Any]] = {"app_secret": "another-app-secret"}
    samples = tuple(Sample(topic, _xml(inside)) for topic, inside in _SAMPLES.items())
    documents = (ORDER, CANCELLATION)
    tolerance = timedelta(minutes=10)

    def sign(self, sample: Sample, secrets: Mapping[str, Any], at: datetime) -> Call:
        """As the gateway forwards it: without the prefix, signed with our secret."""
        params = {
            "method": sample.topic,
            "timestamp": stamp(at),
            "format": "xml",
            "app_key": "21000000",
            "v": "2.0",
            "sign_method": "md5",
            "customerId": "c0001",
        }
        secret = str(secrets["app_secret"]).splitlines()[-1]
        query = urlencode({**params, "sign": top_sign(secret, params, sample.raw)})
        return Call("POST", query, {"content-type": "text/xml"}, sample.raw)

    def accept(self, asked: Asked) -> Told:
        """Takes everything, and has the order, which is cancelled."""
        more = {
            "taobao.qimen.deliveryorder.create": "<deliveryOrderId>W1</deliveryOrderId>",
            "taobao.qimen.deliveryorder.query": (
                "<deliveryOrder><deliveryOrderCode>F-1</deliveryOrderCode><deliveryOrderId>W1"
                "</deliveryOrderId><status>CANCELED</status></deliveryOrder>"
            ),
        }.get(asked.query["method"], "")
        return _told(f"<flag>success</flag><code>0</code><message>ok</message>{more}")

    def unknown(self, asked: Asked) -> Told:
        """Knows no order."""
        del asked
        code = "<code>isv.order-not-exist</code><message>F-1 is not known</message>"
        return _told(f"<flag>failure</flag>{code}")


def _told(inside: str) -> Told:
    body = f'<?xml version="1.0" encoding="utf-8"?><response>{inside}</response>'
    return Told(200, body.encode(), {"content-type": "text/xml; charset=utf-8"})
