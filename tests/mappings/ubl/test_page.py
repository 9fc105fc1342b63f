"""An invoice as PDF: every amount that the UBL says stands on it, and Chinese."""

import re
import subprocess
import sys

from lxml import etree

from hub.model.invoice import Invoice
from hub.model.order import Refund
from mappings.ubl import write
from mappings.ubl.page import draw
from tests.kit.catalogue import refund
from tests.mappings.ubl.samples import credited, drawn, order, taxed

_SHOWN = re.compile(rb"/F(\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)


def texts(raw: bytes) -> list[str]:
    """What is shown, in order: two bytes a letter in the font of Chinese, else WinAnsi."""
    wide = {it[1] for it in re.finditer(rb"/F(\d+) \d+ 0 R", raw)} & _wide(raw)
    shown, font = [], b""
    for it in _SHOWN.finditer(raw):
        if it[1]:
            font = it[1]
            continue
        letters = _ESCAPED.sub(lambda e: bytes([int(e[1], 8)]) if len(e[1]) == 3 else e[1], it[2])
        shown.append(letters.decode("utf-16-be" if font in wide else "cp1252"))
    return shown


def _wide(raw: bytes) -> set[bytes]:
    return {it[1] for it in re.finditer(rb"/Name /F(\d+) /Subtype /Type0", raw)}


def amounts(invoice: Invoice) -> set[str]:
    """Every amount of the UBL."""
    return {
        str(it.text) for it in etree.fromstring(write(invoice)).iter() if "currencyID" in it.attrib
    }


def checked(invoice: Invoice) -> str:
    raw = draw(invoice)
    assert raw.startswith(b"%PDF-")
    assert draw(invoice) == raw
    shown = texts(raw)
    assert amounts(invoice) <= {it.lstrip("-") for it in shown}
    return "".join(shown)


def test_every_amount_and_both_sides_stand_on_it() -> None:
    invoice = drawn(taxed(("3", "11.90", "1.90"), ("7", "23.81", "3.80")))
    said = checked(invoice)
    for text in ("Invoice 2026-1", "2026-11-24", "EUR", "Käse & Söhne GmbH", "50667 Köln",
                 "VAT DE123456789", invoice.buyer.name, "杯子 & Tässle (S1)", "S 19%"):  # fmt: skip
        assert text in said


def test_charges_and_what_a_credit_note_corrects_stand_on_it() -> None:
    sold = order(shipping=[{"title": "Post", "price": "5.03", "total": "5.03", "tax": "0"}])
    assert "Post" in checked(drawn(sold))
    back = Refund.model_validate(refund("r1", amount="4.07"))
    note = credited(sold, back)
    said = checked(note)
    assert "Credit note 2026-2" in said
    assert "Corrects invoice2026-1" in said


def test_many_lines_go_on_over_pages_with_their_head_and_long_names_are_wrapped() -> None:
    first, *_ = (invoice := drawn(taxed(("1", "11.90", "1.90")))).lines
    lines = [first.model_copy(update={"line_no": str(at), "name": "茶" * 60}) for at in range(90)]
    raw = draw(invoice.model_copy(update={"lines": tuple(lines)}))
    shown = texts(raw)
    pages = len(re.findall(rb"/Type /Page\b", raw))
    assert pages > 3
    assert shown.count("Article") == pages - (shown[-1] != str(pages))
    assert "".join(shown).count("茶") == 90 * 60
    assert [it for it in shown if it in {"0", "45", "89"}] == ["0", "45", "89"]


def test_what_draws_is_not_loaded_before() -> None:
    said = "import sys, mappings.ubl; sys.exit('reportlab' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0
