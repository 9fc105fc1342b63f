"""Why messages stand still: one group a cause, with its title and what would mend it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from admin.pages.codes import Question, question
from admin.shown import labels
from hub.rules.ops.condition import Condition
from hub.store.views.connections import ConnectionItem
from hub.store.views.running.traffic import Cause

Known = Mapping[str, tuple[ConnectionItem, Condition]]


@dataclass(frozen=True, slots=True)
class Group:
    """One cause. `partner`: the connection whose state it is, where that is the cause; else
    `advice` may say what to type, and `question` asks what a code means. A parked group is of one
    connection: another's is another cause.
    """

    status: str
    code: str
    title: str
    advice: str
    question: Question | None
    partner: tuple[ConnectionItem, Condition] | None
    connections: tuple[str, ...]
    count: int
    oldest: datetime
    causes: tuple[Cause, ...]


def grouped(found: Iterable[Cause], known: Known) -> list[Group]:
    """Causes, those that stop most first."""
    groups: dict[tuple[str, ...], list[Cause]] = {}
    for one in found:
        where = () if one.status == "waiting" else (one.connection,)
        groups.setdefault((one.status, one.code, *where), []).append(one)
    made = [_group(some, known) for some in groups.values()]
    return sorted(made, key=lambda one: (-one.count, one.status, one.code, one.connections))


def waits(fact: str, known: Known) -> tuple[str, str]:
    """What a message waits for, in words; and what to type so that it appears."""
    kind, _colon, rest = fact.partition(":")
    if kind == "connection":
        partner = known.get(rest)
        if partner is None or partner[1].state == "works":
            return str(_("%(what)s is paused", what=rest)), ""
        return f"{rest}: {labels.state(partner[1].state)}", ""
    if kind == "code":
        codes, _colon, rest = rest.partition(":")
        theirs, _colon, at = rest.rpartition(":")
        title = _("%(connection)s: what does “%(code)s” mean?", connection=at, code=theirs)
        return str(title), f"orderhub map code {at} {codes} {theirs} …"
    if kind == "sku":
        return str(_("Article %(sku)s is unknown", sku=rest)), ""
    return labels.label("waiting"), ""


def _group(some: Sequence[Cause], known: Known) -> Group:
    first = some[0]
    title, advice, partner = labels.cause(first.code), "", None
    if first.status == "waiting":
        title, advice = waits(first.code, known)
        kind, _colon, name = first.code.partition(":")
        partner = known.get(name) if kind == "connection" else None
    return Group(
        status=first.status,
        code=first.code,
        title=title if first.code else labels.label(first.status),
        advice=advice,
        question=question(first.code, first.direction) if first.status == "waiting" else None,
        partner=partner,
        connections=tuple(sorted({cause.connection for cause in some})),
        count=sum(cause.count for cause in some),
        oldest=min(cause.oldest for cause in some),
        causes=tuple(some),
    )
