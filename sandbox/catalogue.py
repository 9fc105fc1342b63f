"""The goods and the markets of the sandbox: what its shop sells, to whom, at which taxes."""
# ruff: noqa: RUF001 - real names and titles are written with real apostrophes

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Product:
    sku: str
    title: str
    variant: str | None
    price: Decimal  # in euro; other currencies by the market's factor
    grams: int
    gtin: str
    ships: bool = True
    number: int = 0

    @property
    def product_id(self) -> int:
        return 7_400_000_000_000 + self.number

    @property
    def variant_id(self) -> int:
        return 41_000_000_000_000 + self.number

    @property
    def inventory_item_id(self) -> int:
        return 43_000_000_000_000 + self.number


def gtin13(twelve: str) -> str:
    """Adds GS1's check digit: weights 1 and 3 in turn, up to the next ten."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return twelve + str(-total % 10)


# fmt: off
ROWS = (
    # sku             title                   variant         EUR     grams ships
    ("TSHIRT-S",      "T-shirt",              "S",            "19.90",  180, True),
    ("TSHIRT-M",      "T-shirt",              "M",            "19.90",  190, True),
    ("TSHIRT-L",      "T-shirt",              "L",            "19.90",  205, True),
    ("HOODIE-M-GREY", "Hoodie",               "M / Grey",     "49.00",  620, True),
    ("HOODIE-L-GREY", "Hoodie",               "L / Grey",     "49.00",  650, True),
    ("MUG-WHITE",     "Mug “Guten Morgen”",   "White",        "9.95",   350, True),
    ("TEAPOT-1L",     "Théière en fonte",     "1 l",          "64.50", 1850, True),
    ("SOCKS-3",       "Wool socks, 3 pairs",  None,           "14.25",  140, True),
    ("NOTEBOOK-A5",   "Notebook A5, dotted",  "A5",           "7.35",   260, True),
    ("LAMP-OAK",      "Desk lamp",            "Oak",          "89.00", 1400, True),
    ("SOAP-OLIVE",    "Savon à l’huile d’olive", None,        "3.99",   110, True),
    ("POSTER-50X70",  "Poster",               "50 × 70 cm",   "24.99",  300, True),
    ("EBOOK-BREAD",   "Baking bread, e-book", None,           "12.00",    0, False),
)
# fmt: on

CATALOGUE = tuple(
    Product(sku, title, variant, Decimal(price), grams, gtin13(f"40063813{n:04d}"), ships, n)
    for n, (sku, title, variant, price, grams, ships) in enumerate(ROWS, start=3392)
)
BY_SKU = {product.sku: product for product in CATALOGUE}


@dataclass(frozen=True, slots=True)
class Place:
    city: str
    zip: str
    street: str
    province: str | None = None
    province_code: str | None = None


@dataclass(frozen=True, slots=True)
class Market:
    """A country the shop sells to. `rates`: title and rate of each tax on a line, in order."""

    code: str
    country: str
    currency: str
    digits: int
    factor: Decimal
    taxes_included: bool
    rates: tuple[tuple[str, Decimal], ...]
    shipping_taxed: bool
    offset_hours: int
    locale: str
    phone: str
    places: tuple[Place, ...]
    people: tuple[tuple[str, str], ...]
    shipping: tuple[tuple[str, str], ...]  # title and price in euro


STANDARD = (("Standard", "4.95"), ("Express", "12.50"), ("Free over 50", "0.00"))

MARKETS = (
    Market(
        "NL", "Netherlands", "EUR", 2, Decimal(1), True, (("NL VAT", Decimal("0.21")),), True,
        1, "nl", "+31 6 1234 56", (
            Place("Amsterdam", "1012 JS", "Damrak 1", "Noord-Holland", "NH"),
            Place("Utrecht", "3511 AX", "Oudegracht 158"),
        ), (("Sanne", "de Vries"), ("Jeroen", "van den Berg")), STANDARD,
    ),
    Market(
        "DE", "Germany", "EUR", 2, Decimal(1), True, (("MwSt", Decimal("0.19")),), True,
        1, "de", "+49 151 2345", (
            Place("Köln", "50667", "Domkloster 4"),
            Place("Berlin", "10117", "Unter den Linden 77"),
        ), (("Jürgen", "Weiß"), ("Zoë", "Müller-Lüdenscheidt")), STANDARD,
    ),
    Market(
        "BE", "Belgium", "EUR", 2, Decimal(1), False, (("BE VAT", Decimal("0.21")),), True,
        1, "fr", "+32 470 12 34", (
            Place("Bruxelles", "1000", "Rue de la Régence 3"),
            Place("Gent", "9000", "Graslei 7"),
        ), (("Élodie", "Lefèvre"), ("Wout", "Claes")), STANDARD,
    ),
    Market(
        "GB", "United Kingdom", "GBP", 2, Decimal("0.85"), True, (("GB VAT", Decimal("0.2")),),
        True, 0, "en-GB", "+44 7700 9001", (
            Place("London", "SW1A 1AA", "The Mall 12", "England", "ENG"),
            Place("Edinburgh", "EH1 2NG", "Castlehill 5", "Scotland", "SCT"),
        ), (("Niamh", "O’Brien"), ("Harry", "Smith")), STANDARD,
    ),
    Market(
        "SE", "Sweden", "SEK", 2, Decimal("11.3"), True, (("Moms", Decimal("0.25")),), True,
        1, "sv", "+46 70 123 45", (
            Place("Göteborg", "411 03", "Avenyn 21"),
            Place("Malmö", "211 22", "Stortorget 3"),
        ), (("Åsa", "Lindström"), ("Björn", "Ek")), STANDARD,
    ),
    Market(
        "US", "United States", "USD", 2, Decimal("1.08"), False,
        (("State tax", Decimal("0.0625")), ("County tax", Decimal("0.0125"))), False,
        -5, "en-US", "+1 212 555 01", (
            Place("New York", "10001", "350 5th Ave, Floor 21", "New York", "NY"),
            Place("Austin", "78701", "1100 Congress Ave", "Texas", "TX"),
        ), (("María", "González"), ("John", "Doe")), STANDARD,
    ),
    Market(
        "JP", "Japan", "JPY", 0, Decimal(160), True, (("消費税", Decimal("0.1")),), True,
        9, "ja", "+81 90 1234 56", (
            Place("渋谷区", "150-0002", "渋谷2-21-1", "Tōkyō", "JP-13"),
            Place("京都市", "600-8216", "烏丸通七条下ル", "Kyōto", "JP-26"),
        ), (("花子", "山田"), ("太郎", "佐藤")), STANDARD,
    ),
)  # fmt: skip
BY_COUNTRY = {market.code: market for market in MARKETS}
