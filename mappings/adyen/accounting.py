"""The payments accounting report: how far each payment is. Only what is settled moves money; what
is authorised, captured or sent is a state. The processing fee is billed with the batch.
"""

from decimal import Decimal

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.settlement import SettlementLine
from mappings.adyen.rows import fees, moment, number, taken_from
from mappings.kit import Context
from mappings.kit.reports.cells import Cells, Table, cells
from mappings.kit.reports.told import by, content_id, kind_of, line, report

_NEEDED = (
    ("Merchant Account",),
    ("Psp Reference",),
    ("Record Type",),
    ("Payable (SC)",),
    ("Settlement Currency",),
    ("Booking Date", "Creation Date"),
)
_AMOUNTS = ("(sc)", "(pc)", "amount", "(fc)")
TABLE = Table(_NEEDED, lambda name: any(word in name for word in _AMOUNTS))


def accounting(raw: bytes, at: Context) -> list[Document]:
    """A report for each account and currency. Ignored where nothing in it is settled."""
    rows = [row for row in cells(raw, TABLE, at) if _moves(row, at)]
    lines = [(row, _line(row, at)) for row in rows]
    if not lines:
        raise Ignored("no_consequence", "nothing in the report is settled")
    groups = by(lines, lambda it: (it[0].needed("Merchant Account"), it[1].currency))
    found: list[Document] = []
    for (account, currency), pairs in groups.items():
        own = [each for _, each in pairs]
        found.append(report(at, "adyen", f"{account}-{content_id(own)}", currency, own))
    return found


def _moves(row: Cells, at: Context) -> bool:
    return at.ours_or_none("settlement_kinds", row.needed("Record Type")) != "none"


def _line(row: Cells, at: Context) -> SettlementLine:
    word, payment = row.needed("Record Type"), row.text("Psp Reference")
    own, net = row.text("Modification Psp Reference"), row.amount("Payable (SC)")
    kind, taken = kind_of(at, word, row.path("Record Type")), _fees(row, net)
    return line(
        row.place,
        reference=number(row, ()),
        channel_order_id=row.text("Merchant Reference", "Merchant Order Reference"),
        kind=kind,
        gross=net + taken,
        fee=taken,
        net=net,
        currency=row.needed("Settlement Currency"),
        at=moment(row, "Booking Date", "Creation Date"),
        provider_kind=word,
        transaction=payment if kind == "sale" else own or payment,
        original=payment if kind != "sale" else None,
    )


def _fees(row: Cells, net: Decimal) -> Decimal:
    """What leaves the captured amount is settled: of one currency it is the same."""
    taken, currency = fees(row, "SC"), row.needed("Settlement Currency")
    told = -row.amount("Captured (PC)")
    if not told or (row.text("Payment Currency") or "").upper() != currency.upper():
        return taken
    if (told < 0) != (net + taken < 0):
        told = -told
    taken = taken_from(told, net, taken, currency)
    if told != net + taken:
        message = f"the line says {abs(told)}, its net and its fees come to {net + taken}"
        raise BadData(message, path=row.path("Captured (PC)"), code="totals_differ")
    return taken
