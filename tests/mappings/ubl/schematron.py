"""The calculation rules of EN 16931 (1.3.14.1) and Peppol BIS Billing 3 as their schematron has
them, held to the XML itself and to nothing of ours. RULES: rule -> whether it holds. What one XPath
tells, such as what must be there, is in `elements.py` and `exemptions.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import etree

from tests.mappings.ubl import elements, exemptions
from tests.mappings.ubl.elements import BILLING, NAMES

Root = Any
ROWS = (*elements.ROWS, *exemptions.ROWS)
_TAX = "cac:TaxTotal[cac:TaxSubtotal]/cbc:TaxAmount"
_LINES = "cac:InvoiceLine|cac:CreditNoteLine"
_OF_LINE = "cac:Item/cac:ClassifiedTaxCategory"
_TOTALS = "cac:LegalMonetaryTotal"
_HUNDREDTH, _SLACK = Decimal("0.01"), Decimal("0.02")


def broken(raw: bytes) -> list[str]:
    """The rules that a document breaks; Peppol's only where it says that it holds to them."""
    root = etree.fromstring(raw)
    told = [rule for rule, where, what in ROWS if not _holds(root, where, what)]
    found = [*(rule for rule, holds in RULES.items() if not holds(root)), *told]
    says = root.findtext("cbc:CustomizationID", "", NAMES).startswith(BILLING)
    return [rule for rule in found if says or not rule.startswith("PEPPOL-")]


def _holds(root: Root, where: str, what: str) -> bool:
    return all(it.xpath(f"boolean({what})", namespaces=NAMES) for it in every(root, where))


def every(at: Any, path: str) -> list[Any]:
    found: list[Any] = at.xpath(path, namespaces=NAMES)
    return found


def numbers(at: Any, path: str) -> list[Decimal]:
    return [Decimal(it.text) for it in every(at, path)]


def number(at: Any, path: str) -> Decimal:
    (found,) = numbers(at, path) or [Decimal(0)]
    return found


def rounded(value: Decimal) -> Decimal:
    """As XPath rounds: halves up, towards the greater."""
    return (value + _HUNDREDTH / 2).quantize(_HUNDREDTH, rounding="ROUND_FLOOR")


def total(name: str) -> Callable[[Root], Decimal]:
    return lambda root: number(root, f"{_TOTALS}/cbc:{name}")


def moved(root: Root, sign: str) -> list[Any]:
    """Allowances (false) or charges (true) of the document."""
    return every(root, f"cac:AllowanceCharge[cbc:ChargeIndicator='{sign}']")


def allowed(sign: str, name: str) -> Callable[[Root], bool]:
    """BR-CO-11, -12: the sum of them, or none of either."""

    def holds(root: Root) -> bool:
        stated, there = every(root, f"{_TOTALS}/cbc:{name}"), moved(root, sign)
        if not stated:
            return not there
        return Decimal(stated[0].text) == rounded(sum(numbers(root, f"cac:AllowanceCharge[cbc:ChargeIndicator='{sign}']/cbc:Amount"), Decimal(0)))  # fmt: skip  # noqa: E501

    return holds


def with_reason(path: str, sign: str) -> Callable[[Root], bool]:
    where = f"{path}cac:AllowanceCharge[cbc:ChargeIndicator='{sign}']"
    bare = "[not(cbc:AllowanceChargeReason or cbc:AllowanceChargeReasonCode)]"
    return lambda root: not every(root, where + bare)


def two_places(path: str) -> Callable[[Root], bool]:
    return lambda root: all(len(it.text.partition(".")[2]) <= 2 for it in every(root, path))


def payable(root: Root) -> bool:
    prepaid, rounding = total("PrepaidAmount")(root), total("PayableRoundingAmount")(root)
    taxed = total("TaxInclusiveAmount")(root)
    return total("PayableAmount")(root) == rounded(taxed - prepaid + rounding)


def due(root: Root) -> bool:
    if etree.QName(root).localname != "Invoice" or total("PayableAmount")(root) <= 0:
        return True
    return bool(every(root, "cbc:DueDate|cac:PaymentTerms/cbc:Note"))


def sums_of_taxes(root: Root) -> bool:
    parts = sum(numbers(root, "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount"), Decimal(0))
    return number(root, _TAX) == rounded(parts)


def subtotals(root: Root, *codes: str) -> Iterator[tuple[Decimal, Decimal, Decimal | None]]:
    """Taxable amount, tax and rate of each subtotal of these categories, or of all."""
    for it in every(root, "cac:TaxTotal/cac:TaxSubtotal"):
        (code,) = every(it, "cac:TaxCategory/cbc:ID")
        rate = numbers(it, "cac:TaxCategory/cbc:Percent")
        if not codes or code.text in codes:
            yield (
                number(it, "cbc:TaxableAmount"),
                number(it, "cbc:TaxAmount"),
                rate[0] if rate else None,
            )


