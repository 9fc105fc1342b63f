"""Stock: what each warehouse has, and every movement behind it."""

from flask import Blueprint, render_template

from admin import forms
from admin.request_context import looking, now, store
from admin.shown import paging, stock_picture
from hub.flows.stock import explaining
from hub.flows.unit import Unit
from hub.model.errors import NotFound
from hub.model.merchant import OPERATOR
from hub.store.stock import articles
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
        page = stock.levels(db, wanted, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "stock/levels.html", page=page, following=paging.following(page), wanted=wanted
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
        page = stock.ledger(db, wanted, after=paging.after(), limit=paging.SIZE)
        levels = stock.levels(db, wanted).items if wanted.sku else []
    return render_template(
        "stock/ledger.html",
        page=page,
        following=paging.following(page),
        wanted=wanted,
        levels=levels,
    )


@desk.get("/stock/explain")
def explain() -> str:
    """Why a channel is told so many pieces of a SKU, as a picture and part by part."""
    sku, merchant, channel = forms.arg("sku"), forms.arg("merchant"), forms.arg("channel")
    directory = store().directory()
    channels = sorted(
        partner.code
        for partner in directory.connections.values()
        if partner.kind == "channel" and partner.merchant in (merchant, OPERATOR)
    )
    if not sku or not merchant or channel not in (None, "", *channels):
        raise NotFound
    with looking() as db:
        if merchant not in articles.owners(db, [sku]).get(sku, ()):
            raise NotFound
        unit = Unit(db, store().vault, directory, now())
        it = explaining.explain(unit, merchant, sku, channel or None)
    return render_template(
        "stock/explain.html",
        it=it,
        channels=channels,
        picture=stock_picture.draw(it),
        words=stock_picture.words,
    )
