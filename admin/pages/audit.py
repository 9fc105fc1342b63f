"""The audit: who changed what, chain by chain."""

from flask import Blueprint, abort, render_template

from admin import forms
from admin.request_context import account, looking, scope_of
from admin.shown import paging
from hub.model.merchant import OPERATOR
from hub.store.people import audit_trail
from hub.store.views import audit

desk = Blueprint("audit", __name__)


@desk.get("/audit")
def listed() -> str:
    """One chain: a merchant's, or the operator's own. Others than one's own are not there."""
    scope = scope_of(account())
    with looking() as db:
        known = audit_trail.chains(db)
        chains = known if scope is None else [merchant for merchant in scope if merchant in known]
        chain = forms.arg("chain") or (OPERATOR if OPERATOR in chains else (chains or [""])[0])
        if chain not in chains and chains:
            abort(404)
        page = audit.entries(db, chain, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "audit/list.html",
        page=page,
        following=paging.following(page),
        chains=chains,
        chain=chain,
    )
