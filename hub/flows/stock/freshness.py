"""Whether warehouses confirmed their stock lately enough, where the connections file says how old a
level may be (`stock_max_age_s`). What is not fresh channels are not told of, beyond their floor; a
person hears of it by an incident, which closes when all is counted again.
"""

from datetime import timedelta

from hub.flows.unit import Unit
from hub.store.config.snapshot import Connection
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.stock import freshness


def look(unit: Unit) -> None:
    """Judge the levels of all warehouses that an age is set for, and of those that it was set for
    when they were judged last.
    """
    standing = {row.subject for row in incidents.standing(unit.db, ["stock_not_fresh"])}
    for code, partner in sorted(unit.directory.connections.items()):
        if "stock_max_age_s" in partner.options or f"stock:{code}" in standing:
            _judge(unit, partner)


def _judge(unit: Unit, partner: Connection) -> None:
    seconds = partner.options.get("stock_max_age_s")
    before = unit.at - timedelta(seconds=seconds) if seconds else None
    late = freshness.judge(unit.db, partner.code, before)
    about = f"stock:{partner.code}"
    said = [_incident(partner, about, late, seconds)] if late and seconds else []
    incidents.settle(unit.db, ["stock_not_fresh"], said, subject=about)


def _incident(partner: Connection, about: str, late: int, seconds: int) -> Incident:
    sentence = (
        f"{partner.code} did not count {late} levels for {seconds} s: channels are told their floor"
    )
    detail = {"what": partner.code, "levels": late, "seconds": seconds}
    return Incident(partner.merchant, "stock_not_fresh", about, sentence, detail=detail)
