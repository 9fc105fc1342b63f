"""Realistic Shopify orders without end, from a seed: the REST shape of 2026-07, own content.

`generate(n, seed)` gives the same n bodies for the same arguments. Every body adds up exactly:

    subtotal_price = sum(price x quantity) - discounts on lines   (a tip's line stays outside)
    total_price    = subtotal + shipping after its discounts + tips (+ total_tax if not included)

Ids lie beyond 2^31 and differ between seeds; names count from '#1001'. `traits` chooses what may
occur; with none of them an order is one to three plain lines, shipped, paid.
"""
# ruff: noqa: RUF001 - a note as people write it

import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sandbox.catalogue import BY_COUNTRY, CATALOGUE, MARKETS, Market, Product
from sandbox.order_money import Line, Money, Sums

TRAITS = frozenset({
    "discount",  # a code over all lines, by amount or per cent
    "free_shipping",  # a code that takes the shipping price off again
    "tip",
    "note",
    "digital",  # a line that needs no shipping
    "unpaid",
    "many",  # up to nine lines
    "company",
})  # fmt: skip
START = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)

# what has no bearing on an order's meaning, as Shopify sends it
QUIET: dict[str, Any] = {
    "app_id": 580111, "browser_ip": None, "cancel_reason": None, "cancelled_at": None,
    "cart_token": None, "checkout_id": None, "checkout_token": None, "client_details": None,
    "closed_at": None, "confirmed": True, "current_total_additional_fees_set": None,
    "current_total_duties_set": None, "device_id": None, "duties_included": False,
    "estimated_taxes": False, "fulfillment_status": None, "landing_site": "/",
    "landing_site_ref": None, "location_id": None, "merchant_business_entity_id": "MTAwMDAwMDAx",
    "merchant_of_record_app_id": None, "note_attributes": [],
    "original_total_additional_fees_set": None, "original_total_duties_set": None,
    "po_number": None, "reference": None, "referring_site": None, "source_identifier": None,
    "source_name": "web", "source_url": None, "tags": "", "tax_exempt": False, "test": False,
    "user_id": None, "fulfillments": [], "payment_terms": None, "refunds": [],
}  # fmt: skip


def generate(
    n: int,
    seed: int,
    *,
    markets: Sequence[str] | None = None,
    traits: frozenset[str] = TRAITS,
    first: int = 1001,
    start: datetime = START,
) -> Iterator[dict[str, Any]]:
    """n order bodies, placed from `start` on. `markets`: country codes (default all of them)."""
    die = random.Random(seed)  # noqa: S311 - repeatable on purpose
    places = [BY_COUNTRY[code] for code in markets] if markets else list(MARKETS)
    base = 5_000_000_000_000 + (seed % 100_000) * 100_000_000
    for index in range(n):
        number = first + index
        placed = start + timedelta(seconds=(number - 1000) * 37 + die.randrange(30))
        yield order(die, die.choice(places), (base + index * 1000, number), placed, traits)


def order(
    die: random.Random,
    market: Market,
    numbers: tuple[int, int],
    placed: datetime,
    traits: frozenset[str],
) -> dict[str, Any]:
    """One body; `numbers` are its id and the number in its name."""
    order_id, number = numbers
    money = Money(market)
    lines = choose_lines(die, money, traits)
    sums = Sums(money, lines)
    title, price = die.choice(market.shipping)
    sums.ship(title, money.price(Decimal(price)))
    maybe_discount(die, sums, traits)
    sums.tax()
    if "tip" in traits and die.random() < 0.1:
        sums.tip = money.price(Decimal(die.choice(("1", "2.50", "5"))))
    at = placed.astimezone(timezone(timedelta(hours=market.offset_hours))).isoformat()
    return {
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        **QUIET,
        **heading(number, at, market, die, traits),
        **sums.amounts(),
        **payment(die, sums, traits),
        **parties(die, market, order_id, traits, at),
        "discount_applications": sums.applications,
        "discount_codes": sums.codes,
        "tax_lines": sums.tax_lines(),
        "line_items": sums.line_items(order_id),
        "shipping_lines": sums.shipping_lines(order_id),
    }


