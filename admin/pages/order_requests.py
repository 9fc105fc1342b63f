"""What people ask of an order: cancel, hold, release, reroute, and say what an article is."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.pages.orders import Unknown, seen, show, unknown
from admin.request_context import account, act, actor, scope_of, store
from admin.shown import address_form
from admin.shown.labels import label
from hub.flows.orders import correcting
from hub.flows.orders import order_requests as asks
from hub.flows.products import meanings
from hub.flows.unit import Unit
from hub.model.document import Source
from hub.model.errors import BadData, IllegalTransition
from hub.model.merchant import OPERATOR
from hub.model.plain import bad_data
from hub.model.product import Product
from hub.store.views import stock
from hub.store.views.orders import OrderItem

desk = Blueprint("order_desk", __name__)


@desk.post("/orders/<uuid:order_id>/cancel")
def cancel(order_id: UUID) -> Response:
    """Cancel it: at once, or by asking the warehouses that were told."""
    return _because(order_id, _("Say why it is cancelled."), asks.cancel)


@desk.post("/orders/<uuid:order_id>/hold")
def hold(order_id: UUID) -> Response:
    """Stop it before a warehouse works on it."""
    return _because(order_id, _("Say why it is held."), asks.hold)


@desk.post("/orders/<uuid:order_id>/release")
def release(order_id: UUID) -> Response:
    """Let it go; the reasons that are ticked no longer count."""
    waive = forms.texts("waive")
    return _asked(order_id, lambda unit: asks.release(unit, order_id, actor(), waive))


@desk.post("/orders/<uuid:order_id>/reroute")
def reroute(order_id: UUID) -> Response:
    """Plan anew what no warehouse has begun to work on."""
    return _asked(order_id, lambda unit: asks.reroute(unit, order_id, actor()))


@desk.post("/orders/<uuid:order_id>/address")
def address(order_id: UUID) -> Response | tuple[str, int]:
    """Where the goods go, as a person knows better than the channel."""
    order = seen(order_id)
    try:
        corrected = address_form.submitted(order)
        status = act(lambda unit: correcting.address(unit, order_id, corrected, actor()))
    except BadData as error:
        return show(order_id, error.problems()), 422
    except IllegalTransition as error:
        return errors.refused(error, url_for("orders.one", order_id=order_id))
    flash(
        _("The address is corrected. The order is now: %(status)s.", status=label(status)), "done"
    )
    return _back(order_id)


@desk.post("/orders/<uuid:order_id>/sku")
def sku(order_id: UUID) -> Response:
    """The channel's word for an article means a product that is known."""
    order = seen(order_id)
    unknown, merchant, meant = _line(order), _owner(order), _chosen()

    def work(unit: Unit) -> None:
        if not meant:
            raise BadData(str(_("Say which product it is.")), path="sku", code="missing_field")
        if not stock.products(unit.db, stock.Wanted(merchant=merchant, sku=meant)).items:
            raise BadData(_("%(merchant)s has no product %(sku)s.", merchant=merchant, sku=meant))
        code = unknown.code or ""
        meanings.map_sku(unit, order.channel, code, merchant, meant, actor())

    return _known(order_id, work, meant)


@desk.post("/orders/<uuid:order_id>/product")
def product(order_id: UUID) -> Response:
    """The article is a product that nobody told the hub of."""
    order = seen(order_id)
    unknown, merchant = _line(order), _owner(order)
    meant, title = unknown.line.sku or forms.text("sku", 200), forms.text("title")

    def work(unit: Unit) -> None:
        source = Source(connection="console", id=meant or "?")
        try:
            made = Product(source=source, sku=meant, title=title)
        except ValidationError as error:
            raise bad_data(error) from None
        meanings.add_products(unit, [(merchant, made)], actor())
        if unknown.line.sku is None and unknown.code:
            meanings.map_sku(unit, order.channel, unknown.code, merchant, meant, actor())

    return _known(order_id, work, meant)


def _line(order: OrderItem) -> Unknown:
    """The line that the form speaks of, where it still wants an article."""
    wanted = request.form.get("line_no")
    found = [one for one in unknown(order) if str(one.line.line_no) == wanted and one.code]
    if not found:
        abort(409)
    return found[0]


def _chosen() -> str:
    """The SKU that was picked from the list, else the one that was typed."""
    return forms.text("sku", 200) or forms.text("q", 200)


def _owner(order: OrderItem) -> str:
    """Whose product it is: the order's merchant's; on the operator's channels the one chosen."""
    if order.merchant != OPERATOR:
        return order.merchant
    chosen, scope = forms.text("merchant"), scope_of(account())
    if chosen not in store().directory().merchants or (scope is not None and chosen not in scope):
        abort(400)
    return chosen


def _known(order_id: UUID, work: Callable[[Unit], None], meant: str) -> Response:
    try:
        act(work)
    except (BadData, IllegalTransition) as error:
        return errors.refused(error, url_for("orders.one", order_id=order_id))
    flash(
        _("%(sku)s is known now; all orders that waited for it are judged anew.", sku=meant), "done"
    )
    return _back(order_id)


def _because(order_id: UUID, missing: str, ask: Callable[[Unit, UUID, str, str], str]) -> Response:
    """Ask it with the reason that was given; without one nothing is asked."""
    reason = forms.text("reason")
    if not reason:
        flash(missing, "error")
        return _back(order_id)
    return _asked(order_id, lambda unit: ask(unit, order_id, actor(), reason))


def _asked(order_id: UUID, work: Callable[[Unit], str]) -> Response:
    try:
        status = act(work)
    except (BadData, IllegalTransition) as error:
        return errors.refused(error, url_for("orders.one", order_id=order_id))
    flash(_("The order is now: %(status)s.", status=label(status)), "done")
    return _back(order_id)


def _back(order_id: UUID) -> Response:
    return redirect(url_for("orders.one", order_id=order_id), 303)
