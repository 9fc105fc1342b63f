"""A channel that speaks our own documents: JSON with Standard Webhooks signatures, both ways.

In: POST to `/in/<connection>`, one document a call, its `type` the topic. Out: POST to `url`, if
one is set, the same way.
"""

from adapters.kit.standard import Settings, Speech
from adapters.ports import Adapter

SPEECH = Speech(
    gives=("sales_order", "refund", "return", "product", "inbound_notice"),
    takes=("shipment", "stock_level", "return", "refund", "order_cancellation", "goods_receipt"),
    keys={
        "sales_order": "channel_order_id",
        "refund": "channel_order_id",
        "return": "channel_order_id",
        "product": "sku",
        "inbound_notice": "inbound_notice_id",
    },
    untold="not told: no url is set",
)
ADAPTER = Adapter(Settings, SPEECH.connect)
