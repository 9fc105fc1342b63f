"""Each partner's mapping as tests read it: its tables, its connection, and its cases.

A case is a pair in `<partner>/cases`: `<topic>.<name>.in.<ext>` (a dot for a slash of its topic),
and all that is read in it in `<topic>.<name>.out.json`, or how it is refused; or a document in
`<name>.in.json`, and what it becomes. `python -m tests.mappings.partners` writes each `.out.json`
anew: look at what changed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hub.model.catalogue import read
from hub.model.document import Document
from hub.model.errors import Ignored, NeedsPerson
from hub.model.order import Refund
from mappings import (
    adyen,
    alipay,
    amazon_mcf,
    amazon_settlement,
    bank,
    braintree,
    checkout,
    csv_drop,
    csv_report,
    dlocal,
    edifact,
    erpnext,
    extensiv,
    hubspot,
    karrio,
    kingdee,
    magento,
    odoo,
    paypal,
    qimen,
    quickbooks,
    salesforce,
    shipbob,
    shiphero,
    shipstation,
    shopify,
    shopify_payments,
    soap_erp,
    stripe,
    trustly,
    tryton,
    tryton_stock,
    vendure,
    wechat_pay,
    woocommerce,
    x12,
    xero,
)
from mappings.csv_drop.layout import Layout, described
from mappings.kit import Context, Decoders, Encoders, code_lists, decode, encode, zone
from mappings.kit.ledger_lines import Sold
from mappings.reading import read_json_object
from mappings.reading.shipped import read_table

FOLDER = Path(__file__).parent
READ_AT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Partner:
    """What is told of (`decoders`) or told to (`encoders`) one partner. `decoders_of`: those of a
    case that has terms of its own; `codes`: lists that a connection brings.
    """

    name: str
    connection: str
    decoders: Decoders = field(default_factory=dict)
    encoders: Encoders = field(default_factory=dict)
    zone: str = "UTC"
    decoders_of: Callable[[Path], Decoders] | None = None
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def cases(self) -> list[Path]:
        return sorted((FOLDER / self.name / "cases").glob("*.in.*"))

    def case(self, name: str) -> Any:
        """The tree of a case in JSON."""
        return json.loads((FOLDER / self.name / "cases" / f"{name}.in.json").read_bytes())

    def context(self) -> Context:
        codes = {**code_lists(self.name), **self.codes}
        return Context(self.connection, "acme", codes, zone(self.zone))

    def read(self, topic: str, told: Any, at: Context | None = None) -> list[Document]:
        """What a message says, given as bytes or as a tree."""
        raw = told if isinstance(told, bytes) else json.dumps(told).encode()
        return decode(self.decoders, topic, raw, at or self.context())

    def topic(self, path: Path) -> str | None:
        """The topic that a case is named by: the longest that fits; None for what we tell."""
        fits = [it for it in self.decoders if path.name.startswith(f"{it.replace('/', '.')}.")]
        return max(fits, key=len, default=None)

    def documents(self, path: Path, at: Context | None = None) -> list[Document]:
        """What a case says; nothing where it is one that we tell."""
        topic = self.topic(path)
        table = self.decoders_of(path) if self.decoders_of else self.decoders
        return decode(table, topic, path.read_bytes(), at or self.context()) if topic else []

    def meaning(self, path: Path) -> dict[str, Any]:
        """All that is read in a case, or what its document becomes."""
        at = self.context()
        meant: dict[str, Any]
        try:
            if self.topic(path):
                meant = {"documents": [_shown(it) for it in self.documents(path, at)]}
            else:
                tree = read_json_object(path.read_bytes())
                meant = {"told": encode(self.encoders, read(tree["type"], tree), at)}
        except (NeedsPerson, Ignored) as error:
            path_ = getattr(error, "path", "")
            meant = {"refused": type(error).__name__, "code": error.code, "path": path_}
        meant["warnings"] = [it.as_dict() for it in at.warnings]
        return json.loads(json.dumps(meant, default=_text))  # type: ignore[no-any-return]  # a tree


def _text(told: object) -> str:
    return told.decode() if isinstance(told, bytes) else str(told)


def pair(path: Path) -> Path:
    """Where what a case means stands."""
    return path.with_name(path.name.partition(".in.")[0] + ".out.json")


def _shown(document: Document) -> dict[str, Any]:
    return {"type": document.type, **json.loads(document.model_dump_json(exclude_defaults=True))}


def _clock() -> datetime:
    return READ_AT


def _by_description(path: Path) -> Decoders:
    """A report by the layout that lies beside it, else by our own names of columns."""
    beside = path.with_name(f"{path.name.partition('.in.')[0]}.layout.yaml")
    if not beside.exists():
        return csv_report.DECODE
    given = csv_report.described(read_table(beside.read_bytes()))
    return csv_report.decoders(csv_report.Layout.model_validate(given))


_SOLD = [Sold("TEA", (Decimal("0.13"),), Decimal(2))]


def _soap_refund(document: Refund, at: Context) -> dict[str, Any]:
    """A credit becomes a message beside the lines that were sold."""
    return soap_erp.refund(soap_erp.ENCODE[Refund](document, at), _SOLD)


def _by_layout(path: Path) -> Decoders:
    """A warehouse's files by the layout that lies beside them, else by the plain one."""
    beside = path.with_name(f"{path.name.partition('.in.')[0]}.layout.yaml")
    given = read_table(beside.read_bytes()) if beside.exists() else "plain"
    return csv_drop.decoders(Layout.model_validate(described(given)), _clock)


