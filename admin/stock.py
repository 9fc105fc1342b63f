"""Stock: what each warehouse has, and every movement behind it."""

from flask import Blueprint, render_template

from admin import forms, paging
from admin.reach import looking
from hub.store.views import stock
from hub.store.views.stock import Wanted

desk = Blueprint("stock", __name__)


@desk.get("/stock")
def levels() -> str:
    """Levels by warehouse and SKU."""
    wanted = Wanted(
        warehouse=forms.arg("warehouse"),
        q=forms.arg("q"),
        merchant=forms.arg("merchant"),
    )
    with looking() as db:
        found = stock.levels(db, wanted, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "stock/levels.html", page=found, following=paging.following(found), wanted=wanted
    )


@desk.get("/stock/ledger")
def ledger() -> str:
    """The movements of a SKU, newest first; the level is their sum."""
    wanted = Wanted(
        warehouse=forms.arg("warehouse"),
        sku=forms.arg("sku"),
        quality=forms.arg("quality"),
        merchant=forms.arg("merchant"),
    )
    with looking() as db:
        found = stock.ledger(db, wanted, after=paging.after(), limit=paging.SIZE)
        levels = stock.levels(db, wanted).items if wanted.sku else []
    return render_template(
        "stock/ledger.html",
        page=found,
        following=paging.following(found),
        wanted=wanted,
        levels=levels,
    )
