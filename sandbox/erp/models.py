"""Which models the ERP has and which fields they bear, as one table.

A line: name, kind, then what the kind needs (a target model; for one2many also the field that
leads back), `!` where a value is required, `= x` for a default, `~` for what is computed.
"""

from dataclasses import dataclass
from typing import Any

MODELS: dict[str, tuple[str, str]] = {
    "res.user": ("User", "name char!; login char!; company many2one company.company"),
    "res.user.warning": ("User Warning", """
        user many2one res.user!; name char!; always boolean = false"""),
    "ir.lang": ("Language", "name char!; code char!"),
    "party.party": ("Party", """
        name char; code char; active boolean = true; lang many2one ir.lang; full_name char~
        addresses one2many party.address party; identifiers one2many party.identifier party
        contact_mechanisms one2many party.contact_mechanism party
        email char~; phone char~; customer_tax_rule integer; customer_payment_term many2one
         account.invoice.payment_term; replaced_by many2one party.party"""),
    "party.address": ("Address", """
        party many2one party.party!; party_name char; name char; street char; postal_code char
        city char; country many2one country.country; subdivision many2one country.subdivision
        invoice boolean = true; delivery boolean = true; active boolean = true; sequence integer
        full_address text~; building_name char; attn char"""),
    "party.contact_mechanism": ("Contact Mechanism", """
        party many2one party.party!; type selection!; value char; name char; comment text
        address many2one party.address; active boolean = true; sequence integer
        invoice boolean = false; delivery boolean = false"""),
    "party.identifier": ("Party Identifier", """
        party many2one party.party!; type selection; code char!; address many2one party.address"""),
    "country.country": ("Country", """
        name char!; code char; code3 char; code_numeric char; active boolean = true
        subdivisions one2many country.subdivision country"""),
    "country.subdivision": ("Subdivision", """
        country many2one country.country!; name char!; code char!; type selection
        parent many2one country.subdivision"""),
    "currency.currency": ("Currency", """
        name char!; code char!; numeric_code char; symbol char; digits integer! = 2
        rounding numeric; active boolean = true"""),
    "company.company": ("Company", """
        party many2one party.party!; currency many2one currency.currency!; timezone char"""),
    "product.uom": ("Unit of Measure", """
        name char!; symbol char!; digits integer = 0; rounding float; factor float; rate float
        active boolean = true"""),
    "product.template": ("Product", """
        name char!; code char; type selection = goods; default_uom many2one product.uom!
        salable boolean = true; active boolean = true; list_price numeric; sale_uom many2one
         product.uom; products one2many product.product template"""),
    "product.product": ("Product Variant", """
        template many2one product.template!; code char; suffix_code char; active boolean = true
        name char~; type selection~; default_uom many2one product.uom~; list_price numeric~
        salable boolean~; quantity float~; forecast_quantity float~; description text"""),
    "account.tax": ("Tax", """
        name char!; description char!; type selection! = percentage; rate numeric; amount numeric
        active boolean = true; company many2one company.company; parent many2one account.tax
        group many2one account.tax.group; start_date date; end_date date; sequence integer"""),
    "account.tax.group": ("Tax Group", "name char!; code char!; kind selection! = sale"),
    "account.account": ("Account", "name char!; code char; type integer; active boolean = true"),
    "account.invoice.payment_term": ("Payment Term", "name char!; active boolean = true"),
    "account.invoice.payment.method": ("Payment Method", """
        name char!; active boolean = true; company many2one company.company"""),
    "stock.location": ("Location", """
        name char!; code char; type selection!; parent many2one stock.location
        storage_location many2one stock.location; output_location many2one stock.location
        input_location many2one stock.location; lost_found_location many2one stock.location
        active boolean = true; address many2one party.address"""),
    "sale.sale": ("Sale", """
        party many2one party.party!; invoice_party many2one party.party; shipment_party many2one
         party.party; invoice_address many2one party.address; shipment_address many2one
         party.address; contact many2one party.contact_mechanism
        number char; reference char; description char; state selection = draft; comment text
        sale_date date; shipping_date date; currency many2one currency.currency!
        company many2one company.company!; warehouse many2one stock.location
        payment_term many2one account.invoice.payment_term; origin reference
        invoice_method selection = order; shipment_method selection = order
        shipment_cost_method selection; carrier integer; lines one2many sale.line sale
        untaxed_amount numeric~; tax_amount numeric~; total_amount numeric~
        shipments many2many stock.shipment.out~; shipment_returns many2many
         stock.shipment.out.return~; moves many2many stock.move~
        invoices many2many account.invoice~; invoice_state selection~; shipment_state selection~
        confirmed_by many2one res.user; quoted_by many2one res.user"""),
    "sale.line": ("Sale Line", """
        sale many2one sale.sale!; type selection! = line; product many2one product.product
        description text; quantity float; unit many2one product.uom; unit_price numeric
        taxes many2many account.tax; sequence integer; note text; origin reference
        gross_unit_price numeric; discount_rate numeric; shipping_date date
        amount numeric~; sale_state selection~; moves many2many stock.move~
        invoice_lines many2many account.invoice.line~"""),
    "stock.move": ("Stock Move", """
        product many2one product.product!; quantity float!; unit many2one product.uom!
        from_location many2one stock.location!; to_location many2one stock.location!
        shipment reference; origin reference; state selection = draft; planned_date date
        effective_date date; company many2one company.company; unit_price numeric
        currency many2one currency.currency; cost_price numeric"""),
    "stock.shipment.out": ("Stock Shipment Out", """
        customer many2one party.party!; delivery_address many2one party.address!
        warehouse many2one stock.location!; company many2one company.company
        warehouse_storage many2one stock.location; warehouse_output many2one stock.location
        number char; reference char; state selection = draft; planned_date date
        effective_date date; origin_planned_date date; carrier integer
        outgoing_moves one2many stock.move shipment; inventory_moves one2many stock.move shipment
        moves one2many stock.move shipment; origins char~"""),
    "stock.shipment.out.return": ("Customer Return Shipment", """
        customer many2one party.party!; contact_address many2one party.address
        warehouse many2one stock.location!; company many2one company.company
        number char; reference char; state selection = draft; planned_date date
        effective_date date; incoming_moves one2many stock.move shipment
        moves one2many stock.move shipment; origins char~"""),
    "account.invoice": ("Invoice", """
        type selection! = out; party many2one party.party!; invoice_address many2one party.address
        number char; reference char; description char; state selection = draft; comment text
        invoice_date date; accounting_date date; payment_term_date date
        currency many2one currency.currency!; company many2one company.company!
        payment_term many2one account.invoice.payment_term; move integer; origins char~
        lines one2many account.invoice.line invoice; taxes one2many account.invoice.tax invoice
        sales many2many sale.sale~; lines_to_pay many2many account.move.line~
        untaxed_amount numeric~; tax_amount numeric~; total_amount numeric~
        amount_to_pay numeric~"""),
    "account.invoice.line": ("Invoice Line", """
        invoice many2one account.invoice; type selection! = line; product many2one product.product
        description text; quantity float; unit many2one product.uom; unit_price numeric
        taxes many2many account.tax; origin reference; sequence integer; amount numeric~"""),
    "account.invoice.tax": ("Invoice Tax", """
        invoice many2one account.invoice!; description char; base numeric; amount numeric
        tax many2one account.tax; manual boolean = false; sequence integer"""),
    "account.move.line": ("Account Move Line", "description char"),
    "sale.complaint.type": ("Complaint Type", "name char!; origin integer"),
}  # fmt: skip