_BOOKED = {"goods": "200", "shipping": "260"}
_TAXED = {Decimal("0.21"): "OUTPUT", Decimal(0): "NONE"}
_XERO = xero.encoders(xero.Terms(accounts=_BOOKED, tax_types=_TAXED, zone=zone("Europe/Paris")))
_QUICKBOOKS = quickbooks.encoders(
    quickbooks.Terms(
        items={"goods": "19"},
        tax_codes={Decimal("0.21"): "3"},
        customer="64",
        receivables=("610",),
        bank="35",
    )
)
_AMAZON = amazon_mcf.encoders(amazon_mcf.Terms("A1PA6795UKMFR9", features=("BLOCK_AMZL",)))
_TERMS = shipbob.Terms(location_id=8, tags={"Shop": "EU"})
_FACTS = {"orders": "n", "spent": "sum", "first_order_at": "since", "accepts:marketing": "mail"}
_HUBSPOT = hubspot.encoders(hubspot.Terms("hub_customer_id", _FACTS))
_SALESFORCE = salesforce.Terms("Hub_Id__c", _FACTS, {"Account": {"Hub_Id__c": "ACME"}})
_QIMEN = qimen.Terms(owner_code="ACME", warehouse_code="AMS1")
_WOOCOMMERCE = woocommerce.decoders(woocommerce.Units(currency="EUR"), _clock)
_EDIFACT = edifact.decoders(edifact.Terms(clock=_clock))
_X12 = x12.decoders(x12.Terms(clock=_clock))

PARTNERS = {
    partner.name: partner
    for partner in (
        Partner(
            "amazon_mcf",
            "wh-fba",
            amazon_mcf.decoders(_clock),
            _AMAZON,
            codes={"shipping_methods": {"Expedited": "express"}},
        ),
        Partner("amazon_settlement", "money", amazon_settlement.DECODE),
        Partner("braintree", "money", braintree.DECODE),
        Partner("dlocal", "money", dlocal.DECODE),
        Partner("trustly", "money", trustly.DECODE),
        Partner("checkout", "money", checkout.DECODE),
        Partner("csv_report", "money", csv_report.DECODE, decoders_of=_by_description),
        Partner("bank", "money", bank.DECODE),
        Partner("wechat_pay", "money", wechat_pay.DECODE),
        Partner("alipay", "money", alipay.DECODE),
        Partner("adyen", "money", adyen.DECODE),
        Partner("paypal", "money", paypal.DECODE),
        Partner("shopify_payments", "money", shopify_payments.DECODE),
        Partner("stripe", "money", stripe.DECODE),
        Partner(
            "csv_drop",
            "wh-ams",
            csv_drop.decoders(clock=_clock),
            csv_drop.ENCODE,
            zone="Europe/Amsterdam",
            decoders_of=_by_layout,
        ),
        Partner("erpnext", "erp", encoders=erpnext.ENCODE),
        Partner("edifact", "wh-ber", _EDIFACT, edifact.ENCODE, zone="Europe/Berlin"),
        Partner(
            "extensiv",
            "wh-3pl",
            extensiv.decoders(_clock),
            extensiv.encoders(extensiv.Terms(customer_id=3, facility_id=1)),
            zone="America/New_York",
            codes={"shipping_methods": {"Next Day Air": "express"}},
        ),
        Partner("hubspot", "crm", encoders=_HUBSPOT),
        Partner("karrio", "tracking", karrio.decoders(_clock), karrio.ENCODE),
        Partner("kingdee", "erp", encoders=kingdee.ENCODE),
        Partner(
            "magento",
            "shop-nl",
            magento.DECODE,
            magento.ENCODE,
            codes={"tax_modes": {"2": "included"}},
        ),
        Partner("odoo", "erp", encoders=odoo.ENCODE),
        Partner(
            "qimen",
            "wh-ams",
            {**qimen.decoders(_clock), **qimen.requests(_clock)},
            qimen.encoders(_QIMEN),
            zone="Asia/Shanghai",
        ),
        Partner("salesforce", "crm", encoders=salesforce.encoders(_SALESFORCE)),
        Partner(
            "quickbooks",
            "books",
            encoders=_QUICKBOOKS,
        ),
        Partner(
            "shipbob",
            "wh",
            shipbob.decoders(_clock),
            shipbob.encoders(_TERMS),
            codes={"shipping_methods": {"2-Day": "express"}},
        ),
        Partner(
            "shiphero",
            "hero",
            shiphero.decoders(clock=_clock),
            shiphero.encoders(shiphero.Terms(warehouse="3141", vendor="VmVuZG9yOjc=")),
            codes={"services": {"ups/ground": "express"}},
        ),
        Partner(
            "shipstation",
            "station",
            shipstation.decoders(clock=_clock),
            shipstation.encoders(shipstation.Terms(store_id=12, warehouse_id=34)),
            zone="Asia/Tokyo",
            codes={"services": {"fedex/fedex_2day": "express"}},
        ),
        Partner("shopify", "shop-eu", shopify.decoders(_clock), shopify.ENCODE),
        Partner("soap_erp", "erp", encoders={**soap_erp.ENCODE, Refund: _soap_refund}),
        Partner("tryton", "erp", encoders=tryton.ENCODE),
        Partner("tryton_stock", "wh-own", tryton_stock.DECODE, tryton_stock.ENCODE),
        Partner("vendure", "shop-fi", vendure.decoders(_clock)),
        Partner("woocommerce", "shop-fi", _WOOCOMMERCE),
        Partner("xero", "books", encoders=_XERO),
        Partner("x12", "wh-east", _X12, x12.ENCODE, zone="America/Chicago"),
    )
}

if __name__ == "__main__":
    for partner in PARTNERS.values():
        for path in partner.cases:
            text = json.dumps(partner.meaning(path), ensure_ascii=False, indent=1)
            pair(path).write_text(f"{text}\n", "utf-8")
