"""Qimen's blanks of the conformance suite."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from adapters.kit.conformance import Conformance, Contract, Sample
from adapters.kit.samples import sample
from adapters.kit.signature import top_sign
from adapters.kit.testing.scripted_partner import Asked
from adapters.ports import Call
from adapters.qimen.door import stamp


def sign(sample: Sample, secret: str, at: datetime) -> Call:
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
    query = urlencode({**params, "sign": top_sign(secret, params, sample.raw)})
    return Call("POST", query, {"content-type": "text/xml"}, sample.raw)


def is_write(asked: Asked) -> bool:
    """Everything is posted; a query changes nothing."""
    return not asked.query["method"].endswith(".query")


CONFORMS = Conformance(
    name="qimen",
    settings={
        "app_key": "21000000",
        "customer_id": "c0001",
        "owner_code": "ACME",
        "warehouse_code": "AMS1",
        "stock_items": ["CUP"],
    },
    secrets={"app_secret": "new-app-secret\nold-app-secret"},
    signed_by="app_secret",
    sign=sign,
    tolerance=timedelta(minutes=10),
    is_write=is_write,
    more={
        "stockout": sample(
            "fulfilment_order", fulfilment_order_id="F-2", delivery={"method": "b2b"}
        ),
        "called_off_return": sample("return", status="cancelled"),
    },
    contract=Contract("top", "taobao_top/qimen.json.gz"),
)
