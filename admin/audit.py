"""The audit: who changed what, chain by chain."""

from flask import Blueprint, abort, render_template

from admin import forms, paging, queries
from admin.reach import account, looking, scope_of
from hub.store import audit
from hub.store.directory import OPERATOR

desk = Blueprint("audit", __name__)


@desk.get("/audit")
def listed() -> str:
    """One chain: a merchant's, or the operator's own. Others than one's own are not there."""
    scope = scope_of(account())
    with looking() as db:
        known = audit.chains(db)
        chains = known if scope is None else [one for one in scope if one in known]
        chain = forms.arg("chain") or (OPERATOR if OPERATOR in chains else (chains or [""])[0])
        if chain not in chains and chains:
            abort(404)
        found = queries.entries(db, chain, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "audit/list.html",
        page=found,
        following=paging.following(found),
        chains=chains,
        chain=chain,
    )
