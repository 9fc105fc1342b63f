"""The rules of EN 16931 (1.3.14.1) for categories of which no tax is due: reverse charge (AE),
intra-community supply (K), export (G) and what is not subject to tax (O). ROWS as in `elements.py`.
"""

from collections.abc import Iterator

Row = tuple[str, str, str]

CODES = {"AE": "AE", "IC": "K", "G": "G", "O": "O"}
"""How a rule calls a category -> its code."""
_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"
_VAT = "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID"
_OFF = "cac:AllowanceCharge[cbc:ChargeIndicator='false']"
_ON = "cac:AllowanceCharge[cbc:ChargeIndicator='true']"
_USES = ("cac:ClassifiedTaxCategory", f"{_OFF}/cac:TaxCategory", f"{_ON}/cac:TaxCategory")
"""Where a category stands: at lines, allowances, charges."""
_PART = "cac:TaxTotal/cac:TaxSubtotal"
_NUMBERS = {
    "AE": f"{_SELLER}/cac:PartyTaxScheme/cbc:CompanyID"
          f" and ({_BUYER}/{_VAT} or {_BUYER}/cac:PartyLegalEntity/cbc:CompanyID)",
    "K": f"{_SELLER}/{_VAT} and {_BUYER}/{_VAT}",
    "G": f"{_SELLER}/{_VAT}",
    "O": f"not({_SELLER}/{_VAT}) and not({_BUYER}/{_VAT})",
}  # fmt: skip
"""Whose numbers of tax stand on it, or do not."""


def _of(rule: str, code: str) -> Iterator[Row]:
    mine = f"[cbc:ID='{code}']"
    used = " or ".join(f"//{it}{mine}" for it in _USES)
    subtotal = f"{_PART}[cac:TaxCategory/cbc:ID='{code}']"
    rate = "not(cbc:Percent)" if code == "O" else "cbc:Percent = 0"
    yield f"BR-{rule}-01", f"/*[{used}]", f"count({_PART}/cac:TaxCategory{mine}) = 1"
    for at, use in enumerate(_USES):
        yield f"BR-{rule}-0{at + 2}", f"/*[//{use}{mine}]", _NUMBERS[code]
        yield f"BR-{rule}-0{at + 5}", f"//{use}{mine}", rate
    yield (
        f"BR-{rule}-08", subtotal,
        f"""cbc:TaxableAmount = sum((/*/cac:InvoiceLine|/*/cac:CreditNoteLine)
          [cac:Item/cac:ClassifiedTaxCategory/cbc:ID='{code}']/cbc:LineExtensionAmount)
          + sum(/*/{_ON}[cac:TaxCategory/cbc:ID='{code}']/cbc:Amount)
          - sum(/*/{_OFF}[cac:TaxCategory/cbc:ID='{code}']/cbc:Amount)""",
    )  # fmt: skip
    yield f"BR-{rule}-09", subtotal, "cbc:TaxAmount = 0"
    reason = "cbc:TaxExemptionReason or cbc:TaxExemptionReasonCode"
    yield f"BR-{rule}-10", f"{_PART}/cac:TaxCategory{mine}", reason


# fmt: off
_ALONE = f"/*[{_PART}/cac:TaxCategory/cbc:ID='O']"
_PLACE = "cac:Delivery/cac:DeliveryLocation/cac:Address"
_SUPPLIED = f"/*[{_PART}/cac:TaxCategory/cbc:ID='K']"
ROWS: tuple[Row, ...] = (
    *(row for rule, code in CODES.items() for row in _of(rule, code)),
    ("BR-IC-11", _SUPPLIED, "normalize-space(cac:Delivery/cbc:ActualDeliveryDate)"),
    ("BR-IC-12", _SUPPLIED, f"normalize-space({_PLACE}/cac:Country/cbc:IdentificationCode)"),
    ("BR-O-11", _ALONE, f"not({_PART}/cac:TaxCategory[cbc:ID!='O'])"),
    *((f"BR-O-{at}", _ALONE, f"not(//{use}[cbc:ID!='O'])") for at, use in enumerate(_USES, 12)),
)
# fmt: on
