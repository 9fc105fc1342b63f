"""The names of UBL 2.1: namespaces, and what invoice and credit note call the same thing."""

from collections.abc import Mapping
from dataclasses import dataclass

CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
EN16931 = "urn:cen.eu:en16931:2017"
PEPPOL = f"{EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
WHY_UNTAXED: Mapping[str, str] = {
    "AE": "VATEX-EU-AE",
    "K": "VATEX-EU-IC",
    "G": "VATEX-EU-G",
    "O": "VATEX-EU-O",
}
"""Category of tax -> the code of its reason (CEF VATEX)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of document calls its parts, and its code (UNCL 1001)."""

    root: str
    namespace: str
    type_code: str
    code: str
    line: str
    quantity: str


# fmt: off
KINDS: Mapping[str, Kind] = {
    "invoice": Kind(
        "Invoice", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
        "InvoiceTypeCode", "380", "InvoiceLine", "InvoicedQuantity"),
    "credit_note": Kind(
        "CreditNote", "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
        "CreditNoteTypeCode", "381", "CreditNoteLine", "CreditedQuantity"),
}
# fmt: on
