"""A merchant's ERP towards the sandbox warehouse: its own signing, bodies as text."""

import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from tests.sandbox.client import Got, call

CREATE = """<request><deliveryOrder>
<deliveryOrderCode>{code}</deliveryOrderCode><orderType>JYCK</orderType>
<warehouseCode>W1</warehouseCode><createTime>2026-11-22 10:00:00</createTime>
<placeOrderTime>2026-11-22 09:59:00</placeOrderTime><operateTime>2026-11-22 10:00:00</operateTime>
<shopNick>shop</shopNick><logisticsCode>SF</logisticsCode>
<receiverInfo><name>测试甲</name><mobile>13800000001</mobile><province>上海</province>
<city>上海市</city><detailAddress>测试路1号 &amp; 2号</detailAddress></receiverInfo>
</deliveryOrder><orderLines>{lines}</orderLines></request>"""
LINE = """<orderLine><orderLineNo>{no}</orderLineNo><ownerCode>O1</ownerCode>
<itemCode>{item}</itemCode><planQty>{pieces}</planQty><actualPrice>9.90</actualPrice></orderLine>"""


def create_body(code: str, **pieces: int) -> str:
    lines = "".join(
        LINE.format(no=n, item=item, pieces=count)
        for n, (item, count) in enumerate(pieces.items(), start=1)
    )
    return CREATE.format(code=code, lines=lines)


def now(minutes: int = 0) -> str:
    at = datetime.now(timezone(timedelta(hours=8))) + timedelta(minutes=minutes)
    return at.strftime("%Y-%m-%d %H:%M:%S")


def signed(method: str, body: bytes, **change: str | None) -> str:
    """The query; `change` replaces a parameter, adds one, or (None) leaves one out."""
    params: dict[str, str | None] = {
        "method": method, "timestamp": now(), "format": "xml", "app_key": "sandbox", "v": "2.0",
        "sign_method": "md5", "customerId": "sandbox", **change,
    }  # fmt: skip
    given = {name: value for name, value in params.items() if value is not None}
    text = "".join(f"{name}{given[name]}" for name in sorted(given) if given[name])
    raw = b"sandbox-secret" + text.encode() + body + b"sandbox-secret"
    return urlencode({"sign": hashlib.md5(raw, usedforsecurity=False).hexdigest().upper(), **given})


def post(url: str, method: str, body: str | bytes, **change: str | None) -> dict[str, Any]:
    raw = body if isinstance(body, bytes) else body.encode()
    return read(call("POST", f"{url}/?{signed(method, raw, **change)}", raw))


def read(got: Got) -> dict[str, Any]:
    assert got.status == 200
    root = etree.fromstring(got.body)
    assert root.tag == "response"
    return {child.tag: child.text if len(child) == 0 else child for child in root}
