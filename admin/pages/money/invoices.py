"""Invoices and credit notes as files. They name their buyer in clear, so that the audit says who
took one.
"""

from uuid import UUID

from flask import Blueprint, Response, abort
from werkzeug.wrappers import Response as Answer

from admin import forms
from admin.request_context import act, actor, store
from hub.flows.unit import Unit
from hub.model.invoice import LANGUAGES, Invoice, spoken
from hub.store.people import audit_trail
from hub.store.views import invoices
from mappings import ubl

desk = Blueprint("invoices", __name__)


@desk.get("/invoices/<uuid:invoice_id>")
def file(invoice_id: UUID) -> Answer:
    """An invoice or credit note in the form that is asked for, UBL where none is; what people read
    in the language that is asked for, else the invoice's own.
    """
    form = forms.choice("format", *ubl.FORMS) or "ubl"
    language = spoken(forms.choice("language", *LANGUAGES))
    made = ubl.export(act(lambda unit: _taken(unit, invoice_id, form)), form, language)
    return Response(made.raw, headers=dict(made.headers))


def _taken(unit: Unit, invoice_id: UUID, form: str) -> Invoice:
    item = invoices.one(unit.db, store().vault, invoice_id)
    if item is None:
        abort(404)
    subject, detail = f"invoice:{item.number}", {"format": form}
    audit_trail.record(
        unit.db, item.merchant, actor(), "invoice.download", subject, detail, unit.at
    )
    return item.document
