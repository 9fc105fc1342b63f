"""What a run comes to: every guarantee that can be judged from outside, with what breaks it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mappings.kit.times import revision
from tests.chaos.scene import Scene
from tests.chaos.traffic import Traffic
from tests.journeys.books import INVARIANTS, broken, differences

JUDGED = ("G01", "G02", "G03", "G07", "G08", "G09", "G11", "G13", "G14", "G18", "G21", "G25")
_EXCUSED = ("unknown_outcome", "differs_at_partner")
"""Reasons to stand before a person that are as promised: where a partner contradicts itself."""

Broken = dict[str, list[str]]


def judge(scene: Scene, traffic: Traffic) -> Broken:
    """Guarantee -> what breaks it. Every judged guarantee is there, most of them empty."""
    found: Broken = {number: [] for number in (*JUDGED, *map(_number, INVARIANTS))}
    lines = scene.history.close_with(scene.partners.history())
    for name, rows in broken(scene.hub, lines).items():
        found.setdefault(_number(name), []).extend(f"{name}: {tuple(row)}" for row in rows)
    found["G01"] += _lost(scene, traffic)
    found["G14"] += _stale(scene, traffic)
    found["G21"] += [*traffic.strange, *_parked(scene), *_complaints(scene)]
    found["G25"] += scene.bad_ends
    for difference in differences(scene.hub, scene.partners):
        found["G08" if difference.endswith(" twice") else "G09"].append(difference)
    return found


def _number(name: str) -> str:
    return name.partition(" ")[0]


def numbers(found: Broken) -> dict[str, int]:
    """How often each guarantee is broken."""
    return {number: len(found[number]) for number in sorted(found)}


def _lost(scene: Scene, traffic: Traffic) -> Iterator[str]:
    """Orders that the hub answered 2xx to and does not know."""
    known = {
        (row.channel, int(row.channel_order_id))
        for row in scene.hub.sql("SELECT channel, channel_order_id FROM sales_order")
    }
    for shop, order in sorted(traffic.taken.keys() - known):
        yield f"order {order} of {shop} was taken and is not there"


def _stale(scene: Scene, traffic: Traffic) -> Iterator[str]:
    """Orders of which an older telling stands."""
    rows = scene.hub.sql("SELECT channel, channel_order_id, revision FROM sales_order")
    stored = {(row.channel, int(row.channel_order_id)): row.revision for row in rows}
    for key, at in traffic.taken.items():
        wanted = revision(datetime.fromisoformat(at))
        if key in stored and stored[key] != wanted:
            yield f"order {key[1]} of {key[0]} stands at {stored[key]}, {wanted} was taken"


def _parked(scene: Scene) -> Iterator[str]:
    """What stands before a person for a reason that no partner gave."""
    for row in scene.hub.sql(_STANDING):
        if row.code not in _EXCUSED:
            yield f"{row.n} {row.status} {row.topic} for {row.connection}: {row.code} {row.fact}"


def _complaints(scene: Scene) -> Iterator[str]:
    """Errors of the hub's own in its logs."""
    for path in sorted(scene.hub.home.glob("*.log")):
        for line in path.read_text("utf-8", "replace").splitlines():
            loud = any(f'"logger": "{name}' in line for name in _LOUD)
            if not loud and any(word in line for word in _OWN_FAULTS):
                yield f"{path.name}: {line[:400]}"


def standing(scene: Scene) -> Mapping[str, int]:
    """Messages that wait for a person, by reason."""
    return {f"{row.connection} {row.code}": row.n for row in scene.hub.sql(_STANDING)}


def counts(scene: Scene) -> dict[str, Any]:
    """The figures of a report."""
    (row,) = scene.hub.sql(_COUNTS)
    return dict(row._mapping)


_LOUD = ("celery", "gunicorn")
"""They say with a traceback what the sweep makes good, and that no database was there to start."""
_OWN_FAULTS = ("internal_error", "outcome_not_kept", "Traceback (most recent")
_STANDING = """SELECT work.connection, work.topic, work.status,
    coalesce(work.waits_for, '') AS fact, coalesce(message.error ->> 'code', '') AS code,
    count(*) AS n
    FROM work JOIN message USING (id) WHERE work.status IN ('parked', 'waiting')
    GROUP BY 1, 2, 3, 4, 5"""
_COUNTS = """SELECT (SELECT count(*) FROM message) AS messages,
    (SELECT count(*) FROM sales_order) AS orders,
    (SELECT count(*) FROM attempt WHERE number > 1) AS retries,
    (SELECT coalesce(sum(repeats), 0)::int FROM seen) AS duplicates_absorbed,
    (SELECT count(*) FROM attempt WHERE fate IN ('found', 'not_found_yet', 'not_found_there'))
      AS unknown_outcomes_asked"""
