"""Whether levels are the sum of their ledgers: looked at by and by, a slice a time, all of them
again and again. A level that is not becomes an incident, which closes when a later look finds it
right. Nothing is put right here: which of the two numbers is true only a count can say.

How much is looked at at a time goes by the clock: much where the machine is free and the ledger
short, little where they are not.
"""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from hub.flows.unit import Unit
from hub.model.document import pieces
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.stock import ledger_watch
from hub.store.stock.ledger_watch import FIRST, Compared, Place, Standing

_SLICE = 500
"""Levels in one statement."""
_WHILE_S = 0.3
"""No further slice is begun after this: one look every ten seconds is a few per cent of a core."""
_REST = timedelta(minutes=15)
"""Between the end of one round and the next."""


def look(unit: Unit, most: int = _SLICE, clock: Callable[[], float] = monotonic) -> int:
    """Look at the next slices of `most` levels, as many as the time allows. Returns how many levels
    were compared; 0: it rests, or another scheduler looks. `clock`: seconds.
    """
    stands = ledger_watch.take(unit.db)
    if stands is None or (stands.rest_until is not None and unit.at < stands.rest_until):
        return 0
    began, compared = clock(), 0
    at: Place | None = stands.after
    while at is not None and (not compared or clock() - began < _WHILE_S):
        upto = ledger_watch.edge(unit.db, at, most)
        compared += _compare(unit, at, upto)
        at = upto or _next(unit, at)
    ledger_watch.keep(unit.db, Standing(at) if at else Standing(FIRST, unit.at + _REST))
    return compared


def _next(unit: Unit, at: Place) -> Place | None:
    warehouse = ledger_watch.next_warehouse(unit.db, at[0])
    return None if warehouse is None else (warehouse, "")


def _compare(unit: Unit, after: Place, upto: Place | None) -> int:
    compared = ledger_watch.compare(unit.db, after, upto)
    wrong = [level for level in compared if level.level != level.booked]
    if incidents.standing(unit.db, ["level_differs"]):
        right = [_about(level) for level in compared if level.level == level.booked]
        incidents.close(unit.db, right, ["level_differs"])
    incidents.open_new(unit.db, [_incident(level) for level in wrong])
    return len(compared)


def _about(level: Compared) -> str:
    return f"level:{level.warehouse}/{level.merchant}/{level.sku}/{level.quality}"


def _incident(level: Compared) -> Incident:
    there, booked = pieces(level.level), pieces(level.booked)
    sentence = (
        f"{level.warehouse} has {there} of {level.sku} ({level.quality}), its ledger adds up to "
        f"{booked}: something wrote past the ledger; have it counted"
    )
    detail = {
        "what": level.warehouse,
        "sku": level.sku,
        "quality": level.quality,
        "level": there,
        "sum": booked,
    }
    return Incident(level.merchant, "level_differs", _about(level), sentence, detail=detail)
