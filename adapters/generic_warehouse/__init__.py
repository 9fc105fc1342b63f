"""A warehouse that speaks our own documents: JSON with Standard Webhooks signatures, both ways.

In: POST to `/in/<connection>`, one document a call, its `type` the topic. Out: POST to `url`;
without one, the warehouse fetches its fulfilment orders, inbound notices and returns through the
Open API.
"""

from adapters.kit.standard import Settings, Speech
from adapters.ports import Adapter

SPEECH = Speech(
    gives=(
        "shipment",
        "fulfilment_status",
        "goods_receipt",
        "return_receipt",
        "stock_report",
        "stock_change",
    ),
    takes=(
        "fulfilment_order",
        "fulfilment_cancellation",
        "inbound_notice",
        "inbound_cancellation",
        "return",
    ),
    keys={  # stock words stand alone
        "shipment": "fulfilment_order_id",
        "fulfilment_status": "fulfilment_order_id",
        "goods_receipt": "inbound_notice_id",
        "return_receipt": "return_id",
    },
    untold="pull",  # it is fetched
)
ADAPTER = Adapter(Settings, SPEECH.connect)
