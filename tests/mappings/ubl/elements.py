"""The rules of EN 16931 (1.3.14.1) and Peppol BIS Billing 3 that one XPath tells, of what we write:
what must be there, whose numbers, which codes. ROWS: rule, where it looks, what must hold there.
Sums and rates are in `schematron.py`.

Left out is what we never write: payees, tax representatives, addresses of deliveries, means of
payment, periods, attributes, attachments. For want of an address of delivery an intra-community
supply (K) is never whole (BR-IC-12): none is drawn. That each party has an endpoint (PEPPOL-
EN16931-R010, R020) is not held: only what goes over Peppol wants one.
"""

NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
_LINE = "cac:InvoiceLine|cac:CreditNoteLine"
_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"
_TOTALS = "cac:LegalMonetaryTotal"
_OFF = "cac:AllowanceCharge[cbc:ChargeIndicator='false']"
_ON = "cac:AllowanceCharge[cbc:ChargeIndicator='true']"
_VAT = "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID"
_BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_LETTERS = "translate(substring(., 1, 2), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '') = ''"
_LAND = "normalize-space(cac:Country/cbc:IdentificationCode)"
_UNTAXED = (("AE", "AE"), ("IC", "K"), ("G", "G"), ("O", "O"))
"""How a rule calls a category of which no tax is due, and its code."""

