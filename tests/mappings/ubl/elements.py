"""The rules of EN 16931 (1.3.14.1) and Peppol BIS Billing 3 that one XPath tells, of what we write:
what must be there, whose numbers, which codes. ROWS: rule, where it looks, what must hold there.
Sums and rates are in `schematron.py`.

What is told where no tax is due is in `exemptions.py`. Left out is what we never write: payees, tax
representatives, means of payment, periods, attributes, attachments.
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
BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_LETTERS = "translate(substring(., 1, 2), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '') = ''"
_OFF_BY = "(cbc:Amount - cbc:BaseAmount * cbc:MultiplierFactorNumeric div 100)"
_QUANTITY = "cbc:InvoicedQuantity|cbc:CreditedQuantity"
_LAND = "normalize-space(cac:Country/cbc:IdentificationCode)"

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
    ("BR-57", "cac:Delivery/cac:DeliveryLocation/cac:Address", _LAND),
    ("BR-62", f"{_SELLER}/cbc:EndpointID", "normalize-space(@schemeID)"),
    ("BR-63", f"{_BUYER}/cbc:EndpointID", "normalize-space(@schemeID)"),
    ("BR-CO-09", f"({_SELLER}|{_BUYER})/{_VAT}", _LETTERS),
    ("BR-CO-26", _SELLER,
     f"{_VAT} or cac:PartyLegalEntity/cbc:CompanyID or cac:PartyIdentification/cbc:ID"),
    ("PEPPOL-EN16931-R001", "/*", "normalize-space(cbc:ProfileID)"),
    ("PEPPOL-EN16931-R003", "/*", "normalize-space(cbc:BuyerReference|cac:OrderReference/cbc:ID)"),
    ("PEPPOL-EN16931-R004", "/*",
     f"starts-with(cbc:CustomizationID, '{BILLING}')"),
    ("PEPPOL-EN16931-R007", "/*",
     "cbc:ProfileID = 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0'"),
    ("PEPPOL-EN16931-R008", "//*", "* or normalize-space(.)"),
    ("PEPPOL-EN16931-R010", _BUYER, "normalize-space(cbc:EndpointID)"),
    ("PEPPOL-EN16931-R020", _SELLER, "normalize-space(cbc:EndpointID)"),
    ("PEPPOL-EN16931-R040", "//cac:AllowanceCharge[cbc:MultiplierFactorNumeric and cbc:BaseAmount]",
     f"""{_OFF_BY} <= 0.02 and -{_OFF_BY} <= 0.02"""),
    ("PEPPOL-EN16931-R041", "//cac:AllowanceCharge[cbc:MultiplierFactorNumeric]", "cbc:BaseAmount"),
    ("PEPPOL-EN16931-R042", "(/*|/*/cac:InvoiceLine|/*/cac:CreditNoteLine)/cac:AllowanceCharge",
     "cbc:MultiplierFactorNumeric or not(cbc:BaseAmount)"),
    ("PEPPOL-EN16931-R043", "//cac:AllowanceCharge",
     "cbc:ChargeIndicator = 'true' or cbc:ChargeIndicator = 'false'"),
    ("PEPPOL-EN16931-R044", "//cac:Price/cac:AllowanceCharge", "cbc:ChargeIndicator = 'false'"),
    ("PEPPOL-EN16931-R046", "//cac:Price/cac:AllowanceCharge[cbc:BaseAmount]",
     "../cbc:PriceAmount = cbc:BaseAmount - cbc:Amount"),
    ("PEPPOL-EN16931-R130", f"({_LINE})[cac:Price/cbc:BaseQuantity/@unitCode]",
     f"cac:Price/cbc:BaseQuantity/@unitCode = ({_QUANTITY})/@unitCode"),
    ("PEPPOL-EN16931-P0100", "/*[cbc:InvoiceTypeCode]", "cbc:InvoiceTypeCode = '380'"),
    ("PEPPOL-EN16931-P0101", "/*[cbc:CreditNoteTypeCode]", "cbc:CreditNoteTypeCode = '381'"),
)
# fmt: on
