"""The pages of an invoice in each language, read back as a reader of PDF reads them."""

import shutil
import subprocess

import pytest

from hub.model.invoice import LANGUAGES, Invoice, InvoiceLanguage, spoken
from hub.model.invoice.seller import REASONS
from hub.model.order import Refund
from mappings.ubl.files import export
from mappings.ubl.page import draw
from mappings.ubl.words import WORDS
from tests.kit.catalogue import refund
from tests.mappings.ubl.samples import credited, drawn, order, taxed
from tests.mappings.ubl.test_exemptions import BUSINESS, LEFT, of, says, sold
from tests.mappings.ubl.test_page import amounts

READER = shutil.which("pdftotext")

# fmt: off
SAID: dict[InvoiceLanguage, tuple[str, ...]] = {
    "en": ("Invoice 2026-1", "Seller", "Buyer", "Sum of lines", "Without tax", "To pay, EUR",
           "VAT DE123456789"),
    "de": ("Rechnung 2026-1", "Verkäufer", "Käufer", "Summe der Positionen", "Nettobetrag",
           "Zahlbetrag, EUR", "USt-IdNr. DE123456789"),
    "zh": ("发票 2026-1", "销售方", "购买方", "明细合计", "不含税金额", "应付, EUR",
           "税号 DE123456789"),
}
# fmt: on


def read(raw: bytes) -> str:
    assert READER is not None
    shown = subprocess.run(
        [READER, "-layout", "-", "-"], input=raw, capture_output=True, check=True
    )
    return shown.stdout.decode()


def plain_invoice() -> Invoice:
    return drawn(taxed(("3", "11.90", "1.90"), ("7", "23.81", "3.80")))


@pytest.mark.skipif(READER is None, reason="no pdftotext on this machine")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_finds_the_words_of_the_language_and_every_amount(
    language: InvoiceLanguage,
) -> None:
    invoice = plain_invoice()
    said = read(draw(invoice, language))
    for text in SAID[language]:
        assert text in said
    others = {word for other in LANGUAGES if other != language for word in WORDS[other].values()}
    foreign = {"Rechnung", "Käufer", "销售方", "Seller", "Taxable"} & (
        others - set(WORDS[language].values())
    )
    assert [word for word in foreign if word in said] == []
    for text in ("Käse & Söhne GmbH", "杯子 & Tässle (S1)", "S 19%", *amounts(invoice)):
        assert text in said


def test_pages_are_in_the_invoices_own_language_unless_another_is_asked_for() -> None:
    invoice = plain_invoice()
    own = invoice.model_copy(update={"language": "de"})
    assert draw(invoice) == draw(invoice, "en")
    assert draw(own) == draw(invoice, "de")
    assert draw(own, "zh") == draw(invoice, "zh")
    assert export(own, "pdf", "zh").raw == draw(invoice, "zh")
    assert export(own, "ubl", "zh").raw == export(invoice, "ubl").raw


@pytest.mark.skipif(READER is None, reason="no pdftotext on this machine")
def test_what_the_hub_names_is_translated_and_what_others_named_is_not() -> None:
    carriage = {"price": "5.03", "total": "5.03", "tax": "0"}
    assert "Versand" in read(draw(drawn(order(shipping=[carriage])), "de"))
    assert "Post" in read(draw(drawn(order(shipping=[{"title": "Post", **carriage}])), "de"))
    back = Refund.model_validate(refund("r1", amount="4.07"))
    note = credited(order(), back)
    said = read(draw(note, "zh"))
    assert "贷记通知单 2026-2" in said
    assert "对应发票" in said


def test_every_word_is_there_in_every_language() -> None:
    assert set(WORDS) == set(LANGUAGES)
    for language in LANGUAGES:
        assert all(WORDS[language].values())
        assert WORDS[language].keys() == WORDS["en"].keys()


def test_a_tag_is_the_language_it_begins_with() -> None:
    tags = ("de-AT", "DE", "zh-Hans-CN", "en", "fr", "", None)
    assert [spoken(tag) for tag in tags] == ["de", "de", "zh", "en", None, None, None]


@pytest.mark.skipif(READER is None, reason="no pdftotext on this machine")
@pytest.mark.parametrize("code", REASONS)
def test_why_no_tax_is_due_is_translated_where_the_seller_gives_no_reason(code: str) -> None:
    words = " ".join(read(draw(of(code), "de")).split())
    assert WORDS["de"][REASONS[code]] in words
    assert REASONS[code] in " ".join(read(draw(of(code), "en")).split())


@pytest.mark.skipif(READER is None, reason="no pdftotext on this machine")
def test_the_sellers_own_reason_stays_as_it_is() -> None:
    seller = says(union={"category": "K", "reason": "Steuerfreie Lieferung"})
    assert "Steuerfreie Lieferung" in read(draw(drawn(sold(customer=BUSINESS), seller, LEFT), "zh"))