STAMPS = {
    "create_date": "datetime", "write_date": "datetime", "create_uid": "integer",
    "write_uid": "integer", "_timestamp": "char", "rec_name": "char", "id": "integer",
}  # fmt: skip
SELECTIONS: dict[tuple[str, str], set[str]] = {
    ("sale.sale", "invoice_method"): {"manual", "order", "fulfillment", "shipment"},
    ("sale.sale", "shipment_method"): {"manual", "order", "invoice"},
    ("sale.line", "type"): {"line", "subtotal", "title", "comment"},
    ("party.contact_mechanism", "type"): {
        "phone", "mobile", "fax", "email", "website", "skype", "sip", "irc", "jabber", "other",
    },
    ("account.tax", "type"): {"percentage", "fixed", "none"},
    ("product.template", "type"): {"goods", "assets", "service"},
}  # fmt: skip
# looked up often by value
INDEXED = {"code", "reference", "number", "login", "value", "origin", "shipment", "name", "rate"}
# newest first where nothing else is asked for; all others by id
NEWEST_FIRST = {"stock.move", "sale.sale", "stock.shipment.out", "account.invoice"}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    target: str = ""
    inverse: str = ""
    required: bool = False
    computed: bool = False
    default: Any = None

    @property
    def indexed(self) -> bool:
        return self.kind == "many2one" or self.name in INDEXED

    def shown(self, model: str) -> dict[str, Any]:
        """As fields_get tells it, cut to what a caller of JSON-RPC looks at."""
        shown = {
            "name": self.name, "type": self.kind, "string": self.name.replace("_", " ").title(),
            "required": self.required, "readonly": self.computed, "searchable": True,
        }  # fmt: skip
        if self.target:
            shown["relation"] = self.target
        if (model, self.name) in SELECTIONS:
            shown["selection"] = [[it, it.title()] for it in sorted(SELECTIONS[model, self.name])]
        return shown


DEFAULTS = {"true": True, "false": False}


def read_field(text: str) -> Field:
    text, _, default = (part.strip() for part in text.partition("="))
    required, computed = "!" in text, "~" in text
    name, kind, target, inverse, *_ = [*text.replace("!", "").replace("~", "").split(), "", ""]
    value: Any = DEFAULTS.get(default, int(default) if default.isdigit() else default or None)
    return Field(name, kind, target, inverse, required, computed, value)


def read_model(text: str) -> dict[str, Field]:
    lines = text.replace("\n         ", " ").replace("\n", ";").split(";")
    fields = {it.name: it for it in (read_field(line) for line in lines if line.strip())}
    stamps = {name: Field(name, kind, computed=True) for name, kind in STAMPS.items()}
    return {**fields, **stamps}


FIELDS = {model: read_model(text) for model, (_, text) in MODELS.items()}
LABELS = {model: label for model, (label, _) in MODELS.items()}
