"""An invoice as a file that is handed out, by the name of its form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hub.model.invoice import Invoice, InvoiceLanguage
from mappings.ubl.page import draw
from mappings.ubl.writing import write


@dataclass(frozen=True, slots=True)
class Form:
    """A form that an invoice can be had in."""

    suffix: str
    media_type: str
    write: Callable[[Invoice, InvoiceLanguage | None], bytes]


@dataclass(frozen=True, slots=True)
class InvoiceFile:
    """An invoice as it is handed out. `headers`: of an answer that carries it."""

    raw: bytes
    headers: Mapping[str, str]


FORMS: Mapping[str, Form] = {
    "ubl": Form("xml", "application/xml", lambda invoice, _language: write(invoice)),
    "pdf": Form("pdf", "application/pdf", draw),
}


def export(invoice: Invoice, form: str, language: InvoiceLanguage | None = None) -> InvoiceFile:
    """An invoice as a file named after its number; what people read in this language, by itself in
    the invoice's own. KeyError for a form that there is not.
    """
    made = FORMS[form]
    name = f"{invoice.number}.{made.suffix}"
    headers = {
        "Content-Type": made.media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return InvoiceFile(made.write(invoice, language), headers)
