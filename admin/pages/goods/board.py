"""The warehouse desk: how each warehouse does, and what stands there since when."""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template

from admin import forms
from admin.request_context import looking, now, store
from admin.shown import paging
from hub.flows.config import pause as flow
from hub.rules.ops.condition import Condition
from hub.store.orders import warehouse_work
from hub.store.orders.warehouse_work import UNDER_WAY, Queue
from hub.store.views import fulfilment
from hub.store.views.connections import ConnectionItem
from hub.store.views.fulfilment import Wanted

desk = Blueprint("warehouses", __name__)


@dataclass(frozen=True, slots=True)
class Place:
    """A warehouse as the board shows it."""

    connection: ConnectionItem
    condition: Condition
    queues: list[Queue]

    @property
    def count(self) -> int:
        """Fulfilment orders that have not left."""
        return sum(queue.count for queue in self.queues)


@desk.get("/warehouses")
def board() -> str:
    """All of them, those in trouble first."""
    with looking() as db:
        queues = warehouse_work.going_out(db)
        known = flow.conditions(db, now())
    places = [_place(*each, queues) for each in known if each[0].kind == "warehouse"]
    places.sort(key=lambda place: (place.condition.state == "works", place.connection.code))
    return render_template("warehouses/board.html", places=places)


@desk.get("/warehouses/<code>")
def one(code: str) -> str:
    """One with its queues, and the fulfilment orders of the queue that is looked at."""
    wanted = Wanted(warehouse=code, status=forms.choice("queue", *UNDER_WAY))
    with looking() as db:
        known = flow.conditions(db, now(), code)
        if not known or known[0][0].kind != "warehouse":
            abort(404)
        place = _place(*known[0], warehouse_work.going_out(db, code))
        page = fulfilment.fulfilment_orders(
            db, store().vault, wanted, after=paging.after(), limit=paging.SIZE
        )
    return render_template(
        "warehouses/one.html",
        place=place,
        page=page,
        following=paging.following(page),
        queue=wanted.status,
    )


def _place(connection: ConnectionItem, condition: Condition, queues: list[Queue]) -> Place:
    own = [queue for queue in queues if queue.warehouse == connection.code]
    return Place(connection, condition, own)
