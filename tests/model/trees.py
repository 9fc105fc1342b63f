"""One JSON tree of every canonical document: the fields that it needs, and some more."""

from typing import Any

SOURCE = {"connection": "c", "id": "1", "revision": "2", "occurred_at": "2026-01-02T03:04:05Z"}
AT = "2026-01-02T03:04:05Z"
LINE = {"line_no": 1, "sku": "A", "quantity": "2", "unit_price": "5.00", "total": "10.00"}
ADDRESS = {"name": "Zoë", "lines": ["1 Rue Été"], "city": "Gent", "country": "be"}

TREES: dict[str, dict[str, Any]] = {
    "sales_order": {
        "channel_order_id": "1", "order_number": "#1", "placed_at": AT, "currency": "eur",
        "customer": {"name": "Zoë", "language": "nl-BE"}, "ship_to": ADDRESS,
        "lines": [LINE], "shipping": [{"price": "1.00", "total": "1.00"}],
        "fees": [{"amount": "0.50", "total": "0.50"}], "discounts": [{"amount": "0"}],
        "payments": [{"amount": "11.50", "currency": "EUR"}],
        "totals": {"items": "10.00", "shipping": "1.00", "fees": "0.50", "grand_total": "11.50"},
        "tags": ["a", "b"],
    },
    "order_cancellation": {
        "channel_order_id": "1", "order_number": "#1", "whole": False,
        "lines": [{"line_no": 1, "channel_line_id": "9", "sku": "A", "quantity": "2"}],
    },
    "refund": {
        "refund_id": "r", "channel_order_id": "1", "created_at": AT, "currency": "EUR",
        "amount": "5.00", "lines": [{"quantity": "1", "amount": "5.00"}],
        "payments": [{"amount": "5.00"}],
    },
    "product": {"sku": "A", "title": "Thing", "price": "5.00", "options": {"size": "M"},
                "components": [{"sku": "B", "quantity": "2"}]},
    "fulfilment_order": {
        "fulfilment_order_id": "f", "order_number": "#1", "channel_order_id": "1", "merchant": "m",
        "warehouse": "w", "created_at": AT, "ship_to": ADDRESS,
        "lines": [{"line_no": 1, "sku": "A", "quantity": "2"}],
        "cash_on_delivery": {"amount": "11.50", "currency": "EUR"},
    },
    "fulfilment_cancellation": {"fulfilment_order_id": "f", "warehouse": "w", "requested_at": AT},
    "shipment": {
        "fulfilment_order_id": "f", "shipped_at": AT,
        "packages": [{"tracking_number": "T", "weight_kg": "1.250",
                      "lines": [{"line_no": 1, "quantity": "2", "serials": ["s1", "s2"]}]}],
        "short": [{"line_no": 2, "quantity": "1"}],
        "costs": [{"code": "c", "amount": "1", "currency": "EUR"}],
        "order": {"channel": "c", "channel_order_id": "1", "order_number": "#1", "merchant": "m",
                  "warehouse": "w", "lines": [{"line_no": 1, "quantity": "2"}]},
    },
    "fulfilment_status": {"fulfilment_order_id": "f", "status": "accepted", "at": AT},
    "inbound_notice": {
        "inbound_notice_id": "n", "kind": "purchase", "merchant": "m", "warehouse": "w",
        "lines": [{"line_no": 1, "sku": "A", "quantity": "10", "unit_cost": "2.5"}],
    },
    "customer_erasure": {"customer_id": "C-1", "requested_at": AT},
    "inbound_cancellation": {"inbound_notice_id": "n", "warehouse": "w", "requested_at": AT},
    "goods_receipt": {"inbound_notice_id": "n", "receipt_id": "g", "received_at": AT,
                      "lines": [{"sku": "A", "quantity": "9"}]},
    "return": {
        "return_id": "t", "channel_order_id": "1", "requested_at": AT,
        "lines": [{"sku": "A", "quantity": "1"}], "exchange_lines": [{"sku": "B", "quantity": "1"}],
    },
    "return_receipt": {"return_id": "t", "receipt_id": "g", "warehouse": "w", "received_at": AT,
                       "lines": [{"sku": "A", "quantity": "1", "quality": "defective"}]},
    "stock_report": {"warehouse": "w", "at": AT, "report_id": "p",
                     "lines": [{"sku": "A", "on_hand": "-1.5"}]},
    "stock_change": {"warehouse": "w", "at": AT, "change_id": "h", "reason": "damage",
                     "lines": [{"sku": "A", "delta": "-1"}]},
    "stock_level": {"sku": "A", "channel": "c", "available": "3", "at": AT, "version": 4},
    "settlement_report": {
        "provider": "pay", "report_id": "s", "period": {"from": AT, "to": AT}, "currency": "EUR",
        "payout": {"amount": "9.00"},
        "lines": [{"reference": "x", "kind": "sale", "gross": "10.00", "fee": "1.00", "net": "9.00",
                   "currency": "EUR", "at": AT}],
    },
    "payout_status": {
        "status_id": "b", "at": AT,
        "answers": [{"file": "P1", "reference": "S1", "state": "refused", "code": "AC04",
                     "reason": "account closed"}],
    },
    "journal_entry": {
        "entry_id": "j", "date": AT, "currency": "EUR",
        "lines": [{"account": "1000", "debit": "9.00"}, {"account": "4000", "credit": "9.00"}],
    },
    "customer": {"customer_id": "k", "name": "Zoë", "addresses": [ADDRESS],
                 "consents": [{"purpose": "mail", "granted": True, "at": AT}], "spent": "11.50"},
    "acknowledgement": {"of": "d", "status": "rejected", "errors": [{"code": "x"}]},
}  # fmt: skip
for _kind, _tree in TREES.items():
    _tree.update(type=_kind, source=SOURCE, attributes={"kept": {"deep": ["as", "is"]}})
