"""The ERP's master data on its first day: company, money, taxes, countries, places, goods."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.catalogue import CATALOGUE, Product
from sandbox.erp.desk import Desk
from sandbox.erp.goods import add

# fmt: off
CURRENCIES = {
    "EUR": 2, "USD": 2, "GBP": 2, "SEK": 2, "DKK": 2, "NOK": 2, "CHF": 2, "PLN": 2, "CZK": 2,
    "CAD": 2, "AUD": 2, "NZD": 2, "CNY": 2, "HKD": 2, "SGD": 2, "INR": 2, "BRL": 2, "MXN": 2,
    "JPY": 0, "KRW": 0, "KWD": 3,
}
COUNTRIES = """
AT AUT Austria, AU AUS Australia, BE BEL Belgium, BG BGR Bulgaria, BR BRA Brazil, CA CAN Canada,
CH CHE Switzerland, CN CHN China, CY CYP Cyprus, CZ CZE Czechia, DE DEU Germany, DK DNK Denmark,
EE EST Estonia, ES ESP Spain, FI FIN Finland, FR FRA France, GB GBR United Kingdom, GR GRC Greece,
HK HKG Hong Kong, HR HRV Croatia, HU HUN Hungary, IE IRL Ireland, IN IND India, IS ISL Iceland,
IT ITA Italy, JP JPN Japan, KR KOR Korea, LT LTU Lithuania, LU LUX Luxembourg, LV LVA Latvia,
MT MLT Malta, MX MEX Mexico, NL NLD Netherlands, NO NOR Norway, NZ NZL New Zealand, PL POL Poland,
PT PRT Portugal, RO ROU Romania, SE SWE Sweden, SG SGP Singapore, SI SVN Slovenia, SK SVK Slovakia,
TR TUR Türkiye, UA UKR Ukraine, US USA United States, ZA ZAF South Africa
"""
RATES = (
    "0", "0.0125", "0.025", "0.05", "0.055", "0.06", "0.0625", "0.07", "0.0725", "0.075", "0.077",
    "0.08", "0.081", "0.0825", "0.08875", "0.09", "0.1", "0.12", "0.13", "0.15", "0.17", "0.18",
    "0.19", "0.2", "0.21", "0.22", "0.23", "0.24", "0.25", "0.27",
)
PLACES = (  # code, name, type; in this order the ids are those of a fresh Tryton
    ("IN", "Input Zone", "storage"), ("OUT", "Output Zone", "storage"),
    ("STO", "Storage Zone", "storage"), ("LF", "Lost and Found", "lost_found"),
    ("WH", "Warehouse", "warehouse"), ("SUP", "Supplier", "supplier"),
    ("CUS", "Customer", "customer"),
)
SERVICES = ("SHIPPING", "FEE", "TIP", "DISCOUNT", "ROUNDING", "ADJUSTMENT", "GIFTCARD")
# fmt: on


def found(desk: Desk, user: str, company: str, currency: str) -> dict[str, Any]:
    """Creates all but the goods; answers the ids that a caller has to know."""
    create = desk.store.create
    create("ir.lang", {"name": "English", "code": "en"})
    currencies = {
        code: create("currency.currency", {
            "name": code, "code": code, "symbol": code, "digits": digits,
            "rounding": Decimal(1).scaleb(-digits),
        })
        for code, digits in CURRENCIES.items()
    }  # fmt: skip
    countries = {}
    for entry in COUNTRIES.replace("\n", " ").split(","):
        code, code3, name = entry.strip().split(" ", 2)
        values = {"name": name, "code": code, "code3": code3}
        countries[code] = create("country.country", values)
    party = create("party.party", {"name": company, "addresses": [["create", [{"city": "—"}]]]})
    owner = create("company.company", {"party": party, "currency": currencies[currency]})
    create("res.user", {"name": user, "login": user, "company": owner})
    group = create("account.tax.group", {"name": "VAT", "code": "VAT", "kind": "sale"})
    taxes = {rate: add_tax(desk, Decimal(rate), owner, group) for rate in RATES}
    return {
        "company": owner, "currency": currencies[currency], "currencies": currencies,
        "countries": countries, "taxes": taxes, "unit": make_units(desk),
        "warehouse": make_places(desk),
        "payment_term": create("account.invoice.payment_term", {"name": "At once"}),
        "payment_method": create("account.invoice.payment.method", {"name": "Online"}),
    }  # fmt: skip


def add_tax(desk: Desk, rate: Decimal, company: int, group: int) -> int:
    name = f"{(rate * 100).normalize():f} %"
    values = {"name": name, "description": name, "rate": rate, "company": company, "group": group}
    return desk.store.create("account.tax", values)


def make_units(desk: Desk) -> int:
    unit = {"name": "Unit", "symbol": "u", "rounding": 1.0, "factor": 1.0, "rate": 1.0}
    made = desk.store.create("product.uom", unit)
    desk.store.create("product.uom", {**unit, "name": "Gram", "symbol": "g"})
    return made


def make_places(desk: Desk) -> int:
    for code, name, kind in PLACES:
        values = {"code": code, "name": name, "type": kind}
        desk.places[code] = desk.store.create("stock.location", values)
    inside = {
        "input_location": "IN", "output_location": "OUT", "storage_location": "STO",
        "lost_found_location": "LF",
    }  # fmt: skip
    links = {name: desk.places[code] for name, code in inside.items()}
    desk.store.write("stock.location", [desk.places["WH"]], links)
    return desk.places["WH"]


def add_product(
    desk: Desk, code: str, name: str, unit: int, *, goods: bool = True, pieces: float = 0.0
) -> int:
    template = desk.store.create("product.template", {
        "name": name, "type": "goods" if goods else "service", "default_uom": unit,
        "sale_uom": unit,
    })  # fmt: skip
    product = desk.store.create("product.product", {"template": template, "code": code})
    add(desk.store, product, "pieces", pieces)
    return product


def stock_up(
    desk: Desk, unit: int, products: Mapping[str, str] | None, pieces: float
) -> dict[str, int]:
    """The goods given (code to name; default the sandbox's catalogue), and the service articles."""
    listed: Iterable[tuple[str, str, bool]]
    if products is None:
        listed = [(it.sku, title(it), it.ships) for it in CATALOGUE]
    else:
        listed = [(code, name, True) for code, name in products.items()]
    made = {
        code: add_product(desk, code, name, unit, goods=goods, pieces=pieces if goods else 0.0)
        for code, name, goods in listed
    }
    for code in SERVICES:
        made[code] = add_product(desk, code, code.title(), unit, goods=False)
    return made


def title(product: Product) -> str:
    return f"{product.title}, {product.variant}" if product.variant else product.title