# fmt: off
ROWS: tuple[tuple[str, str, str], ...] = (
    ("BR-01", "/*", "normalize-space(cbc:CustomizationID)"),
    ("BR-02", "/*", "normalize-space(cbc:ID)"),
    ("BR-03", "/*", "normalize-space(cbc:IssueDate)"),
    ("BR-04", "/*", "normalize-space(cbc:InvoiceTypeCode|cbc:CreditNoteTypeCode)"),
    ("BR-05", "/*", "normalize-space(cbc:DocumentCurrencyCode)"),
    ("BR-06", "/*", f"normalize-space({_SELLER}/cac:PartyLegalEntity/cbc:RegistrationName)"),
    ("BR-07", "/*", f"normalize-space({_BUYER}/cac:PartyLegalEntity/cbc:RegistrationName)"),
    ("BR-08", "/*", f"{_SELLER}/cac:PostalAddress"),
    ("BR-09", f"{_SELLER}/cac:PostalAddress", _LAND),
    ("BR-10", "/*", f"{_BUYER}/cac:PostalAddress"),
    ("BR-11", f"{_BUYER}/cac:PostalAddress", _LAND),
    ("BR-12", _TOTALS, "normalize-space(cbc:LineExtensionAmount)"),
    ("BR-13", _TOTALS, "normalize-space(cbc:TaxExclusiveAmount)"),
    ("BR-14", _TOTALS, "normalize-space(cbc:TaxInclusiveAmount)"),
    ("BR-15", _TOTALS, "normalize-space(cbc:PayableAmount)"),
    ("BR-16", "/*", _LINE),
    ("BR-21", _LINE, "normalize-space(cbc:ID)"),
    ("BR-22", _LINE, "cbc:InvoicedQuantity or cbc:CreditedQuantity"),
    ("BR-23", _LINE, "cbc:InvoicedQuantity/@unitCode or cbc:CreditedQuantity/@unitCode"),
    ("BR-24", _LINE, "normalize-space(cbc:LineExtensionAmount)"),
    ("BR-25", _LINE, "normalize-space(cac:Item/cbc:Name)"),
    ("BR-26", _LINE, "normalize-space(cac:Price/cbc:PriceAmount)"),
    ("BR-27", _LINE, "cac:Price/cbc:PriceAmount >= 0"),
    ("BR-31", _OFF, "normalize-space(cbc:Amount)"),
    ("BR-32", _OFF, "normalize-space(cac:TaxCategory/cbc:ID)"),
    ("BR-33", _OFF, "cbc:AllowanceChargeReason or cbc:AllowanceChargeReasonCode"),
    ("BR-36", _ON, "normalize-space(cbc:Amount)"),
    ("BR-37", _ON, "normalize-space(cac:TaxCategory/cbc:ID)"),
    ("BR-38", _ON, "cbc:AllowanceChargeReason or cbc:AllowanceChargeReasonCode"),
    ("BR-41", f"({_LINE})/{_OFF}", "normalize-space(cbc:Amount)"),
    ("BR-42", f"({_LINE})/{_OFF}", "cbc:AllowanceChargeReason or cbc:AllowanceChargeReasonCode"),
    ("BR-43", f"({_LINE})/{_ON}", "normalize-space(cbc:Amount)"),
    ("BR-44", f"({_LINE})/{_ON}", "cbc:AllowanceChargeReason or cbc:AllowanceChargeReasonCode"),
    ("BR-45", "cac:TaxTotal/cac:TaxSubtotal", "normalize-space(cbc:TaxableAmount)"),
    ("BR-46", "cac:TaxTotal/cac:TaxSubtotal", "normalize-space(cbc:TaxAmount)"),
    ("BR-47", "cac:TaxTotal/cac:TaxSubtotal", "normalize-space(cac:TaxCategory/cbc:ID)"),
    ("BR-48", "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory",
     "cbc:Percent or cbc:ID='O'"),
    ("BR-55", "cac:BillingReference", "normalize-space(cac:InvoiceDocumentReference/cbc:ID)"),
    ("BR-62", f"{_SELLER}/cbc:EndpointID", "normalize-space(@schemeID)"),
    ("BR-63", f"{_BUYER}/cbc:EndpointID", "normalize-space(@schemeID)"),
    ("BR-CO-09", f"({_SELLER}|{_BUYER})/{_VAT}", _LETTERS),
    ("BR-CO-26", _SELLER,
     f"{_VAT} or cac:PartyLegalEntity/cbc:CompanyID or cac:PartyIdentification/cbc:ID"),
    *((f"BR-{rule}-01", f"/*[//cac:ClassifiedTaxCategory/cbc:ID='{code}']",
       f"count(cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory[cbc:ID='{code}']) = 1")
      for rule, code in _UNTAXED),
    *((f"BR-{rule}-05", f"//cac:ClassifiedTaxCategory[cbc:ID='{code}']",
       "not(cbc:Percent)" if code == "O" else "cbc:Percent = 0") for rule, code in _UNTAXED),
    *((f"BR-{rule}-08", f"cac:TaxTotal/cac:TaxSubtotal[cac:TaxCategory/cbc:ID='{code}']",
       f"""cbc:TaxableAmount = sum((/*/cac:InvoiceLine|/*/cac:CreditNoteLine)
         [cac:Item/cac:ClassifiedTaxCategory/cbc:ID='{code}']/cbc:LineExtensionAmount)
         + sum(/*/{_ON}[cac:TaxCategory/cbc:ID='{code}']/cbc:Amount)
         - sum(/*/{_OFF}[cac:TaxCategory/cbc:ID='{code}']/cbc:Amount)""")
      for rule, code in _UNTAXED),
    *((f"BR-{rule}-09", f"cac:TaxTotal/cac:TaxSubtotal[cac:TaxCategory/cbc:ID='{code}']",
       "cbc:TaxAmount = 0") for rule, code in _UNTAXED),
    *((f"BR-{rule}-10", f"cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory[cbc:ID='{code}']",
       "cbc:TaxExemptionReason or cbc:TaxExemptionReasonCode") for rule, code in _UNTAXED),
    ("BR-AE-02", "/*[//cac:ClassifiedTaxCategory/cbc:ID='AE']",
     f"{_SELLER}/cac:PartyTaxScheme and {_BUYER}[{_VAT} or cac:PartyLegalEntity/cbc:CompanyID]"),
    ("BR-IC-02", "/*[//cac:ClassifiedTaxCategory/cbc:ID='K']",
     f"{_SELLER}/cac:PartyTaxScheme and {_BUYER}/{_VAT}"),
    ("BR-IC-11", "/*[//cac:ClassifiedTaxCategory/cbc:ID='K']",
     "normalize-space(cac:Delivery/cbc:ActualDeliveryDate)"),
    ("BR-G-02", "/*[//cac:ClassifiedTaxCategory/cbc:ID='G']", f"{_SELLER}/{_VAT}"),
    ("BR-O-02", "/*[//cac:ClassifiedTaxCategory/cbc:ID='O']",
     f"not({_SELLER}/{_VAT}) and not({_BUYER}/{_VAT})"),
    ("PEPPOL-EN16931-R001", "/*", "normalize-space(cbc:ProfileID)"),
    ("PEPPOL-EN16931-R003", "/*", "normalize-space(cbc:BuyerReference|cac:OrderReference/cbc:ID)"),
    ("PEPPOL-EN16931-R004", "/*",
     f"starts-with(cbc:CustomizationID, '{_BILLING}')"),
    ("PEPPOL-EN16931-R007", "/*",
     "cbc:ProfileID = 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0'"),
    ("PEPPOL-EN16931-R008", "//*", "* or normalize-space(.)"),
    ("PEPPOL-EN16931-R043", "//cac:AllowanceCharge",
     "cbc:ChargeIndicator = 'true' or cbc:ChargeIndicator = 'false'"),
    ("PEPPOL-EN16931-P0100", "/*[cbc:InvoiceTypeCode]", "cbc:InvoiceTypeCode = '380'"),
    ("PEPPOL-EN16931-P0101", "/*[cbc:CreditNoteTypeCode]", "cbc:CreditNoteTypeCode = '381'"),
)
# fmt: on
