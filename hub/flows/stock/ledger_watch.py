"""Whether levels are the sum of their ledgers: looked at by and by, a slice a time, all of them
again and again. A level that is not becomes an incident, which closes when a later look finds it
right. Nothing is put right here: which of the two numbers is true only a count can say.
"""

from datetime import timedelta

from hub.flows.unit import Unit
from hub.model.document import pieces
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.stock import ledger_watch
from hub.store.stock.ledger_watch import FIRST, Compared, Standing

_SLICE = 200
"""Places looked at in one transaction."""
_REST = timedelta(minutes=15)
"""Between the end of one round and the next."""


def look(unit: Unit, most: int = _SLICE) -> int:
    """Look at the next slice. Returns how many levels were compared; 0: it rests, or another
    scheduler looks.
    """
    stands = ledger_watch.take(unit.db)
    if stands is None or (stands.rest_until is not None and unit.at < stands.rest_until):
        return 0
    upto = ledger_watch.edge(unit.db, stands.after, most)
    compared = ledger_watch.compare(unit.db, stands.after, upto)
    wrong = [level for level in compared if level.level != level.booked]
    right = [_about(level) for level in compared if level.level == level.booked]
    incidents.close(unit.db, right, ["level_differs"])
    incidents.open_new(unit.db, [_incident(level) for level in wrong])
    done = Standing(FIRST, unit.at + _REST)
    ledger_watch.keep(unit.db, done if upto is None else Standing(upto))
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