def choose_lines(die: random.Random, money: Money, traits: frozenset[str]) -> list[Line]:
    most = 9 if "many" in traits and die.random() < 0.15 else 3
    goods = [it for it in CATALOGUE if it.ships]
    chosen: list[Product] = die.sample(goods, die.randint(1, most))
    if "digital" in traits and die.random() < 0.1:
        chosen.append(next(it for it in CATALOGUE if not it.ships))
    pieces = (1, 1, 1, 2, 2, 3, 5)
    return [Line(it, die.choice(pieces) if it.ships else 1, money.price(it.price)) for it in chosen]


def maybe_discount(die: random.Random, sums: Sums, traits: frozenset[str]) -> None:
    throw = die.random()
    if "discount" in traits and throw < 0.2:
        sums.percent_off("WELCOME10", Decimal(die.choice((10, 15, 20))))
    elif "discount" in traits and throw < 0.3:
        sums.amount_off("FIVEOFF", sums.money.price(Decimal(5)))
    elif "free_shipping" in traits and throw < 0.4 and sums.shipping.price:
        sums.shipping_off("FREESHIP")


def heading(
    number: int, at: str, market: Market, die: random.Random, traits: frozenset[str]
) -> dict[str, Any]:
    noted = "note" in traits and die.random() < 0.06
    token = f"{die.getrandbits(128):032x}"
    return {
        "name": f"#{number}", "number": number - 1000, "order_number": number,
        "confirmation_number": f"{die.getrandbits(44):09X}"[:9],
        "created_at": at, "processed_at": at, "updated_at": at,
        "currency": market.currency, "presentment_currency": market.currency,
        "taxes_included": market.taxes_included, "customer_locale": market.locale, "token": token,
        "note": "Bitte beim Nachbarn abgeben – danke!" if noted else None,
        "order_status_url": f"https://demo-shop.myshopify.com/1/orders/{token}/authenticate",
    }  # fmt: skip


def payment(die: random.Random, sums: Sums, traits: frozenset[str]) -> dict[str, Any]:
    unpaid = "unpaid" in traits and die.random() < 0.05
    return {
        "financial_status": "pending" if unpaid else "paid",
        "payment_gateway_names": ["Bank Deposit" if unpaid else "shopify_payments"],
        "total_outstanding": sums.money.text(sums.total if unpaid else Decimal(0)),
    }


def parties(
    die: random.Random, market: Market, order_id: int, traits: frozenset[str], at: str
) -> dict[str, Any]:
    (first, last), place = die.choice(market.people), die.choice(market.places)
    email = f"buyer-{order_id // 1000}@example.com"
    phone = f"{market.phone}{die.randrange(100):02d}"
    company = "Example & Co." if "company" in traits and die.random() < 0.1 else None
    address = {
        "first_name": first, "last_name": last, "name": f"{first} {last}", "company": company,
        "address1": _house(place.street, order_id), "address2": None,
        "city": place.city, "zip": place.zip,
        "province": place.province, "province_code": place.province_code,
        "country": market.country, "country_code": market.code, "phone": phone,
        "latitude": None, "longitude": None,
    }  # fmt: skip
    customer_id = order_id + 7
    consent = {"state": "not_subscribed", "opt_in_level": "single_opt_in"}
    customer = {
        "id": customer_id, "created_at": at, "updated_at": at,
        "email": email, "first_name": first, "last_name": last,
        "state": "disabled", "note": None, "verified_email": True, "multipass_identifier": None,
        "tax_exempt": False, "phone": None, "tags": "", "currency": market.currency,
        "tax_exemptions": [], "sms_marketing_consent": None,
        "email_marketing_consent": {**consent, "consent_updated_at": None},
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer_id}",
        "default_address": {
            **address, "id": customer_id + 1, "customer_id": customer_id,
            "country_name": market.country, "default": True,
        },
    }  # fmt: skip
    return {
        "email": email, "contact_email": email, "phone": None, "buyer_accepts_marketing": False,
        "customer": customer, "billing_address": address, "shipping_address": dict(address),
    }  # fmt: skip


def _house(street: str, order_id: int) -> str:
    """Another house of the street for each order: people who share a name are not one person."""
    return re.sub(
        r"\d+", lambda number: str(int(number[0]) + order_id // 1000 % 89), street, count=1
    )
