"""What stands still, grouped by its cause: messages for integration staff, held orders for all."""

from flask import Blueprint, render_template

from admin.overview import by_cause
from admin.reach import looking
from hub.store.views import messages, orders

desk = Blueprint("waiting", __name__)


@desk.get("/waiting")
def listed() -> str:
    """Causes with counts, age and links to what stands still."""
    with looking() as db:
        causes = by_cause(messages.causes(db))
        holds = orders.by_hold(db)
    return render_template("waiting/list.html", causes=causes, holds=holds)
