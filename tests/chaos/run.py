"""One run: steady orders, faults by plan, then peace; then everything is judged."""

import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tests.chaos import plan, verdict
from tests.chaos.faults import KINDS, Fire
from tests.chaos.history import History
from tests.chaos.scene import Scene, open_scene
from tests.chaos.servers import has_rabbitmq
from tests.chaos.traffic import Traffic
from tests.chaos.watch import Watch
from tests.kit.world.processes import HubError

_TICK_S, _SAY_S = 0.1, 10.0
_HURRY_S = 3.0
_LONG_FROM_S = 600.0
_WARM_S = 3.0


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is to be."""

    seeds: tuple[int, ...]
    """A plan of faults is drawn from each, one after the other; `seconds` are shared out."""
    seconds: float = 120.0
    rate: float = 6.0
    """Orders a second: what two cores take beside the faults, the lines and the watching."""
    patience: float = 1.0
    settle_s: float = 240.0
    only: tuple[str, ...] = ()


def run(order: Order, folder: Path) -> dict[str, Any]:
    """The report of one run. What it wrote stays in `folder`."""
    history = History(folder)
    history.add("begun", seeds=order.seeds, seconds=order.seconds, rate=order.rate)
    with open_scene(folder, history) as scene:
        found = _Run(order, scene, history).go()
    history.add("ended", **found)
    history.close()
    return found


class _Run:
    def __init__(self, order: Order, scene: Scene, history: History) -> None:
        self._order, self._scene, self._history = order, scene, history
        self._watch = Watch(history, order.patience)
        self._fire = Fire(scene, self._watch, long=order.seconds >= _LONG_FROM_S)
        self._watch.areas = self._fire.areas
        self._traffic = Traffic(
            scene.partners.shops, scene.doors, history, rate=order.rate, seed=order.seeds[0]
        )
        self._faults = Counter[str]()
        self._said_at = 0.0

    def go(self) -> dict[str, Any]:
        unwatched = self._scene.supervise()
        self._watch.start()
        self._traffic.start()
        self._burn()
        self._traffic.enough()
        quiet_s, restless = self._settle()
        unwatched()
        self._watch.stop()
        self._traffic.close()
        self._scene.stop()
        return self._report(quiet_s, restless)

    def _burn(self) -> None:
        """Faults until the time is over, one or two at once."""
        time.sleep(_WARM_S)
        for seed in self._order.seeds:
            self._follow(seed, self._order.seconds / len(self._order.seeds))

    def _follow(self, seed: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        for one in plan.draw(seed, self._weights()):
            while not one.beside and self._fire.areas():
                self._tick()
            begin = time.monotonic() + one.gap_s
            while time.monotonic() < begin or self._collides(one.kind):
                self._tick()
                if time.monotonic() > until:
                    break
            if time.monotonic() > until:
                break
            self._faults[one.kind] += 1
            self._fire.start(one.kind, one.seed)
        self._fire.wait(180.0)

    def _weights(self) -> dict[str, int]:
        chosen = self._order.only or tuple(KINDS)
        return {
            kind: KINDS[kind].weight
            for kind in chosen
            if has_rabbitmq() or KINDS[kind].area != "broker"
        }

    def _collides(self, kind: str) -> bool:
        areas, area = self._fire.areas(), KINDS[kind].area
        if not areas:
            return False
        return "all" in {area, *areas} or area in areas or len(self._fire.names()) > 1

    def _tick(self) -> None:
        time.sleep(_TICK_S)
        if time.monotonic() - self._said_at >= _SAY_S:
            self._said_at = time.monotonic()
            self._say()

    def _say(self) -> None:
        traffic = self._traffic
        sys.stderr.write(
            f"{self._history.now():7.1f} s  {traffic.orders} orders, {traffic.left()} deliveries"
            f" not taken yet; {sum(self._faults.values())} faults,"
            f" now {', '.join(self._fire.names()) or 'none'};"
            f" awaited: {', '.join(self._watch.open()) or 'nothing'}\n"
        )
        sys.stderr.flush()

    def _settle(self) -> tuple[float, list[str]]:
        """Peace: everything must come to its end. Returns the seconds it took, and what did not."""
        scene, begun = self._scene, time.monotonic()
        self._peace()
        hurried = still = 0.0
        for _ in count():
            now = time.monotonic()
            moving = self._moving()
            if not moving and still > 2.0:
                return now - begun - still, []
            if now - begun > self._order.settle_s * self._order.patience:
                return now - begun, [f"{row}" for row in scene.hub.sql(_WHERE)] or ["?"]
            if now - hurried > _HURRY_S:
                hurried = now
                scene.hub.sql(_HURRY)
                scene.hub.sql(_HURRY_BREAKERS)
            still = 0.0 if moving else still + _TICK_S
            self._tick()
        raise AssertionError

    def _peace(self) -> None:
        """Every fault is over, whoever died lives again, what was paused is resumed."""
        scene = self._scene
        proxies = [scene.to_database, scene.to_broker, *scene.to_partners.values()]
        for proxy in proxies:
            if proxy is not None:
                proxy.go_right()
        scene.thaw()
        for server in (scene.postgres, scene.rabbit):
            if server is not None and not server.lives():
                server.start()
        scene.mend()
        for name in scene.connections:
            scene.partner(name).misbehave([])
        for name in scene.connections:
            scene.resume(name, 120.0)

    def _moving(self) -> bool:
        (row,) = self._scene.hub.sql(_MOVING)
        return bool(row.moving or self._traffic.left() or self._watch.open())

    def _report(self, quiet_s: float, restless: list[str]) -> dict[str, Any]:
        scene, watch = self._scene, self._watch
        found = verdict.judge(scene, self._traffic)
        found["G05"] = [f"not at rest: {one}" for one in restless]
        for number, reasons in found.items():
            for reason in reasons[:20]:
                sys.stderr.write(f"BROKEN {number}: {reason}\n")
        for late in [*watch.late, *self._fire.failed]:
            sys.stderr.write(f"LATE: {late}\n")
        return {
            "seed": self._order.seeds[0],
            **verdict.counts(scene),
            "faults": dict(sorted(self._faults.items())),
            "broken": verdict.numbers(found),
            "late": watch.late,
            "not_made": self._fire.failed,
            "longest_recovery_s": round(watch.longest(), 2),
            "recoveries": watch.by_kind(),
            "at_rest_after_s": round(quiet_s, 1),
            "answers": {str(key): n for key, n in sorted(self._traffic.statuses.items())},
            "for_a_person": dict(verdict.standing(scene)),
        }


def is_whole(report: dict[str, Any]) -> bool:
    """Whether nothing is broken, late or undone."""
    return not (any(report["broken"].values()) or report["late"] or report["not_made"])


def failed_to_start(error: Exception) -> str:
    """One line for a run that never began."""
    kind = "the hub" if isinstance(error, HubError) else type(error).__name__
    return f"{kind}: {str(error).splitlines()[0] if str(error) else ''}"


_MOVING = """SELECT (SELECT count(*) FROM work WHERE status NOT IN ('parked', 'waiting', 'behind'))
    + (SELECT count(*) FROM stock_dirty)
    + (SELECT count(*) FROM fulfilment_order AS f
       WHERE status NOT IN ('shipped', 'delivered', 'cancelled', 'rejected', 'short')
         AND NOT EXISTS (SELECT FROM work WHERE work.id = f.notice_id AND status = 'parked'))
    AS moving"""
_WHERE = "SELECT connection, direction, topic, status, count(*) FROM work GROUP BY 1, 2, 3, 4"
_HURRY = """UPDATE work SET due = now() WHERE status IN ('retry', 'unknown')
    AND due > now() + interval '2 s'"""
_HURRY_BREAKERS = """UPDATE partner_state
    SET breaker = jsonb_set(breaker, '{retry_at}', to_jsonb(now()))
    WHERE breaker ->> 'mode' = 'open' AND (breaker ->> 'retry_at')::timestamptz > now()"""
