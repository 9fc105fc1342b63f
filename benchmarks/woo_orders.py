"""WooCommerce orders as its webhooks post them (wc/v3), from a seed: three to five lines with tax,
a coupon on every second order, meta data of the shop and of plug-ins. Own content.

They are written as PHP writes JSON: no blanks, slashes and what is not ASCII escaped.
"""

import json
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sandbox.catalogue import CATALOGUE, Product

_RATE = {"rate_id": 3, "rate_code": "DE-MWST-1", "label": "MwSt.", "compound": False}
_TAX, _SHIPPING, _OFF = Decimal("0.19"), Decimal("4.90"), Decimal("0.10")
_SHOP = "https://shop.example.com"
_PEOPLE = (("Zoë", "Müller-Lüdenscheidt"), ("Jürgen", "Groß"), ("Ada", "Example"))


def orders(n: int, seed: int = 1) -> list[bytes]:
    """Bodies of paid orders."""
    die = random.Random(seed)  # noqa: S311 - repeatable on purpose
    bodies = (_order(die, 40_001 + index) for index in range(n))
    return [json.dumps(it, separators=(",", ":")).replace("/", "\\/").encode() for it in bodies]


def _order(die: random.Random, number: int) -> dict[str, Any]:
    off = _OFF if number % 2 else Decimal(0)
    goods = [product for product in CATALOGUE if product.ships]
    lines = [
        _line(number * 10 + place, product, die.choice((1, 1, 2, 3)), off)
        for place, product in enumerate(die.sample(goods, die.randint(3, 5)))
    ]
    before, net = (_sum(lines, name) for name in ("subtotal", "total"))
    tax, way_tax = _sum(lines, "total_tax"), _cents(_SHIPPING * _TAX)
    at = f"2026-11-{die.randint(1, 28):02d}T{die.randint(0, 22):02d}:{die.randint(0, 59):02d}:07"
    return {
        "id": number, "parent_id": 0, "status": "processing", "currency": "EUR",
        "version": "10.9.1", "prices_include_tax": False,
        **{f"date_{what}": at for what in ("created", "modified", "paid", "completed")},
        "discount_total": str(before - net), "discount_tax": str(_cents((before - net) * _TAX)),
        "shipping_total": str(_SHIPPING), "shipping_tax": str(way_tax), "cart_tax": str(tax),
        "total": str(net + tax + _SHIPPING + way_tax), "total_tax": str(tax + way_tax),
        "customer_id": number % 977, "order_key": f"wc_order_{die.getrandbits(52):013x}",
        **_buyer(die, number),
        "payment_method": "stripe", "payment_method_title": "Credit card (Stripe)",
        "transaction_id": f"pi_{die.getrandbits(96):024x}", "customer_ip_address": "192.0.2.7",
        "customer_user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0",
        "created_via": "checkout", "customer_note": "", "cart_hash": f"{die.getrandbits(128):032x}",
        "number": str(number), "meta_data": list(_meta(number, at)), "line_items": lines,
        "tax_lines": [
            {"id": number * 10 + 6, **_RATE, "tax_total": str(tax), "rate_percent": 19,
             "shipping_tax_total": str(way_tax), "meta_data": []},
        ],
        "shipping_lines": [
            {"id": number * 10 + 7, "method_title": "DHL Paket", "method_id": "flat_rate",
             "instance_id": "2", "total": str(_SHIPPING), "total_tax": str(way_tax),
             "taxes": [{"id": 3, "total": str(way_tax), "subtotal": ""}], "tax_status": "taxable",
             "meta_data": [_entry(number, "Items", ", ".join(line["name"] for line in lines))]},
        ],
        "fee_lines": [],
        "coupon_lines": [
            {"id": number * 10 + 8, "code": "welcome10", "discount": str(before - net),
             "discount_tax": str(_cents((before - net) * _TAX)), "discount_type": "percent",
             "nominal_amount": 10, "free_shipping": False,
             "meta_data": [_entry(number, "coupon_info", '[812,"welcome10","percent",10]')]},
        ] if off else [],
        "refunds": [], "payment_url": f"{_SHOP}/checkout/order-pay/{number}/?pay_for_order=true",
        "is_editable": False, "needs_payment": False, "needs_processing": True,
        **{f"date_{what}_gmt": at for what in ("created", "modified", "paid", "completed")},
        "currency_symbol": "€",
        "_links": {
            "self": [{"href": f"{_SHOP}/wp-json/wc/v3/orders/{number}"}],
            "collection": [{"href": f"{_SHOP}/wp-json/wc/v3/orders"}],
        },
    }  # fmt: skip


def _line(line_id: int, product: Product, pieces: int, off: Decimal) -> dict[str, Any]:
    before = product.price * pieces
    net = _cents(before * (1 - off))
    tax, tax_before = str(_cents(net * _TAX)), str(_cents(before * _TAX))
    return {
        "id": line_id, "name": product.title, "product_id": product.number,
        "variation_id": product.number + 5_000 if product.variant else 0, "quantity": pieces,
        "tax_class": "", "subtotal": str(before), "subtotal_tax": tax_before, "total": str(net),
        "total_tax": tax, "taxes": [{"id": 3, "total": tax, "subtotal": tax_before}],
        "meta_data": [_entry(line_id, "pa_size", product.variant)] if product.variant else [],
        "sku": product.sku, "global_unique_id": product.gtin, "price": float(net / pieces),
        "image": {"id": str(product.number + 90), "src": f"{_SHOP}/uploads/{product.sku}.jpg"},
        "parent_name": product.title if product.variant else None,
    }  # fmt: skip


def _buyer(die: random.Random, number: int) -> dict[str, Any]:
    first, last = die.choice(_PEOPLE)
    place = {
        "first_name": first, "last_name": last, "company": "",
        "address_1": f"Unter den Linden {number % 90}", "address_2": "", "city": "Berlin",
        "state": "DE-BE", "postcode": "10117", "country": "DE",
    }  # fmt: skip
    reach = {"email": f"buyer-{number}@example.com", "phone": f"+49 151 {number}"}
    return {"billing": {**place, **reach}, "shipping": {**place, "phone": ""}}


def _meta(number: int, at: str) -> Iterator[dict[str, Any]]:
    kept = {
        "is_vat_exempt": "no", "_wc_order_attribution_source_type": "organic",
        "_wc_order_attribution_utm_source": "google", "_wc_order_attribution_session_pages": "4",
        "_wc_order_attribution_session_start_time": at, "_stripe_charge_captured": "yes",
        "_wc_order_attribution_device_type": "Mobile", "_stripe_currency": "EUR",
        "_shipping_delivery_date": at[:10], "_new_order_email_sent": "true",
    }  # fmt: skip
    for place, (key, value) in enumerate(kept.items()):
        yield {"id": number * 20 + place, "key": key, "value": value}


def _entry(about: int, key: str, value: str) -> dict[str, Any]:
    return {"id": about * 7, "key": key, "value": value, "display_key": key, "display_value": value}


def _sum(lines: list[dict[str, Any]], name: str) -> Decimal:
    return sum((Decimal(one[name]) for one in lines), Decimal(0))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
