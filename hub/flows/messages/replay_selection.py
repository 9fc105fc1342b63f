"""Many messages worked again at once, for every door alike: at most `MOST` of them in a call, of
one connection unless somebody says that all are meant. The answer says what became of each.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from hub.flows.messages import replay
from hub.flows.messages.replay import Refused
from hub.flows.unit import Unit
from hub.model.errors import SeveralConnections
from hub.rules.messages.replaying import MAY_HAVE_ARRIVED, MOST, Refusal
from hub.store.views import connections, messages
from hub.store.views.messages import Wanted

COUNTED = 10_000
"""What is left of a selection is counted no further."""
_ALL = Wanted()


@dataclass(frozen=True, slots=True)
class Selection:
    """What somebody wants worked again: all that fit (parked ones, unless a status is named), or
    those named. `every_connection`: also where they are of several. `most`: fewer than one call
    works.
    """

    wanted: Wanted = _ALL
    ids: Sequence[UUID] = ()
    every_connection: bool = False
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a selection, or would. `left`: that many more fit, `COUNTED` is that or more.
    `connections`: how many are of which; `across`: those of all that fit, what is left included.
    `paused`: what is queued there waits until these are resumed.
    """

    queued: Sequence[UUID]
    refused: Mapping[UUID, Refused]
    left: int
    connections: Mapping[str, int]
    across: Collection[str]
    paused: Sequence[str]

    def refused_as(self, reason: Refusal) -> int:
        """How many were left out for a reason."""
        return sum(1 for refusal in self.refused.values() if refusal.reason == reason)


def foresee(unit: Unit, selection: Selection) -> Outcome:
    """What a replay of these would do. Nothing is changed, nor locked."""
    chosen = _choose(unit, selection)
    rows = replay.look(unit, chosen.ids)
    refused = replay.judge(unit, rows, replay.overtaken(unit, rows), is_named=bool(selection.ids))
    return _outcome(unit, chosen, rows, refused)


def replay_selection(unit: Unit, selection: Selection, actor: str, reason: str) -> Outcome:
    """Work again what fits and may be; the others stay as they are, the overtaken are closed.
    NotFound names a message that is not there, SeveralConnections what nobody said is meant; then
    nothing is.
    """
    chosen = _choose(unit, selection)
    rows = replay.load(unit, chosen.ids) if chosen.ids else []
    check_connections(selection, _across(chosen, rows))
    refused = replay.work(unit, rows, actor, reason, is_named=bool(selection.ids))
    return _outcome(unit, chosen, rows, refused)


def crosses_unasked(selection: Selection, of: Collection[str]) -> bool:
    """Whether it touches several connections (`of`), and nobody says so or names each message."""
    return len(of) > 1 and not (selection.every_connection or selection.ids)


def check_connections(selection: Selection, of: Collection[str]) -> None:
    """SeveralConnections where it crosses them unasked."""
    if crosses_unasked(selection, of):
        raise SeveralConnections(sorted(of))


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What one call looks at, those that it leaves to be named, and how many more fit; `across`:
    then the connections of all that fit.
    """

    ids: Sequence[UUID]
    apart: Sequence[UUID]
    left: int
    across: Collection[str] = ()


def _choose(unit: Unit, selection: Selection) -> _Chosen:
    """The messages of a selection, oldest first. What may have arrived is kept apart, so that it
    does not stand before the others for ever.
    """
    most = min(selection.most, MOST)
    if selection.ids:
        ids = list(dict.fromkeys(selection.ids))
        return _Chosen(ids[:most], (), len(ids[most:]))
    wanted = replace(selection.wanted, status=selection.wanted.status or "parked")
    unsure = replace(wanted, code=MAY_HAVE_ARRIVED)
    may_be = wanted.status in messages.STANDING and wanted.code in {None, MAY_HAVE_ARRIVED}
    apart = messages.selected(unit.db, unsure, MOST) if may_be else []
    ids = messages.selected(unit.db, wanted, most + 1, but=MAY_HAVE_ARRIVED)
    if len(ids) <= most:
        return _Chosen(ids, apart, 0)
    fit = messages.count(unit.db, wanted, most + COUNTED, but=MAY_HAVE_ARRIVED)
    across = messages.connections_of(unit.db, wanted, but=MAY_HAVE_ARRIVED)
    return _Chosen(ids[:most], apart, fit - most, across)


def _across(chosen: _Chosen, rows: Sequence[Any]) -> set[str]:
    """The connections of all that fit, however few of them one call works."""
    return {*chosen.across, *(row.connection for row in rows)}


def _outcome(
    unit: Unit, chosen: _Chosen, rows: Sequence[Any], refused: Mapping[UUID, Refused]
) -> Outcome:
    queued = [row.id for row in rows if row.id not in refused]
    apart = replay.look(unit, chosen.apart) if chosen.apart else []
    unnamed = replay.judge(unit, apart, {}, is_named=False)
    return Outcome(
        queued=queued,
        refused={**refused, **unnamed},
        left=chosen.left,
        connections=dict(sorted(Counter(row.connection for row in rows).items())),
        across=_across(chosen, rows),
        paused=connections.paused(unit.db, queued) if queued else [],
    )