def near_rate(*codes: str) -> Callable[[Root], bool]:
    """BR-CO-17, BR-S-09, closer than they want it: to the cent."""

    def holds(root: Root) -> bool:
        return all(
            abs(tax)
            == (abs(taxable) * (rate or Decimal(0)) / 100).quantize(_HUNDREDTH, ROUND_HALF_UP)
            for taxable, tax, rate in subtotals(root, *codes)
        )

    return holds


def taxable(code: str, *, by_rate: bool) -> Callable[[Root], bool]:
    """BR-S-08, BR-Z-08, BR-E-08: what a subtotal holds, by rate where the category has several."""

    def held(root: Root, path: str, category: str, rate: Decimal | None) -> Decimal:
        return sum(
            (
                number(it, "cbc:LineExtensionAmount|cbc:Amount")
                for it in every(root, f"({path})[{category}/cbc:ID='{code}']")
                if not by_rate or number(it, f"{category}/cbc:Percent") == rate
            ),
            Decimal(0),
        )

    def holds(root: Root) -> bool:
        of = "cac:AllowanceCharge[cbc:ChargeIndicator='{}']"
        return all(
            stated
            == held(root, _LINES, _OF_LINE, rate)
            + held(root, of.format("true"), "cac:TaxCategory", rate)
            - held(root, of.format("false"), "cac:TaxCategory", rate)
            for stated, _, rate in subtotals(root, code)
        )

    return holds


def in_breakdown(code: str, *, once: bool) -> Callable[[Root], bool]:
    """BR-S-01, BR-Z-01, BR-E-01: used and broken down, or neither."""

    def holds(root: Root) -> bool:
        used = every(root, f"//cac:AllowanceCharge/cac:TaxCategory[cbc:ID='{code}']|//cac:ClassifiedTaxCategory[cbc:ID='{code}']")  # fmt: skip  # noqa: E501
        there = len(list(subtotals(root, code)))
        return (there == 1 if once else there > 0) if used else there == 0

    return holds


def numbered_seller(code: str, where: str) -> Callable[[Root], bool]:
    """BR-S-02 to -04 and the like: whoever charges tax has a number for it."""
    seller = "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID"
    return lambda root: not every(root, where.format(code=code)) or bool(every(root, seller))


def rates(code: str, where: str) -> Callable[[Root], bool]:
    """BR-S-05 to -07 above zero, BR-Z- and BR-E- zero."""
    fits = (lambda rate: rate > 0) if code == "S" else (lambda rate: rate == 0)
    return lambda root: all(
        fits(number(it, "cbc:Percent")) for it in every(root, where.format(code=code))
    )


def no_tax(code: str) -> Callable[[Root], bool]:
    return lambda root: all(tax == 0 for _, tax, _ in subtotals(root, code))


def exemption(code: str, *, wanted: bool) -> Callable[[Root], bool]:
    path = f"cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory[cbc:ID='{code}']"
    reason = "cbc:TaxExemptionReason|cbc:TaxExemptionReasonCode"
    return lambda root: all(bool(every(it, reason)) == wanted for it in every(root, path))


def line_amounts(root: Root) -> bool:
    """PEPPOL-EN16931-R120: quantity by price for so many, less allowances, more charges."""
    for line in every(root, _LINES):
        pieces = number(line, "cbc:InvoicedQuantity|cbc:CreditedQuantity")
        base = number(line, "cac:Price/cbc:BaseQuantity") or Decimal(1)
        gross = pieces * (number(line, "cac:Price/cbc:PriceAmount") / base)
        more = sum(numbers(line, "cac:AllowanceCharge[cbc:ChargeIndicator='true']/cbc:Amount"), Decimal(0))  # fmt: skip  # noqa: E501
        less = sum(numbers(line, "cac:AllowanceCharge[cbc:ChargeIndicator='false']/cbc:Amount"), Decimal(0))  # fmt: skip  # noqa: E501
        if abs(number(line, "cbc:LineExtensionAmount") - gross - more + less) > _SLACK:
            return False
    return True


def one_currency(root: Root) -> bool:
    (code,) = every(root, "cbc:DocumentCurrencyCode")
    return {
        it.get("currencyID")
        for it in every(root, "//*[@currencyID][not(parent::cac:TaxTotal[not(cac:TaxSubtotal)])]")
    } == {code.text}


