"""The words on an invoice's pages, by language. What an invoice itself says (names, reasons, notes)
stays as it is said.

Source: § 14 (4) UStG and EN 16931-1 (DIN EN 16931-1) for the German terms; GB/T 38636 and the
State Taxation Administration's 发票 for the Chinese ones.
"""

from collections.abc import Callable, Mapping

from hub.model.invoice import ENGLISH, InvoiceLanguage

Say = Callable[[str], str]
"""English -> the word in another language."""

# fmt: off
_ROWS: tuple[tuple[str, str, str], ...] = (
    # en                 de                          zh
    ("Invoice",          "Rechnung",                 "发票"),
    ("Credit note",      "Gutschrift",               "贷记通知单"),
    ("No.",              "Pos.",                     "序号"),
    ("Article",          "Artikel",                  "商品"),
    ("Quantity",         "Menge",                    "数量"),
    ("Price",            "Preis",                    "单价"),
    ("Tax",              "Steuer",                   "税"),
    ("Net",              "Netto",                    "净额"),
    ("Date",             "Rechnungsdatum",           "开票日期"),
    ("Payable until",    "Zahlbar bis",              "付款期限"),
    ("Terms",            "Zahlungsbedingungen",      "付款条件"),
    ("Pay to",           "Zahlbar an",               "收款账户"),
    ("Delivered on",     "Lieferdatum",              "交货日期"),
    ("Order",            "Bestellung",               "订单"),
    ("Your reference",   "Ihr Zeichen",              "贵方编号"),
    ("Corrects invoice", "Zu Rechnung",              "对应发票"),
    ("Currency",         "Währung",                  "币种"),
    ("Note",             "Hinweis",                  "备注"),
    ("Seller",           "Verkäufer",                "销售方"),
    ("Buyer",            "Käufer",                   "购买方"),
    ("VAT",              "USt-IdNr.",                "税号"),
    ("Reg.",             "Reg.-Nr.",                 "注册号"),
    ("Charge",           "Zuschlag",                 "附加费"),
    ("Allowance",        "Nachlass",                 "折扣"),
    ("Sum of lines",     "Summe der Positionen",     "明细合计"),
    ("Allowances",       "Nachlässe",                "折扣合计"),
    ("Charges",          "Zuschläge",                "附加费合计"),
    ("Without tax",      "Nettobetrag",              "不含税金额"),
    ("With tax",         "Bruttobetrag",             "价税合计"),
    ("Paid",             "Bereits gezahlt",          "已付"),
    ("Rounding",         "Rundung",                  "尾差"),
    ("To pay",           "Zahlbetrag",               "应付"),
    ("Tax by rate",      "Steuer je Satz",           "按税率"),
    ("Taxable",          "Steuerbasis",              "计税金额"),
    ("Shipping",         "Versand",                  "运费"),
    ("Fee",              "Gebühr",                   "手续费"),
    ("Refund",           "Erstattung",               "退款"),
    ("Reverse charge",   "Steuerschuldnerschaft des Leistungsempfängers", "逆向征收"),
    ("Intra-community supply", "Innergemeinschaftliche Lieferung", "欧盟内部供货"),
    ("Export",           "Ausfuhrlieferung",         "出口"),
    ("Not subject to VAT", "Nicht steuerbar",        "不征增值税"),
)
# fmt: on
WORDS: Mapping[InvoiceLanguage, Mapping[str, str]] = {
    "en": {row[0]: row[0] for row in _ROWS},
    "de": {row[0]: row[1] for row in _ROWS},
    "zh": {row[0]: row[2] for row in _ROWS},
}


def speaker(language: InvoiceLanguage | None) -> Say:
    """What says a word in a language; English where none is asked for."""
    return WORDS[language or ENGLISH].__getitem__
