"""Configure a freshly activated Tryton database for tests; run by the peer's own interpreter.

Usage: tryton_setup.py DATABASE CONFIG. Makes a company with chart, fiscal years, taxes, products,
stock and the service user `hub`. What stands here is what `tests/peers/tryton.py` promises.
"""

import datetime as dt
import sys
from decimal import Decimal

from proteus import Model, Wizard
from proteus import config as proteus_config

PASSWORD = "hub-Pass-123x"
RATES = (
    *("0.20", "0.19", "0.10", "0.055", "0.06", "0.025", "0.05", "0.125", "0.13", "0.0875"),
    *("0.0625", "0.0125", "0.0176651925"),
)
CURRENCIES = {"EUR": "1.0", "USD": "1.25", "CAD": "1.5", "AUD": "1.6", "GBP": "0.8", "JPY": "160"}
WHOLE = ("JPY",)
"""Currencies without a smaller unit."""
COUNTRIES = {
    "FR": "France",
    "DE": "Germany",
    "NL": "Netherlands",
    "GB": "United Kingdom",
    "US": "United States",
    "CA": "Canada",
    "AU": "Australia",
    "CN": "China",
}
SERVICES = ("SHIPPING", "FEE", "ROUNDING", "ADJUSTMENT")
GOODS = (*(f"SKU-{number:04}" for number in range(20)), "GENERIC")
STOCK = {"SKU-0019": 0, "SKU-0018": 3}
PLENTY = 100_000
GROUPS = (
    "Sales",
    "Sales Administrator",
    "Stock",
    "Stock Force Assignment",
    "Stock Cancellation",
    "Accounting",
)


def named(model: str, **values):
    record = Model.get(model)(**values)
    record.save()
    return record


def only(model: str, *domain):
    (record,) = Model.get(model).find(list(domain), limit=1)
    return record


def currencies():
    for code, rate in CURRENCIES.items():
        digits = 0 if code in WHOLE else 2
        unit = Decimal(1).scaleb(-digits)
        currency = named("currency.currency", name=code, code=code, rounding=unit, digits=digits)
        named(
            "currency.currency.rate",
            date=dt.date(2000, 1, 1),
            rate=Decimal(rate),
            currency=currency,
        )


def company():
    party = named("party.party", name="Acme Books")
    wizard = Wizard("company.company.config")
    wizard.execute("company")
    wizard.form.party = party
    wizard.form.currency = only("currency.currency", ("code", "=", "EUR"))
    wizard.execute("add")
    current = proteus_config.get_config()
    current._context = Model.get("res.user").get_preferences(True, {})
    return only("company.company")


def account(kind: str):
    return only("account.account", (f"type.{kind}", "=", True), ("closed", "!=", True))


def chart(owner):
    template = Model.get("ir.model.data").get_id(
        "account.account_template_root_en", proteus_config.get_config().context
    )
    wizard = Wizard("account.create_chart")
    wizard.execute("account")
    wizard.form.account_template = Model.get("account.account.template")(template)
    wizard.form.company = owner
    wizard.execute("create_account")
    wizard.form.account_receivable = account("receivable")
    wizard.form.account_payable = account("payable")
    wizard.form.category_account_expense = account("expense")
    wizard.form.category_account_revenue = account("revenue")
    wizard.execute("create_properties")
    rules = Model.get("account.configuration")(1)
    rules.currency_exchange_credit_account = account("revenue")
    rules.currency_exchange_debit_account = account("expense")
    rules.save()


def sequence(kind: str, name: str, owner):
    return named(
        "ir.sequence.strict",
        name=f"{kind} {name}",
        sequence_type=only("ir.sequence.type", ("name", "=", kind)),
        company=owner,
    )


def fiscal_year(owner, year: int):
    name = str(year)
    record = Model.get("account.fiscalyear")(
        name=name,
        start_date=dt.date(year, 1, 1),
        end_date=dt.date(year, 12, 31),
        company=owner,
        move_sequence=sequence("Account Move", name, owner),
    )
    (numbers,) = record.invoice_sequences
    for kind in ("out_invoice", "in_invoice", "out_credit_note", "in_credit_note"):
        setattr(numbers, f"{kind}_sequence", sequence("Invoice", f"{name} {kind}", owner))
    record.save()
    record.click("create_period")


def taxes(owner):
    booked = only("account.account", ("code", "=", "6.3.6"))
    return [
        named(
            "account.tax",
            name=f"VAT {rate}",
            description=f"VAT {rate}",
            type="percentage",
            rate=Decimal(rate),
            invoice_account=booked,
            credit_note_account=booked,
            company=owner,
        )
        for rate in RATES
    ]


def products(tax):
    category = Model.get("product.category")(
        name="Sold",
        accounting=True,
        account_expense=account("expense"),
        account_revenue=account("revenue"),
    )
    category.customer_taxes.append(tax)
    category.save()
    unit = only("product.uom", ("name", "=", "Unit"))
    return [
        product(code, kind, category, unit)
        for kind, codes in (("service", SERVICES), ("goods", GOODS))
        for code in codes
    ]


def product(code: str, kind: str, category, unit):
    template = Model.get("product.template")(
        name=f"Product {code}",
        type=kind,
        default_uom=unit,
        salable=True,
        list_price=Decimal(10),
        account_category=category,
    )
    (variant,) = template.products
    variant.suffix_code = code
    variant.cost_price = Decimal(4)
    template.save()
    return template.products[0]


def stock(known):
    inventory = Model.get("stock.inventory")(location=only("stock.location", ("code", "=", "STO")))
    for item in known:
        quantity = STOCK.get(item.code, PLENTY)
        if item.type == "goods" and quantity:
            line = inventory.lines.new(product=item)
            line.quantity = float(quantity)
            line.expected_quantity = 0.0
    inventory.click("confirm")


def plain_invoice_print():
    """Posting renders the printed invoice, most of its time; a line of text will do here."""
    report = only("ir.action.report", ("report_name", "=", "account.invoice"))
    report.template_extension, report.extension = "txt", ""
    report.report_content_custom = b"Invoice"
    report.save()


def service_user(owner):
    groups = Model.get("res.group").find([("name", "in", GROUPS)])
    user = Model.get("res.user")(name="Order Hub", login="hub", password=PASSWORD)
    user.groups.extend(groups)
    user.companies.append(owner)
    user.company = owner
    user.save()


def main(database: str, settings: str) -> None:
    proteus_config.set_trytond(database=database, user="admin", config_file=settings)
    currencies()
    for code, name in COUNTRIES.items():
        named("country.country", name=name, code=code)
    owner = company()
    chart(owner)
    year = dt.datetime.now(dt.UTC).year
    for number in (year - 1, year, year + 1):
        fiscal_year(owner, number)
    term = Model.get("account.invoice.payment_term")(name="At once")
    term.lines.new(type="remainder")
    term.save()
    stock(products(taxes(owner)[0]))
    plain_invoice_print()
    service_user(owner)


if __name__ == "__main__":
    main(*sys.argv[1:])