_PLACES = {
    "BR-DEC-01": "cac:AllowanceCharge[cbc:ChargeIndicator='false']/cbc:Amount",
    "BR-DEC-05": "cac:AllowanceCharge[cbc:ChargeIndicator='true']/cbc:Amount",
    "BR-DEC-09": f"{_TOTALS}/cbc:LineExtensionAmount",
    "BR-DEC-10": f"{_TOTALS}/cbc:AllowanceTotalAmount",
    "BR-DEC-11": f"{_TOTALS}/cbc:ChargeTotalAmount",
    "BR-DEC-12": f"{_TOTALS}/cbc:TaxExclusiveAmount",
    "BR-DEC-13": _TAX,
    "BR-DEC-14": f"{_TOTALS}/cbc:TaxInclusiveAmount",
    "BR-DEC-16": f"{_TOTALS}/cbc:PrepaidAmount",
    "BR-DEC-17": f"{_TOTALS}/cbc:PayableRoundingAmount",
    "BR-DEC-18": f"{_TOTALS}/cbc:PayableAmount",
    "BR-DEC-19": "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount",
    "BR-DEC-20": "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount",
    "BR-DEC-23": f"({_LINES})/cbc:LineExtensionAmount",
    "BR-DEC-24": f"({_LINES})/cac:AllowanceCharge[cbc:ChargeIndicator='false']/cbc:Amount",
    "BR-DEC-27": f"({_LINES})/cac:AllowanceCharge[cbc:ChargeIndicator='true']/cbc:Amount",
}
_USES = (
    f"({_LINES})/{_OF_LINE}[cbc:ID='{{code}}']",
    "cac:AllowanceCharge[cbc:ChargeIndicator='false']/cac:TaxCategory[cbc:ID='{code}']",
    "cac:AllowanceCharge[cbc:ChargeIndicator='true']/cac:TaxCategory[cbc:ID='{code}']",
)
"""Where a category stands: at lines, allowances, charges."""

RULES: Mapping[str, Callable[[Root], bool]] = {
    "BR-CO-04": lambda root: not every(root, f"({_LINES})[not({_OF_LINE}/cbc:ID)]"),
    "BR-CO-10": lambda root: total("LineExtensionAmount")(root) == rounded(
        sum(numbers(root, f"({_LINES})/cbc:LineExtensionAmount"), Decimal(0))),
    "BR-CO-11": allowed("false", "AllowanceTotalAmount"),
    "BR-CO-12": allowed("true", "ChargeTotalAmount"),
    "BR-CO-13": lambda root: total("TaxExclusiveAmount")(root) == rounded(
        total("LineExtensionAmount")(root) + total("ChargeTotalAmount")(root)
        - total("AllowanceTotalAmount")(root)),
    "BR-CO-14": sums_of_taxes,
    "BR-CO-15": lambda root: total("TaxInclusiveAmount")(root) == rounded(
        total("TaxExclusiveAmount")(root) + number(root, _TAX)),
    "BR-CO-16": payable,
    "BR-CO-17": near_rate(),
    "BR-CO-18": lambda root: any(True for _ in subtotals(root)),
    "BR-CO-21": with_reason("", "false"),
    "BR-CO-22": with_reason("", "true"),
    "BR-CO-23": with_reason(f"({_LINES})/", "false"),
    "BR-CO-24": with_reason(f"({_LINES})/", "true"),
    "BR-CO-25": due,
    **{rule: two_places(path) for rule, path in _PLACES.items()},
    **{f"BR-{code}-01": in_breakdown(code, once=code != "S") for code in "SZE"},
    **{f"BR-{code}-0{at}": numbered_seller(code, where)
       for code in "SZE" for at, where in enumerate(_USES, start=2)},
    **{f"BR-{code}-0{at}": rates(code, where)
       for code in "SZE" for at, where in enumerate(_USES, start=5)},
    **{f"BR-{code}-08": taxable(code, by_rate=code == "S") for code in "SZE"},
    "BR-S-09": near_rate("S"), "BR-Z-09": no_tax("Z"), "BR-E-09": no_tax("E"),
    "BR-S-10": exemption("S", wanted=False), "BR-Z-10": exemption("Z", wanted=False),
    "BR-E-10": exemption("E", wanted=True),
    "PEPPOL-EN16931-R051": one_currency,
    "PEPPOL-EN16931-R053": lambda root: len(every(root, "cac:TaxTotal[cac:TaxSubtotal]")) == 1,
    "PEPPOL-EN16931-R054": lambda root: len(
        every(root, "cac:TaxTotal[not(cac:TaxSubtotal)]")
    )
    == len(every(root, "cbc:TaxCurrencyCode")),
    "PEPPOL-EN16931-R120": line_amounts,
    "PEPPOL-EN16931-R121": lambda root: all(
        it > 0 for it in numbers(root, "//cac:Price/cbc:BaseQuantity")),
}  # fmt: skip
